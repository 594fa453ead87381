import Foundation
internal import Sealing

/// Reads a file line by line, and its length and digest on the way.
struct LineFile {
  private static let chunkByteCount = 1 << 20

  let path: String

  /// Calls a body with every line, without its line feed.
  ///
  /// - Parameters:
  ///   - lineByteCountMaximum: Longest line to hand out whole; longer ones are cut there.
  ///   - body: Takes a line.
  /// - Returns: Length and SHA-256 of the file, and whether it ends with a line feed or is empty.
  /// - Throws: ``AuditingError`` `.unreadable`; whatever the body throws.
  func forEachLine(
    lineByteCountMaximum: Int, _ body: ([UInt8]) throws -> Void
  ) throws -> (byteCount: Int, digest: [UInt8], isEnded: Bool) {
    let unreadable = AuditingError(
      .unreadable, "`\(path)` cannot be read; check that it is there and readable")
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      !isDirectory.boolValue, let handle = FileHandle(forReadingAtPath: path)
    else { throw unreadable }
    defer { try? handle.close() }
    var hasher = SHA256.Hasher()
    var byteCount = 0
    var line: [UInt8] = []
    while true {
      guard let chunk = try? handle.read(upToCount: Self.chunkByteCount) ?? Data() else {
        throw unreadable
      }
      guard !chunk.isEmpty else { break }
      let bytes = [UInt8](chunk)
      hasher.update(bytes)
      byteCount += bytes.count
      var rest = bytes[...]
      while let end = rest.firstIndex(of: 0x0A) {
        line += rest[..<end].prefix(max(0, lineByteCountMaximum - line.count))
        try body(line)
        line.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      line += rest.prefix(max(0, lineByteCountMaximum - line.count))
    }
    let isEnded = line.isEmpty
    if !isEnded { try body(line) }
    return (byteCount, hasher.finalize(), isEnded)
  }

  /// Reads a small file whole.
  ///
  /// - Throws: ``AuditingError`` `.unreadable`.
  static func whole(_ path: String, byteCountMaximum: Int) throws -> [UInt8] {
    guard let handle = FileHandle(forReadingAtPath: path),
      let data = try? handle.read(upToCount: byteCountMaximum + 1) ?? Data(),
      data.count <= byteCountMaximum
    else {
      throw AuditingError(
        .unreadable, "`\(path)` cannot be read, or is larger than \(byteCountMaximum) bytes")
    }
    return [UInt8](data)
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Splits a file into lines in constant memory; a line that is too long is read over and not kept.
struct LineReader {
  /// What a call to ``next()`` found.
  enum Found {
    /// A line, in ``line``.
    case line
    /// A line that cannot be taken.
    case fault(RowFault)
    /// The end of the file.
    case end
  }

  private static let lineFeed = UInt8(ascii: "\n")

  private var cursor: ChunkCursor
  /// The bytes of the line, without its line feed.
  private(set) var bytes: [UInt8] = []
  /// Number of the line, from 1.
  private(set) var number = 0
  /// Offset of the line in the file.
  private(set) var offset = 0
  /// Whether a line feed ended the line; without one the file may be cut off.
  private(set) var isTerminated = true

  init(_ source: any ByteSource, file: String) throws {
    cursor = try ChunkCursor(source, file: file)
  }

  /// Memory held for the line at hand, in bytes; bounded whatever the file does.
  var heldByteCount: Int { bytes.capacity + cursor.chunk.capacity }

  /// Reads the next line that is not blank.
  mutating func next() throws -> Found {
    while try cursor.fill() {
      number += 1
      offset = cursor.offset(of: cursor.position)
      let isKept = try readLine()
      guard isKept else { return .fault(RowFault(.recordTooLong)) }
      if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      return checkedLine()
    }
    return .end
  }

  private mutating func readLine() throws -> Bool {
    bytes.removeAll(keepingCapacity: true)
    isTerminated = false
    var isKept = true
    repeat {
      let chunk = cursor.chunk
      let start = cursor.position
      let end = lineEnd(in: chunk, from: start)
      if isKept, bytes.count + end - start > IntakeLimit.recordByteCount {
        isKept = false
        bytes = []
      }
      if isKept { bytes.append(contentsOf: chunk[start..<end]) }
      isTerminated = end < chunk.count
      cursor.position = isTerminated ? end + 1 : end
    } while try !isTerminated && cursor.fill()
    return isKept
  }

  /// Index of the next line feed, or of the chunk's end.
  private func lineEnd(in chunk: [UInt8], from start: Int) -> Int {
    unsafe chunk.withUnsafeBytes { bytes in
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
      guard let base = rest.baseAddress,
        let found = unsafe memchr(base, Int32(Self.lineFeed), rest.count)
      else { return chunk.count }
      return unsafe start + (UnsafeRawPointer(found) - base)
    }
  }

  private func checkedLine() -> Found {
    var high: UInt8 = 0
    for byte in bytes { high |= byte }
    guard high >= 0x80 else { return .line }
    var check = UTF8Check()
    let bad = check.firstFault(in: bytes, 0..<bytes.count, chunkOffset: offset)
    if bad != nil || check.isInsideSequence {
      return .fault(RowFault(.notUTF8, byteOffset: check.sequenceOffset))
    }
    return .line
  }
}

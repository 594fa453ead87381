/// Gives the bytes of a data file one chunk at a time.
///
/// Files and standard input are read by ``FileByteSource``, bytes in memory by
/// ``MemoryByteSource``.
public protocol ByteSource: AnyObject {
  /// Replaces the contents of `buffer` with the next chunk; leaves it empty at the end.
  ///
  /// - Parameter buffer: Reused from call to call, so that reading needs no new memory.
  /// - Throws: ``IntakeError`` with code `unreadable`.
  func read(into buffer: inout [UInt8]) throws
}

/// Gives bytes that are in memory already.
public final class MemoryByteSource: ByteSource {
  private let bytes: [UInt8]
  private let chunkByteCount: Int
  private var position = 0

  /// Creates a source.
  ///
  /// - Parameters:
  ///   - bytes: What to give.
  ///   - chunkByteCount: Size of one chunk, at least 1.
  public init(_ bytes: [UInt8], chunkByteCount: Int = IntakeLimit.chunkByteCount) {
    self.bytes = bytes
    self.chunkByteCount = max(1, chunkByteCount)
  }

  /// Gives the next chunk.
  public func read(into buffer: inout [UInt8]) {
    let end = min(bytes.count, position + chunkByteCount)
    buffer.removeAll(keepingCapacity: true)
    buffer.append(contentsOf: bytes[position..<end])
    position = end
  }
}

/// Walks over the chunks of a source, counting bytes.
struct ChunkCursor {
  private let source: any ByteSource
  /// The chunk at hand.
  private(set) var chunk: [UInt8] = []
  /// Where reading goes on in the chunk.
  var position = 0
  /// Offset of the chunk's first byte in the file.
  private(set) var chunkOffset = 0
  private var isAtEnd = false

  /// Reads the first chunk and steps over a UTF-8 byte order mark.
  init(_ source: any ByteSource, file: String) throws {
    self.source = source
    while chunk.count < 3, !isAtEnd {
      var more: [UInt8] = []
      try source.read(into: &more)
      isAtEnd = more.isEmpty
      chunk += more
    }
    if chunk.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    if chunk.starts(with: [0xFF, 0xFE]) || chunk.starts(with: [0xFE, 0xFF]) {
      throw IntakeError(.wrongEncoding, "\(file): the file is UTF-16; convert it to UTF-8")
    }
  }

  /// Offset in the file of the byte at `index` of the chunk.
  func offset(of index: Int) -> Int { chunkOffset + index }

  /// Makes sure that a byte is at `position`; false at the end of the file.
  mutating func fill() throws -> Bool {
    if position < chunk.count { return true }
    guard !isAtEnd else { return false }
    chunkOffset += chunk.count
    position = 0
    try source.read(into: &chunk)
    isAtEnd = chunk.isEmpty
    return !isAtEnd
  }
}

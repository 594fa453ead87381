import Foundation

/// A file of one block, overwritten in place and made durable: what the disk asks for a promise.
///
/// It is the peer of a step whose cost is waiting for the disk: so many waits and nothing else.
final class DurableFile {
  private static let blockByteCount = 4096

  private let file: FileHandle
  private let block = [UInt8](repeating: 0x5A, count: blockByteCount)

  init(_ path: String) throws {
    try Data(count: Self.blockByteCount).write(to: URL(fileURLWithPath: path))
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.synchronize()
  }

  deinit {
    try? file.close()
  }

  /// Writes the block and waits for the disk, so many times.
  func write(times: Int) throws {
    for _ in 0..<times {
      let written = unsafe pwrite(file.fileDescriptor, block, block.count, 0)
      guard written == block.count, fdatasync(file.fileDescriptor) == 0 else {
        throw BenchError(message: "the disk does not take a block of 4 KiB")
      }
    }
  }
}

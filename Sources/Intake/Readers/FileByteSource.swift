#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads a file, a pipe or standard input.
public final class FileByteSource: ByteSource {
  private let descriptor: CInt
  private let path: String
  private let closesAtEnd: Bool

  /// Opens a file for reading.
  ///
  /// - Parameter path: The file; `-` is standard input.
  /// - Throws: ``IntakeError`` with code `unreadable`.
  public init(path: String) throws {
    self.path = path
    closesAtEnd = path != "-"
    descriptor = closesAtEnd ? unsafe open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
    guard descriptor >= 0 else {
      throw IntakeError(.unreadable, "\(path): cannot be opened for reading; \(lastSystemError())")
    }
  }

  deinit { if closesAtEnd { _ = close(descriptor) } }

  /// Reads the next chunk, at most ``IntakeLimit/chunkByteCount`` bytes.
  public func read(into buffer: inout [UInt8]) throws {
    let missing = IntakeLimit.chunkByteCount - buffer.count
    if missing > 0 {
      buffer.append(contentsOf: repeatElement(0, count: missing))
    }
    var count = 0
    repeat {
      count = unsafe buffer.withUnsafeMutableBytes { bytes in
        #if canImport(Glibc)
          unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
        #else
          unsafe Darwin.read(descriptor, bytes.baseAddress, bytes.count)
        #endif
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else {
      throw IntakeError(.unreadable, "\(path): reading failed; \(lastSystemError())")
    }
    buffer.removeLast(buffer.count - count)
  }

  /// Reads a whole small file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - maximumByteCount: Reading stops with an error beyond this size.
  /// - Returns: The file's bytes.
  /// - Throws: ``IntakeError`` with code `unreadable` or `tooLarge`.
  public static func contents(
    of path: String, maximumByteCount: Int = IntakeLimit.policyByteCount
  ) throws -> [UInt8] {
    let source = try FileByteSource(path: path)
    var all: [UInt8] = []
    var chunk: [UInt8] = []
    repeat {
      try source.read(into: &chunk)
      all += chunk
      guard all.count <= maximumByteCount else {
        throw IntakeError(.tooLarge, "\(path): larger than \(maximumByteCount) bytes")
      }
    } while !chunk.isEmpty
    return all
  }
}

/// What the system said about the last failed call, such as "no such file or directory".
func lastSystemError() -> String {
  guard let text = unsafe strerror(errno) else { return "error \(errno)" }
  return unsafe String(cString: text).lowercased()
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A new file that only its owner may read.
final class FileWriter {
  private let descriptor: CInt
  private let path: String

  /// Creates the file with mode 0600; never through a link, and over one that exists only when
  /// told.
  init(creating path: String, replacing: Bool = false) throws {
    self.path = path
    let mode = replacing ? O_TRUNC : O_EXCL
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | mode | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST {
        throw IntakeError(.alreadyExists, "\(path): exists already; move it away")
      }
      throw IntakeError(.unwritable, "\(path): cannot be created; \(lastSystemError())")
    }
  }

  deinit { _ = close(descriptor) }

  /// Whether a path is taken, by whatever it may be.
  static func exists(_ path: String) -> Bool {
    unsafe faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0
  }

  /// Makes sure that a file can be created here.
  static func requireCreatable(_ path: String) throws {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard unsafe access(directory, W_OK | X_OK) == 0 else {
      throw IntakeError(.unwritable, "\(path): cannot be created; \(lastSystemError())")
    }
  }

  /// Writes all bytes.
  func write(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        #if canImport(Glibc)
          return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
        #else
          return unsafe Darwin.write(descriptor, rest.baseAddress, rest.count)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw IntakeError(.unwritable, "\(path): writing failed; \(lastSystemError())")
      }
      done += count
    }
  }

  /// Waits until the disk has the file.
  func synchronise() throws {
    guard fsync(descriptor) == 0 else {
      throw IntakeError(.unwritable, "\(path): not safely on disk; \(lastSystemError())")
    }
  }
}

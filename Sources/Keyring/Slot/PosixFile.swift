internal import Sealing

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Calls open(2), giving a new file mode 0600.
///
/// Free-standing, since the type below has an `open` of its own.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 {
  unsafe open(path, flags, 0o600)
}

/// Calls rename(2), for the same reason.
private func systemRename(_ path: String, _ final: String) -> Int32 {
  unsafe rename(path, final)
}

/// Owns a file descriptor; closed, and its lock released, when the value goes away.
///
/// Secrets are read and written straight from locked memory, so that no copy stays in buffers of
/// this process.
struct PosixFile: ~Copyable {
  /// What the file is, as fstat(2) tells.
  struct Status {
    let isRegular: Bool
    let mode: UInt32
    let owner: UInt32
    let byteCount: Int
    let linkCount: Int
  }

  let path: String
  let status: Status
  private let descriptor: Int32

  private init(path: String, descriptor: Int32, purpose: String) throws {
    var info = stat()
    guard unsafe fstat(descriptor, &info) == 0 else {
      let text = Self.errorText()
      close(descriptor)
      throw KeyringError(.storage, "\(purpose) `\(path)`: \(text)")
    }
    self.path = path
    self.descriptor = descriptor
    status = Status(
      isRegular: info.st_mode & S_IFMT == S_IFREG, mode: info.st_mode & 0o7777,
      owner: info.st_uid, byteCount: Int(info.st_size), linkCount: Int(info.st_nlink))
  }

  deinit {
    close(descriptor)
  }

  /// Creates a file of mode 0600 where nothing exists yet.
  static func create(_ path: String, purpose: String) throws -> PosixFile {
    try open(path, flags: O_RDWR | O_CREAT | O_EXCL, purpose)
  }

  /// Opens an existing file.
  static func open(
    _ path: String, forWriting: Bool, followsLinks: Bool, purpose: String
  ) throws -> PosixFile {
    let access = forWriting ? O_RDWR : O_RDONLY
    return try open(path, flags: access | (followsLinks ? 0 : O_NOFOLLOW), purpose)
  }

  private static func open(_ path: String, flags: Int32, _ purpose: String) throws -> PosixFile {
    let descriptor = systemOpen(path, flags | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code: KeyringError.Code =
        switch errno {
        case EACCES, ELOOP: .permission
        case ENOENT where flags & O_CREAT == 0: .unavailable
        default: .storage
        }
      throw KeyringError(code, "\(purpose) `\(path)` cannot be opened: \(errorText())")
    }
    return try PosixFile(path: path, descriptor: descriptor, purpose: purpose)
  }

  /// Refuses a file that others may read or that is not ours.
  borrowing func requirePrivate(purpose: String) throws {
    guard status.isRegular else {
      throw KeyringError(.permission, "\(purpose) `\(path)` is not a regular file")
    }
    guard status.owner == geteuid() else {
      throw KeyringError(
        .permission, "\(purpose) `\(path)` belongs to user \(status.owner), not to this process")
    }
    guard status.mode & 0o077 == 0 else {
      throw KeyringError(
        .permission,
        "\(purpose) `\(path)` has mode \(String(status.mode, radix: 8)); "
          + "let nobody else read it: `chmod 600`")
    }
  }

  /// Takes the advisory lock that makes one call on the file atomic among processes.
  borrowing func lock(exclusively: Bool) throws {
    while flock(descriptor, exclusively ? LOCK_EX : LOCK_SH) != 0 {
      guard errno == EINTR else { throw failure("cannot be locked") }
    }
  }

  /// Reads exactly `count` bytes into locked memory.
  borrowing func read(_ count: Int, at offset: Int) throws -> SecretBytes {
    var bytes = try SecretBytes(zeroCount: count)
    let done = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(descriptor, buffer.baseAddress, count, offset)
    }
    guard done == count else { throw failure("cannot be read") }
    return bytes
  }

  /// Writes all bytes in place.
  borrowing func write(_ bytes: borrowing SecretBytes, at offset: Int) throws {
    let count = bytes.count
    let done = unsafe bytes.withUnsafeBytes { buffer in
      unsafe pwrite(descriptor, buffer.baseAddress, count, offset)
    }
    guard done == count else { throw failure("cannot be written") }
  }

  /// Waits until the bytes are on the device.
  borrowing func sync() throws {
    guard fdatasync(descriptor) == 0 else { throw failure("cannot be synced") }
  }

  private borrowing func failure(_ what: String) -> KeyringError {
    KeyringError(.storage, "`\(path)` \(what): \(Self.errorText())")
  }

  private static func errorText() -> String {
    guard let text = unsafe strerror(errno) else { return "error \(errno)" }
    return unsafe String(cString: text)
  }
}

extension PosixFile {
  /// Puts a file in the place of another, in one step.
  static func rename(_ path: String, to final: String) throws {
    guard systemRename(path, final) == 0 else {
      throw KeyringError(.storage, "`\(final)` cannot be replaced: \(errorText())")
    }
  }

  /// Makes the name of a new file durable.
  static func syncDirectory(of path: String) throws {
    let directory = FilePlace.parent(of: path)
    let descriptor = systemOpen(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw KeyringError(.storage, "directory `\(directory)` cannot be opened: \(errorText())")
    }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw KeyringError(.storage, "directory `\(directory)` cannot be synced: \(errorText())")
    }
  }
}

import Foundation

/// Lets one process at a time publish a log; everything else goes on meanwhile.
enum PublicationLock {
  /// How long one waits for another's publication, in seconds.
  static let waitSecondsMaximum = 120.0
  /// How long one waits before asking again, in microseconds.
  static let pollMicroseconds: UInt32 = 20_000

  /// Runs a body under the lock, which is one of the directory itself and leaves no file behind.
  ///
  /// - Throws: ``VaultError`` `.storage` when another one does not come to its end; whatever the
  ///   body throws.
  static func holding<R>(_ directory: String, _ body: () throws -> R) throws -> R {
    let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw VaultError(.storage, "`\(directory)` cannot be opened; check the permissions")
    }
    // Closing gives the lock back.
    defer { close(descriptor) }
    let end = ContinuousClock.now + .seconds(waitSecondsMaximum)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < end else {
        throw VaultError(
          .storage,
          "another process publishes the log of `\(directory)` and does not come to an end; repeat "
            + "when it is done")
      }
      usleep(pollMicroseconds)
    }
    return try body()
  }
}

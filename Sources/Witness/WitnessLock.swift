internal import Foundation
internal import Synchronization

/// Lets one decision at a time happen to a witness's state, of all threads and all processes.
final class WitnessLock: Sendable {
  /// Longest wait for another process, in milliseconds.
  static let waitMilliseconds = 5000
  /// Time between two tries, in milliseconds.
  static let pauseMilliseconds: Int32 = 10

  private let path: String
  private let waitMilliseconds: Int
  private let threads = Mutex(())

  /// Names the lock file; it is made at the first use.
  init(_ path: String, waitMilliseconds: Int = WitnessLock.waitMilliseconds) {
    self.path = path
    self.waitMilliseconds = waitMilliseconds
  }

  /// Runs a body while nobody else does.
  ///
  /// - Throws: ``WitnessError`` `.unavailable` when another process holds the lock too long;
  ///   whatever the body throws.
  func withLock<Result>(_ body: () throws -> Result) throws -> Result {
    try threads.withLock { _ in
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw WitnessFiles.unwritable(path) }
      // Closing gives the lock back, also when the process dies.
      defer { close(descriptor) }
      var tries = waitMilliseconds / Int(Self.pauseMilliseconds)
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else { throw WitnessFiles.unwritable(path) }
        guard tries > 0 else {
          throw WitnessError(.unavailable, "`\(path)` is held by another process; try again")
        }
        tries -= 1
        _ = poll(nil, 0, Self.pauseMilliseconds)
      }
      return try body()
    }
  }
}

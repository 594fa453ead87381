import Foundation

/// Waits for SIGTERM or SIGINT, so that a command that keeps running stops between two rounds.
///
/// The signals are held back from the moment this is made; make it before any thread.
struct StopSignal {
  private let signals: sigset_t

  /// Holds the signals back from now on.
  init() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    self.signals = signals
  }

  /// Waits for a number of seconds, or less when a signal comes or has come.
  ///
  /// - Returns: False when it is time to stop.
  func wait(seconds: Int) -> Bool {
    var set = signals
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      let left = end - ContinuousClock.now
      guard left > .zero else { return true }
      let parts = left.components
      var time = timespec(
        tv_sec: Int(parts.seconds), tv_nsec: Int(parts.attoseconds / 1_000_000_000))
      if unsafe sigtimedwait(&set, nil, &time) > 0 { return false }
      guard errno == EAGAIN || errno == EINTR else { return true }
    }
  }
}

import Foundation

/// Threads of their own, for what blocks: the pool of `concurrentPerform` has as many as there are
/// processors, and these would wait for each other.
public enum Crowd {
  /// Runs a body once on each of as many threads, and waits for all.
  public static func run(threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchSemaphore(value: 0)
    for number in 0..<threads {
      Thread {
        body(number)
        done.signal()
      }.start()
    }
    for _ in 0..<threads { done.wait() }
  }
}

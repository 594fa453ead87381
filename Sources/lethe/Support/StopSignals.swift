import Foundation
import Synchronization

/// Runs work that goes on until somebody ends it.
enum StopSignals {
  private static let signals = [SIGTERM, SIGINT]

  /// Runs a body and cancels it at SIGTERM or SIGINT; a second signal ends the process at once.
  ///
  /// - Throws: Whatever the body throws, but for its cancellation.
  static func run(_ body: @escaping @Sendable () async throws -> Void) throws {
    let outcome = Mutex<Result<Void, any Error>>(.success(()))
    let ended = DispatchSemaphore(value: 0)
    let task = Task {
      do {
        try await body()
      } catch is CancellationError {
        // Asked for.
      } catch {
        outcome.withLock { $0 = .failure(error) }
      }
      ended.signal()
    }
    let sources = signals.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        for number in signals { signal(number, SIG_DFL) }
        task.cancel()
      }
      source.resume()
      return source
    }
    ended.wait()
    for source in sources { source.cancel() }
    for number in signals { signal(number, SIG_DFL) }
    try outcome.withLock { $0 }.get()
  }
}

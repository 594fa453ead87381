import Synchronization

/// Counts how often a wire was used.
final class MemoryWire: Sendable {
  private let calls = Mutex(0)

  var callCount: Int { calls.withLock { $0 } }

  func count() { calls.withLock { $0 += 1 } }
}

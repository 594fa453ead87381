internal import FlyingSocks
internal import Foundation
internal import Synchronization

/// Waits for sockets, and gives up on a client that keeps the server waiting.
///
/// FlyingFox limits how long a handler takes, not how long a head or the next request takes to
/// come. Every wait of a connection passes here, so here is where idle connections end and where
/// their number is bounded.
struct PatientPool: AsyncSocketPool {
  /// Most connections that wait at a time.
  static let waitingCountMaximum = 256

  private let base: any AsyncSocketPool
  private let idle: Duration
  private let waiting = Counter()

  /// Wraps a pool.
  init(_ base: any AsyncSocketPool, idle: Duration) {
    self.base = base
    self.idle = idle
  }

  func prepare() async throws { try await base.prepare() }

  func run() async throws { try await base.run() }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    guard !Self.isListening(socket) else {
      return try await base.suspendSocket(socket, untilReadyFor: events)
    }
    guard waiting.enter(limit: Self.waitingCountMaximum) else { throw SocketError.disconnected }
    defer { waiting.leave() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await base.suspendSocket(socket, untilReadyFor: events) }
      group.addTask {
        try await Task.sleep(for: idle)
        throw SocketError.disconnected
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Whether a socket waits for connections and not for bytes.
  private static func isListening(_ socket: Socket) -> Bool {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &value, &length) == 0
      && value != 0
  }

  /// Counts who is inside.
  private final class Counter: Sendable {
    private let count = Mutex(0)

    func enter(limit: Int) -> Bool {
      count.withLock { count in
        guard count < limit else { return false }
        count += 1
        return true
      }
    }

    func leave() { count.withLock { $0 -= 1 } }
  }
}

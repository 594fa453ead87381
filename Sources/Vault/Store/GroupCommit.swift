import Foundation
internal import GRDB
internal import Synchronization

/// Lets acts of concurrent threads share one transaction, and so one wait for the disk.
///
/// A thread that comes while nobody writes writes at once. Those that come during its commit wait,
/// and the first of them then writes for all. An act that fails is rolled back alone; when the
/// commit itself fails, none of the acts has happened and every thread is told so.
final class GroupCommit: Sendable {
  /// Most acts of one transaction.
  static let actsMaximum = 256

  private struct State {
    var waiting: [Act] = []
    var isWriting = false
  }

  private let queue: DatabaseQueue
  private let state = Mutex(State())

  init(_ queue: DatabaseQueue) {
    self.queue = queue
  }

  /// Runs a body in a transaction that others may share.
  ///
  /// - Parameter body: The act; it must not write through this or the queue again.
  /// - Returns: What the body returns, durable.
  /// - Throws: What the body throws, or why the transaction could not be committed.
  func write<R>(_ body: (Database) throws -> R) throws -> R {
    var result: R?
    try withoutActuallyEscaping({ (database: Database) throws in result = try body(database) }) {
      let act = Act($0)
      let isFirst = state.withLock { state in
        state.waiting.append(act)
        defer { state.isWriting = true }
        return !state.isWriting
      }
      if isFirst || act.waitIsTurn() { lead() }
      try act.outcome.get()
    }
    guard let result else { preconditionFailure("an act without outcome") }
    return result
  }

  /// Writes for everybody who waits, and hands the lead on to one who came meanwhile.
  private func lead() {
    let acts = state.withLock { state in
      let acts = Array(state.waiting.prefix(Self.actsMaximum))
      state.waiting.removeFirst(acts.count)
      return acts
    }
    do {
      try queue.write { database in
        if acts.count == 1 { return try acts[0].run(database) }
        for act in acts { try act.runAlone(database) }
      }
    } catch {
      for act in acts { act.fail(error) }
    }
    // Whoever leads next is told first: the acts here may go on and come back at once.
    let next = state.withLock { state in
      state.isWriting = !state.waiting.isEmpty
      return state.waiting.first
    }
    next?.lead()
    for act in acts { act.finish() }
  }
}

/// One thread's act, waiting for its transaction.
///
/// The thread that asked for it sleeps while another runs it, so the two never touch it together;
/// the semaphore orders what they see.
private final class Act: @unchecked Sendable {
  private var body: ((Database) throws -> Void)?
  private let wake = DispatchSemaphore(value: 0)
  private var isTurn = false
  private(set) var outcome: Result<Void, any Error> = .success(())

  init(_ body: @escaping (Database) throws -> Void) {
    self.body = body
  }

  /// Runs the act as the only one of its transaction.
  func run(_ database: Database) throws {
    try body?(database)
  }

  /// Runs the act so that its failure undoes nothing of the others.
  func runAlone(_ database: Database) throws {
    do {
      try database.inSavepoint {
        try body?(database)
        return .commit
      }
    } catch {
      // A full disk ends the whole transaction; then nobody's act has happened.
      guard database.isInsideTransaction else { throw error }
      outcome = .failure(error)
    }
  }

  func fail(_ error: any Error) { outcome = .failure(error) }

  /// Sleeps until the act is done, or until this thread has to write.
  ///
  /// - Returns: Whether it has to write.
  func waitIsTurn() -> Bool {
    wake.wait()
    return isTurn
  }

  func lead() {
    isTurn = true
    wake.signal()
  }

  /// Wakes the thread; the body is its own, and nobody may hold it any longer.
  func finish() {
    body = nil
    wake.signal()
  }
}

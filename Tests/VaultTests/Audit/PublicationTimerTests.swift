import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Publishing over and over, with a time that tests make.
@Suite struct PublicationTimerTests {
  private struct Failure: Error {}

  /// Runs rounds with given outcomes until they are used up.
  private static func run(_ outcomes: [Bool]) throws -> (waits: [Int], failures: [Int]) {
    var left = outcomes[...]
    var waits: [Int] = []
    var failures: [Int] = []
    let timer = PublicationTimer(
      seconds: 7,
      publish: {
        guard left.removeFirst() else { throw Failure() }
        return PublishedLog(size: 1, root: .emptyRoot)
      },
      wait: {
        waits.append($0)
        return !left.isEmpty
      },
      tell: {
        if case .failed(_, let count) = $0 { failures.append(count) } else { failures.append(0) }
      })
    #expect(try timer.run() == outcomes.count)
    return (waits, failures)
  }

  @Test func everyRoundIsToldAndWaitedFor() throws {
    let (waits, failures) = try Self.run([true, true, true])
    #expect(waits == [7, 7, 7] && failures == [0, 0, 0])
  }

  @Test func failuresAreCountedInARow() throws {
    let (_, failures) = try Self.run([false, false, true, false, true])
    #expect(failures == [1, 2, 0, 1, 0])
  }

  @Test func tooManyFailuresEndIt() throws {
    var told = 0
    let timer = PublicationTimer(
      seconds: 1, publish: { throw Failure() }, wait: { _ in true }, tell: { _ in told += 1 })
    #expect(throws: Failure.self) { try timer.run() }
    #expect(told == PublicationTimer.failuresMaximum)
  }

  @Test func aTimerPublishesWhatComesBetweenItsRounds() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    var sizes: [Int] = []
    var rounds = 0
    try PublicationTimer(
      seconds: 60, publish: { try vault.publishLog(patience: .publication) },
      wait: { _ in
        rounds += 1
        try? vault.addEntries(rounds)
        return rounds < 4
      },
      tell: { if case .published(let log) = $0 { sizes.append(log.size) } }
    ).run()
    #expect(zip(sizes, sizes.dropFirst()).map { $1 - $0 } == [1, 2, 3])
    #expect(try vault.report().isValid)
  }
}

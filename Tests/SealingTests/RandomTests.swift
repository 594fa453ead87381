import TestSupport
import Testing

@testable import Sealing

/// A nonce that comes twice under one key gives both plaintexts away.
@Suite struct RandomTests {
  /// The first eight bytes of a 12-byte draw; a repeated nonce repeats them.
  private func draw(_ random: SystemRandom) throws -> UInt64 {
    var nonce = (UInt64(0), UInt32(0))
    try unsafe withUnsafeMutableBytes(of: &nonce) { buffer in
      try unsafe random.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[..<12]))
    }
    return nonce.0
  }

  @Test func millionDrawsAreDifferent() throws {
    let random = SystemRandom()
    var seen = Set<UInt64>(minimumCapacity: 1_000_000)
    for index in 0..<1_000_000 {
      seen.insert(try draw(random))
      if index % 997 == 0 { random.dropPool() }
    }
    #expect(seen.count == 1_000_000)
  }

  @Test func parallelDrawsAreDifferent() async throws {
    let random = SystemRandom()
    let perTask = 20_000
    let all = try await withThrowingTaskGroup(of: [UInt64].self) { group in
      for _ in 0..<4 {
        group.addTask { try (0..<perTask).map { _ in try self.draw(random) } }
      }
      return try await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
    }
    #expect(all.count == 4 * perTask)
  }

  @Test(arguments: [0, 1, 12, 32, 1024, 1025, 4096, 4097, 100_000])
  func everyLengthIsFilled(count: Int) throws {
    let random = SystemRandom()
    // A byte that stays zero in all of 40 draws was not written (chance 2^-320 each).
    var collected = [UInt8](repeating: 0, count: count)
    for _ in 0..<40 {
      for (index, byte) in try random.bytes(count: count).enumerated() { collected[index] |= byte }
    }
    #expect(collected.allSatisfy { $0 != 0 })
  }

  @Test func dropPoolForgetsWhatWasDrawnAhead() throws {
    let random = SystemRandom()
    #expect(random.pooledByteCount == 0)
    let before = try random.bytes(count: 64)
    #expect(random.pooledByteCount == SystemRandom.poolByteCount - 64)
    random.dropPool()
    #expect(random.pooledByteCount == 0)
    random.dropPool()
    let after = try random.bytes(count: 64)
    #expect(before != after)
  }

  #if os(Linux)
    /// A real fork in the middle of a pool: parent and child must go separate ways.
    @Test func forkedChildDoesNotRepeatItsParent() throws {
      let random = SystemRandom()
      _ = try random.bytes(count: 16)
      let child = try #require(try ForkedChild.draws(random, byteCounts: [64]))
      let parent = try random.bytes(count: 64)
      #expect(child.count == 64)
      #expect(child != parent)
      #expect(child.contains { $0 != 0 })
    }
  #endif

  @Test func failingSourceGivesNoSecret() throws {
    let random = try FailingRandom(failing: [1, 2])
    #expect(
      failure { () throws(SealingError) in _ = try SecretBytes(randomCount: 32, from: random) }
        == .entropyUnavailable)
    #expect(
      failure { () throws(SealingError) in _ = try random.bytes(count: 32) } == .entropyUnavailable)
    #expect(try random.bytes(count: 32).count == 32)
  }

  @Test func seededSourceIsDeterministic() throws {
    let one = try SeededRandom(seed: 5)
    let two = try SeededRandom(seed: 5)
    let other = try SeededRandom(seed: 6)
    let first = try one.bytes(count: 45)
    #expect(try two.bytes(count: 45) == first)
    #expect(try other.bytes(count: 45) != first)
    #expect(try one.bytes(count: 45) != first)
  }
}

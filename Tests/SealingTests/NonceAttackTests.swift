import TestSupport
import Testing

@testable import Sealing

/// A nonce that comes twice under one key gives both plaintexts and the authentication key away.
@Suite struct NonceAttackTests {
  /// The first eight bytes of a nonce; a repeated nonce repeats them.
  private func start(of nonce: ArraySlice<UInt8>) -> UInt64 {
    nonce.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  @Test func noNonceComesTwiceUnderOneKey() throws {
    let count = AttackReport.rounds(short: 100_000, long: 10_000_000)
    let place = Place()
    let key = try place.key()
    let random = SystemRandom()
    let cipher = FieldCipher(random: random)
    var seen: [UInt64] = []
    seen.reserveCapacity(count)
    for number in 0..<count {
      let envelope = try cipher.seal([1], key: key, cell: place.cell)
      seen.append(start(of: envelope[8..<20]))
      // As opening a vault and every end of an epoch do.
      if number.isMultiple(of: 100_003) { random.dropPool() }
    }
    seen.sort()
    let repeats = zip(seen, seen.dropFirst()).count { $0 == $1 }
    #expect(seen.count == count && repeats == 0)
    AttackReport.record(
      number: 27, name: "nonce repeated under one key", tried: "\(count) seals",
      result: "no nonce twice")
  }

  #if os(Linux)
    @Test func forkedProcessesShareNoNonce() throws {
      let rounds = AttackReport.rounds(short: 3, long: 50)
      let draws = 200
      let random = SystemRandom()
      var seen: Set<[UInt8]> = []
      func insert(_ bytes: [UInt8]) {
        for start in stride(from: 0, to: bytes.count, by: 12) {
          seen.insert(Array(bytes[start..<start + 12]))
        }
      }
      for _ in 0..<rounds {
        // In the middle of a pool: its rest is what parent and child would both hand out.
        insert(try random.bytes(count: 12))
        let child = try ForkedChild.draws(
          random, byteCounts: [Int](repeating: 12, count: draws))
        insert(try #require(child))
        for _ in 0..<draws { insert(try random.bytes(count: 12)) }
      }
      #expect(seen.count == rounds * (2 * draws + 1))
      AttackReport.record(
        number: 27, name: "nonce repeated after a fork",
        tried: "\(rounds) forks in mid-pool, \(draws) nonces on either side",
        result: "no nonce twice")
    }
  #endif
}

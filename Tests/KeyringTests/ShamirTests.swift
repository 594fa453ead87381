import Sealing
import Synchronization
import TestSupport
import Testing

@testable import Keyring

/// Plays back bytes; for vectors that fix what is drawn.
private final class PlayedRandom: RandomSource {
  private let rest: Mutex<[UInt8]>

  init(_ bytes: [UInt8]) { rest = Mutex(bytes) }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    rest.withLock { rest in
      precondition(rest.count >= buffer.count)
      for offset in 0..<buffer.count { unsafe buffer[offset] = rest[offset] }
      rest.removeFirst(buffer.count)
    }
  }
}

/// Every choice of `count` of the numbers below `total`.
private func choices(_ count: Int, of total: Int) -> [[Int]] {
  guard count > 0 else { return [[]] }
  return (count - 1..<total).flatMap { last in
    choices(count - 1, of: last).map { $0 + [last] }
  }
}

@Suite struct ShamirTests {
  private struct Case: Decodable, Sendable {
    let key: Hex
    let vault: Hex
    let threshold: Int
    let count: Int
    let random: Hex
    let lines: [String]
  }

  private let vault: VaultID
  private let random = SeededRandom(seed: 60)

  init() throws {
    vault = try VaultID(rawBytes: Array(0..<16))
  }

  private static let keyBytes: [UInt8] = Array(100..<132)

  private func key() throws -> SecretBytes { try SecretBytes(copying: Self.keyBytes) }

  private func split(_ threshold: Int, _ count: Int) throws -> [KeyShare] {
    try KeyShare.split(
      key(), threshold: threshold, count: count, vault: vault, random: random)
  }

  @Test func fieldIsThatOfAES() {
    // FIPS 197, sections 4.2 and 4.2.1.
    #expect(Shamir.multiply(0x57, 0x83) == 0xC1)
    #expect(Shamir.multiply(0x57, 0x13) == 0xFE)
    for value in 0...UInt8.max {
      #expect(Shamir.multiply(value, Shamir.inverse(value)) == (value == 0 ? 0 : 1))
      #expect(Shamir.multiply(value, 1) == value)
      #expect(Shamir.multiply(3, value) == Shamir.multiply(value, 3))
    }
  }

  @Test func vectorsOfAnotherImplementationAreMatched() throws {
    let vectors = try VectorFile.load(Vectors<Case>.self, "shares.json")
    #expect(vectors.cases.count == 5)
    for vector in vectors.cases {
      let vault = try VaultID(rawBytes: vector.vault.bytes)
      let shares = try KeyShare.split(
        SecretBytes(copying: vector.key.bytes), threshold: vector.threshold, count: vector.count,
        vault: vault, random: PlayedRandom(vector.random.bytes))
      let lines = try shares.map {
        String(decoding: try ShareText.encode($0).plaintextCopy(), as: UTF8.self)
      }
      #expect(lines == vector.lines)
      let read = try vector.lines.suffix(vector.threshold).enumerated().map { place, line in
        try ShareText.decode(SecretBytes(copying: Array(line.utf8)), position: place + 1)
      }
      #expect(try KeyShare.combine(read, vault: vault).plaintextCopy() == vector.key.bytes)
    }
  }

  @Test(arguments: [(2, 2), (2, 5), (3, 5), (4, 7), (5, 5), (2, 16), (15, 16), (16, 16)])
  func everyChoiceOfEnoughSharesGivesTheKeyAndNoChoiceOfFewerDoes(
    threshold: Int, count: Int
  ) throws {
    let shares = try split(threshold, count)
    for choice in choices(threshold, of: count) {
      let chosen = choice.reversed().map { shares[$0] }
      #expect(try KeyShare.combine(chosen, vault: vault).plaintextCopy() == Self.keyBytes)
    }
    for choice in choices(threshold - 1, of: count) {
      expect(.unavailable) {
        _ = try KeyShare.combine(choice.map { shares[$0] }, vault: vault)
      }
      // Taken as a smaller split they give something else.
      let points = choice.map {
        Shamir.Point(index: UInt8(shares[$0].index), value: shares[$0].value)
      }
      #expect(try Shamir.interpolate(points).plaintextCopy() != Self.keyBytes)
    }
    #expect(try KeyShare.combine(shares, vault: vault).plaintextCopy() == Self.keyBytes)
  }

  /// Algebra instead of statistics: with one share fewer, every value of the key is possible, and
  /// each in the same number of ways.
  @Test(arguments: [2, 3, 5])
  func fewerSharesLeaveEveryKeyPossible(threshold: Int) throws {
    let known = try split(threshold, threshold).dropLast().map {
      Shamir.Point(index: UInt8($0.index), value: $0.value)
    }
    var seen = [Set<UInt8>](repeating: [], count: HeldKey.byteCount)
    // The missing share takes every value; the key's bytes then take every value once.
    for value in 0...UInt8.max {
      let missing = Shamir.Point(
        index: UInt8(threshold),
        value: HeldKey(try SecretBytes(copying: [UInt8](repeating: value, count: 32))))
      let key = try Shamir.interpolate(known + [missing]).plaintextCopy()
      for (place, byte) in key.enumerated() { seen[place].insert(byte) }
    }
    #expect(seen.allSatisfy { $0.count == 256 })
  }

  @Test func sharesOfEqualKeysLookNothingAlike() throws {
    // A share's bytes over many splits of one key: no value is preferred.
    var counts = [Int](repeating: 0, count: 256)
    for _ in 0..<400 {
      for byte in try split(2, 2)[0].value.bytes.plaintextCopy() { counts[Int(byte)] += 1 }
    }
    // 12,800 bytes, 50 of each value expected; chi-squared with 255 degrees of freedom, and
    // seeded, so the figure is always the same.
    let chiSquared = counts.reduce(0.0) { $0 + Double(($1 - 50) * ($1 - 50)) / 50 }
    #expect((180...340).contains(chiSquared))
  }

  @Test(arguments: [(1, 1), (1, 3), (3, 2), (2, 17), (17, 17), (0, 0), (-1, 4)])
  func countsOutOfRangeAreRefused(threshold: Int, count: Int) {
    expect(.limit) { _ = try split(threshold, count) }
  }

  @Test func sharesThatDoNotBelongTogetherAreRefusedWithTheReason() throws {
    let shares = try split(3, 5)
    let other = try split(3, 5)
    let foreign = try KeyShare.split(
      key(), threshold: 3, count: 5, vault: VaultID(rawBytes: Array(1..<17)), random: random)
    let third = try altered(shares[2])
    let fifth = try altered(shares[4])
    let cases: [([KeyShare], KeyringError.Code, String)] = [
      ([], .unavailable, "no share"),
      ([shares[0], shares[1]], .unavailable, "3 shares of this split are needed and 2 given"),
      ([shares[0], shares[1], shares[0]], .sealed, "number 1 is given twice"),
      ([shares[0], shares[1], other[2]], .sealed, "different splits"),
      ([shares[0], foreign[1], shares[2]], .sealed, "number 2 belongs to another vault"),
      ([shares[0], shares[1], third], .sealed, "1, 2, 3 do not give the key"),
      (shares.dropLast() + [fifth], .sealed, "number 5 is wrong"),
    ]
    for (chosen, code, text) in cases {
      let error = failure { _ = try KeyShare.combine(chosen, vault: vault) }
      #expect(error?.code == code)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
    }
  }

  private func altered(_ share: KeyShare) throws -> KeyShare {
    var bytes = share.value.bytes.plaintextCopy()
    bytes[7] ^= 1
    return KeyShare(
      threshold: share.threshold, index: share.index, vaultPrefix: share.vaultPrefix,
      set: share.set, value: HeldKey(try SecretBytes(copying: bytes)),
      commitment: share.commitment)
  }
}

import TestSupport
import Testing

@testable import Sealing

/// Sizes, failures half-way and the cipher's own state.
@Suite struct FieldCipherTests {
  /// Every value of up to 30 bytes gives the same size; then the classes of the format.
  @Test(arguments: [
    (0...30, 68), (31...62, 100), (63...126, 164), (127...254, 292), (255...510, 548),
    (511...1022, 1060), (1023...2046, 2084), (2047...4094, 4132),
  ])
  func valuesOfOneClassLookAlike(values: ClosedRange<Int>, envelopeByteCount: Int) throws {
    let counts = values.count <= 64 ? Array(values) : [values.lowerBound, values.upperBound]
    for count in counts {
      let envelope = try Place().seal([UInt8](repeating: 0x41, count: count))
      #expect(envelope.count == envelopeByteCount, "\(count) bytes")
    }
  }

  @Test(arguments: [
    (4095, 8228), (8190, 8228), (8191, 12_324), (61_438, 61_476), (61_439, 65_572),
    (65_534, 65_572), (65_535, 69_668),
  ])
  func longValuesGoUpInPages(count: Int, envelopeByteCount: Int) throws {
    let value = [UInt8](repeating: 0x41, count: count)
    let envelope = try Place().seal(value)
    #expect(envelope.count == envelopeByteCount)
    #expect(try Place().open(envelope) == value)
  }

  @Test(arguments: [65_536, 65_537, 131_072])
  func longerValueIsRefused(count: Int) {
    let value = [UInt8](repeating: 0, count: count)
    #expect(failure { () throws(SealingError) in _ = try Place().seal(value) } == .invalidLength)
  }

  @Test(arguments: [0, 1, 11, 13, 16])
  func otherNonceLengthIsRefused(count: Int) throws {
    let place = Place()
    let key = try place.key()
    let cipher = FieldCipher(random: try SeededRandom(seed: 1))
    let code = failure { () throws(SealingError) in
      _ = try cipher.seal(
        [1], key: key, cell: place.cell, nonce: [UInt8](repeating: 0, count: count))
    }
    #expect(code == .invalidLength)
  }

  @Test(arguments: [0, 31, 33, 64])
  func fieldKeyWantsTwoKeysOf32Bytes(count: Int) {
    for isSubject in [true, false] {
      var place = Place()
      let wrong = [UInt8](repeating: 1, count: count)
      if isSubject { place.subjectKey = wrong } else { place.bucketKey = wrong }
      #expect(failure { () throws(SealingError) in _ = try place.key() } == .invalidLength)
    }
  }

  /// The sequence of operations on one cipher must not matter, whatever failed before.
  @Test func oneCipherServesManyKeys() throws {
    let cipher = FieldCipher(random: try SeededRandom(seed: 4))
    let first = Place()
    var second = Place()
    second.subjectKey[0] ^= 1
    for round in 0..<20 {
      let value = [UInt8](repeating: UInt8(round), count: round * 7)
      let one = try first.key()
      let two = try second.key()
      let envelope = try cipher.seal(value, key: one, cell: first.cell)
      let wrong = failure { () throws(SealingError) in
        _ = try cipher.open(envelope, key: two, cell: second.cell)
      }
      #expect(wrong == .authenticationFailure)
      #expect(try cipher.open(envelope, key: one, cell: first.cell).plaintextCopy() == value)
      if round % 3 == 0 { cipher.wipe() }
      let other = try cipher.seal(value, key: two, cell: second.cell)
      #expect(try first.open(envelope) == value, "another cipher opens it")
      #expect(try second.open(other) == value)
      #expect(
        failure { () throws(SealingError) in _ = try first.open(other) } == .authenticationFailure)
    }
  }

  @Test func failingRandomLeavesNothingHalfDone() throws {
    let place = Place()
    let key = try place.key()
    let cipher = FieldCipher(random: try FailingRandom(failing: [2]))
    let first = try cipher.seal([1], key: key, cell: place.cell)
    let code = failure { () throws(SealingError) in
      _ = try cipher.seal([2], key: key, cell: place.cell)
    }
    #expect(code == .entropyUnavailable)
    let third = try cipher.seal([3], key: key, cell: place.cell)
    #expect(try place.open(first) == [1])
    #expect(try place.open(third) == [3])
    #expect(first[8..<20] != third[8..<20], "a failed draw must not bring a nonce back")
  }

  @Test func nonceIsWhatTheSourceGave() throws {
    let place = Place()
    let drawn = try SeededRandom(seed: 77).bytes(count: 12)
    let envelope = try FieldCipher(random: SeededRandom(seed: 77)).seal(
      [1], key: place.key(), cell: place.cell)
    #expect(Array(envelope[8..<20]) == drawn)
  }

  @Test func equalValuesGiveUnequalEnvelopes() throws {
    let place = Place()
    let key = try place.key()
    let cipher = FieldCipher(random: SystemRandom())
    var seen: Set<[UInt8]> = []
    for _ in 0..<1000 {
      let envelope = try cipher.seal([1, 2, 3], key: key, cell: place.cell)
      seen.insert(Array(envelope[8..<20]))
      seen.insert(Array(envelope[20...]))
    }
    #expect(seen.count == 2000)
  }
}

import TestSupport
import Testing

@testable import Sealing

/// What somebody who may write the database must not achieve.
@Suite struct EnvelopeAttackTests {
  /// One thing about the place changed.
  struct Move: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let apply: @Sendable (inout Place) -> Void

    init(_ name: String, _ apply: @escaping @Sendable (inout Place) -> Void) {
      testDescription = name
      self.apply = apply
    }
  }

  static let moves = [
    Move("another vault") { $0.vault[15] ^= 1 },
    Move("another subject id, same key") { $0.subject[0] ^= 0x80 },
    Move("another subject key") { $0.subjectKey[31] ^= 1 },
    Move("another bucket key") { $0.bucketKey[0] ^= 1 },
    Move("subject key and bucket key exchanged") { swap(&$0.subjectKey, &$0.bucketKey) },
    Move("another table") { $0.cell = Cell(table: 2, field: 2, row: 3) },
    Move("another field") { $0.cell = Cell(table: 1, field: 3, row: 3) },
    Move("another row") { $0.cell = Cell(table: 1, field: 2, row: 4) },
    Move("row that differs in the highest bit") {
      $0.cell = Cell(table: 1, field: 2, row: 1 << 63 | 3)
    },
    Move("table and field exchanged") { $0.cell = Cell(table: 2, field: 1, row: 3) },
    Move("another generation") { $0.generation = 2 },
    Move("generation zero") { $0.generation = 0 },
    Move("another day") { $0.bucket = Bucket(retentionClass: 2, day: 20_606) },
    Move("another retention class") { $0.bucket = Bucket(retentionClass: 3, day: 20_605) },
    Move("the permanent bucket") { $0.bucket = .permanent },
  ]

  @Test(arguments: moves)
  func movedEnvelopeDoesNotOpen(_ move: Move) throws {
    var place = Place()
    let envelope = try place.seal(Array("hello".utf8))
    #expect(try place.open(envelope) == Array("hello".utf8))
    move.apply(&place)
    #expect(
      failure { () throws(SealingError) in _ = try place.open(envelope) } == .authenticationFailure)
  }

  /// Generation and bucket stand in the clear header: forging it to match must not help.
  @Test(arguments: moves)
  func movedEnvelopeWithForgedHeaderDoesNotOpen(_ move: Move) throws {
    var place = Place()
    var envelope = try place.seal(Array("hello".utf8))
    move.apply(&place)
    envelope.replaceSubrange(
      2..<8, with: place.generation.bigEndianBytes + place.bucket.rawValue.bigEndianBytes)
    #expect(
      failure { () throws(SealingError) in _ = try place.open(envelope) } == .authenticationFailure)
    record(
      20, "envelope moved to another place",
      "\(Self.moves.count) moves, header as it was and forged", "none opens")
  }

  @Test func everyBitCounts() throws {
    let place = Place()
    let envelope = try place.seal(Array("anna@example.org".utf8))
    try #require(envelope.count == 68)
    for bit in 0..<(envelope.count * 8) {
      var flipped = envelope
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let code = failure { () throws(SealingError) in _ = try place.open(flipped) }
      #expect(code == (bit < 16 ? .unsupported : .authenticationFailure), "bit \(bit)")
    }
    record(22, "one bit flipped", "every bit of an envelope of 68 bytes", "none opens")
  }

  @Test(arguments: [0, 30, 31, 100, 254, 510, 1022])
  func truncatedEnvelopeDoesNotOpen(valueByteCount: Int) throws {
    let place = Place()
    let envelope = try place.seal([UInt8](repeating: 0x61, count: valueByteCount))
    for length in 0..<envelope.count {
      let code = failure { () throws(SealingError) in _ = try place.open(Array(envelope[..<length]))
      }
      #expect(code == .authenticationFailure, "length \(length)")
      // Cut out of the ciphertext, so that header, nonce and tag stay.
      let rest = 20 + envelope.count - length
      guard rest < envelope.count else { continue }
      let inner = Array(envelope[..<20] + envelope[rest...])
      let innerCode = failure { () throws(SealingError) in _ = try place.open(inner) }
      #expect(innerCode == .authenticationFailure, "inner length \(length)")
    }
    record(
      23, "envelope cut or made longer",
      "every shorter length of seven sizes, cut at the end and inside; 1 to 400 bytes more",
      "none opens")
  }

  @Test func extendedEnvelopeDoesNotOpen() throws {
    let place = Place()
    let envelope = try place.seal(Array("hello".utf8))
    for extra in 1...400 {
      let zeros = [UInt8](repeating: 0, count: extra)
      let longer = [envelope + zeros, Array(envelope[..<52]) + zeros + Array(envelope[52...])]
      for forged in longer {
        let code = failure { () throws(SealingError) in _ = try place.open(forged) }
        #expect(code == .authenticationFailure, "\(extra) bytes more")
      }
    }
  }

  @Test(arguments: [
    [0, 1], [2, 1], [0xFF, 1], [1, 0], [1, 2], [1, 3], [0, 0], [0xFF, 0xFF],
  ])
  func otherVersionOrSuiteIsNeverTried(start: [UInt8]) throws {
    let place = Place()
    var envelope = try place.seal(Array("hello".utf8))
    envelope.replaceSubrange(0..<2, with: start)
    #expect(failure { () throws(SealingError) in _ = try place.open(envelope) } == .unsupported)
    #expect(failure { () throws(SealingError) in _ = try EnvelopeHeader(envelope) } == .unsupported)
    record(
      24, "version or suite changed", "8 pairs of version and suite that are not 1 and 1",
      "each refused as unsupported, none tried")
  }

  /// Generation and bucket of the header, each of their 48 bits flipped and set to extremes.
  @Test func otherGenerationOrBucketDoesNotOpen() throws {
    let place = Place()
    let envelope = try place.seal(Array("hello".utf8))
    var forged: [[UInt8]] = (16..<64).map { bit in
      var copy = envelope
      copy[bit / 8] ^= 1 << UInt8(bit % 8)
      return copy
    }
    for filler in [UInt8(0), 0xFF] {
      for range in [2..<4, 4..<8, 2..<8] {
        var copy = envelope
        copy.replaceSubrange(range, with: [UInt8](repeating: filler, count: range.count))
        forged.append(copy)
      }
    }
    for envelope in forged {
      let code = failure { () throws(SealingError) in _ = try place.open(envelope) }
      #expect(code == .authenticationFailure)
    }
    record(
      24, "generation or bucket changed", "\(forged.count) other headers", "none opens")
  }

  @Test func valuesOfUpTo30BytesLookAlike() throws {
    let sizes = try (0...30).map { try Place().seal([UInt8](repeating: 0x41, count: $0)).count }
    #expect(Set(sizes) == [68])
    #expect(try Place().seal([UInt8](repeating: 0x41, count: 31)).count == 100)
    record(29, "length of a short value", "every length from 0 to 30 bytes", "68 bytes each")
  }

  /// Replay inside one cell and generation opens: the format says so; a new generation ends it.
  @Test func olderValueOfTheSameCellOpensUntilTheGenerationChanges() throws {
    var place = Place()
    let older = try place.seal(Array("old".utf8), nonce: 1)
    let newer = try place.seal(Array("new".utf8), nonce: 2)
    #expect(older != newer)
    #expect(try place.open(older) == Array("old".utf8))
    place.generation = 2
    place.subjectKey = [UInt8](repeating: 0xC2, count: 32)
    #expect(
      failure { () throws(SealingError) in _ = try place.open(older) } == .authenticationFailure)
    record(
      21, "older value of the same cell", "one replay in one generation, one after the next",
      "opens in the same generation: the envelope alone does not tell; dead after a new generation")
  }

  private func record(_ number: Int, _ name: String, _ tried: String, _ result: String) {
    AttackReport.record(number: number, name: name, tried: tried, result: result)
  }

  struct Forged: Decodable, Sendable {
    struct Case: Decodable, Sendable {
      let name: String
      let envelope: Hex
    }
    let ck: Hex
    let bk: Hex
    let vault: Hex
    let subject: Hex
    let control: Hex
    let controlValue: Hex
    let cases: [Case]

    var place: Place {
      Place(
        subjectKey: ck.bytes, bucketKey: bk.bytes, vault: vault.bytes, subject: subject.bytes)
    }
  }

  /// The tag is right and the padding is not: the key holder's own mistake or covert channel.
  @Test func wrongPaddingLooksLikeAWrongTag() throws {
    let file = try VectorFile.load(Forged.self, "forged_padding.json")
    #expect(file.cases.count == 8)
    #expect(try file.place.open(file.control.bytes) == file.controlValue.bytes)
    for forged in file.cases {
      let key = try file.place.key()
      // The control of the control: without the padding rule, every case would open.
      let inner = try AES256GCM.open(
        Array(forged.envelope.bytes[20...]), key: key.key,
        nonce: Array(forged.envelope.bytes[8..<20]),
        associatedData: Envelope.associatedData(key, file.place.cell))
      #expect(Padding.isSizeClass(inner.count))
      let code = failure { () throws(SealingError) in _ = try file.place.open(forged.envelope.bytes)
      }
      #expect(code == .authenticationFailure, "\(forged.name)")
    }
    record(
      25, "padding or length wrong under a right tag", "\(file.cases.count) forged plaintexts",
      "each refused with the failure of a wrong tag")
  }

  struct TwoKeys: Decodable, Sendable {
    let ck1: Hex
    let ck2: Hex
    let bk: Hex
    let vault: Hex
    let subject: Hex
    let envelope: Hex
    let value1: Hex
    let value2: Hex
    let commitment1: Hex
    let commitment2: Hex
  }

  /// GCM lets one envelope open under two subject keys; the commitment says which key is the one.
  @Test func commitmentTellsTwoKeysOfOneEnvelopeApart() throws {
    let file = try VectorFile.load(TwoKeys.self, "two_key_envelope.json")
    #expect(file.value1 != file.value2)
    let cases = [
      (file.ck1, file.value1, file.commitment1), (file.ck2, file.value2, file.commitment2),
    ]
    for (key, value, commitment) in cases {
      let place = Place(
        subjectKey: key.bytes, bucketKey: file.bk.bytes, vault: file.vault.bytes,
        subject: file.subject.bytes)
      #expect(try place.open(file.envelope.bytes) == value.bytes)
      let computed = try KeyCommitment.subject(
        key: SecretBytes(copying: key.bytes), vault: VaultID(rawBytes: file.vault.bytes),
        subject: SubjectID(rawBytes: file.subject.bytes), generation: 1)
      #expect(ConstantTime.isEqual(computed, commitment.bytes))
    }
    #expect(!ConstantTime.isEqual(file.commitment1.bytes, file.commitment2.bytes))
    record(
      26, "one ciphertext for two keys", "an envelope that opens under two subject keys",
      "the commitment fits one key only")
  }

  @Test func commitmentsDependOnEveryInput() throws {
    let key = { () throws(SealingError) in
      try SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    }
    let vault = try VaultID(rawBytes: [UInt8](repeating: 1, count: 16))
    let otherVault = try VaultID(rawBytes: [UInt8](repeating: 2, count: 16))
    let subject = try SubjectID(rawBytes: [UInt8](repeating: 3, count: 16))
    let otherSubject = try SubjectID(rawBytes: [UInt8](repeating: 4, count: 16))
    let all = [
      try KeyCommitment.subject(key: key(), vault: vault, subject: subject, generation: 1),
      try KeyCommitment.subject(key: key(), vault: vault, subject: subject, generation: 2),
      try KeyCommitment.subject(key: key(), vault: vault, subject: otherSubject, generation: 1),
      try KeyCommitment.subject(key: key(), vault: otherVault, subject: subject, generation: 1),
      try KeyCommitment.bucket(key: key(), vault: vault, bucket: .permanent),
      try KeyCommitment.bucket(
        key: key(), vault: vault, bucket: Bucket(retentionClass: 1, day: 0)),
      try KeyCommitment.bucket(key: key(), vault: otherVault, bucket: .permanent),
    ]
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy { $0.count == KeyCommitment.byteCount })
  }
}

import TestSupport
import Testing

@testable import Sealing

/// Envelopes that an implementation in another language made.
@Suite struct EnvelopeVectorTests {
  struct Vector: Decodable, Sendable {
    let name: String
    let ck: Hex
    let bk: Hex
    let vault: Hex
    let subject: Hex
    let table: UInt16
    let field: UInt16
    let row: UInt64
    let generation: UInt16
    let bucket: UInt32
    let nonce: Hex
    let fieldKey: Hex
    let associatedData: Hex
    let subjectCommitment: Hex
    let bucketCommitment: Hex
    let envelopeByteCount: Int
    let envelopeSHA256: Hex
    let envelope: Hex?
    let value: Hex?
    let patternByteCount: Int?
    let text: String?

    /// The value itself, or the pattern that stands for a long one.
    var plaintext: [UInt8] {
      value?.bytes ?? (0..<(patternByteCount ?? 0)).map { UInt8((7 * $0 + 3) % 251) }
    }

    var place: Place {
      Place(
        subjectKey: ck.bytes, bucketKey: bk.bytes, vault: vault.bytes, subject: subject.bytes,
        generation: generation, bucket: Bucket(rawValue: bucket),
        cell: Cell(table: table, field: field, row: row))
    }
  }

  /// One case of the shared file, which has names of its own.
  struct SharedVector: Decodable, Sendable {
    let ck: Hex
    let bk: Hex
    let vault: Hex
    let subject: Hex
    let table: UInt16
    let field: UInt16
    let row: UInt64
    let gen: UInt16
    let bucket: UInt32
    let nonce: Hex
    let pt: Hex
    let fieldKey: Hex
    let aad: Hex
    let envelope: Hex
    let commit: Hex

    enum CodingKeys: String, CodingKey {
      case ck, bk, vault, subject, table, field, row, gen, bucket, nonce, pt, aad, envelope, commit
      case fieldKey = "field_key"
    }

    var place: Place {
      Place(
        subjectKey: ck.bytes, bucketKey: bk.bytes, vault: vault.bytes, subject: subject.bytes,
        generation: gen, bucket: Bucket(rawValue: bucket),
        cell: Cell(table: table, field: field, row: row))
    }
  }

  @Test(arguments: try VectorFile.load(Vectors<Vector>.self, "envelope.json").cases)
  func sealsAndOpens(_ vector: Vector) throws {
    let place = vector.place
    let key = try place.key()
    let derived = unsafe key.key.withUnsafeBytes { unsafe [UInt8]($0) }
    let data = Envelope.associatedData(key, place.cell)
    #expect(derived == vector.fieldKey.bytes)
    #expect(data == vector.associatedData.bytes)
    let cipher = FieldCipher(random: try SeededRandom(seed: 1))
    let envelope = try cipher.seal(
      vector.plaintext, key: key, cell: place.cell, nonce: vector.nonce.bytes)
    #expect(envelope.count == vector.envelopeByteCount)
    #expect(SHA256.hash(envelope) == vector.envelopeSHA256.bytes)
    if let expected = vector.envelope { #expect(envelope == expected.bytes) }
    let opened = try cipher.open(envelope, key: key, cell: place.cell).plaintextCopy()
    #expect(opened == vector.plaintext)
    if let text = vector.text { #expect(Array(text.utf8) == opened) }
    let header = try EnvelopeHeader(envelope)
    #expect(header.generation == vector.generation)
    #expect(header.bucket.rawValue == vector.bucket)
  }

  @Test(arguments: try VectorFile.load(Vectors<Vector>.self, "envelope.json").cases)
  func commits(_ vector: Vector) throws {
    let vault = try VaultID(rawBytes: vector.vault.bytes)
    let subject = try KeyCommitment.subject(
      key: SecretBytes(copying: vector.ck.bytes), vault: vault,
      subject: SubjectID(rawBytes: vector.subject.bytes), generation: vector.generation)
    let bucket = try KeyCommitment.bucket(
      key: SecretBytes(copying: vector.bk.bytes), vault: vault,
      bucket: Bucket(rawValue: vector.bucket))
    #expect(subject == vector.subjectCommitment.bytes)
    #expect(bucket == vector.bucketCommitment.bytes)
  }

  @Test func fileIsWhole() throws {
    let vectors = try VectorFile.load(Vectors<Vector>.self, "envelope.json").cases
    #expect(vectors.count == 14)
    let sizes = Set(vectors.map(\.plaintext.count))
    #expect(sizes.isSuperset(of: [0, 30, 31, 62, 4094, 4095, 65_535]))
    AttackReport.record(
      number: 28, name: "own envelope vectors, made by another implementation",
      tried: "\(vectors.count) vectors", result: "sealed to the byte and opened")
  }

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absenceNote)))
  func agreesWithTheSharedVectors() throws {
    let vectors = try SharedData.load([SharedVector].self, "envelope/envelope_vectors.json")
    #expect(vectors.count == 6)
    for vector in vectors {
      let place = vector.place
      let key = try place.key()
      let derived = unsafe key.key.withUnsafeBytes { unsafe [UInt8]($0) }
      #expect(derived == vector.fieldKey.bytes)
      #expect(Envelope.associatedData(key, place.cell) == vector.aad.bytes)
      let cipher = FieldCipher(random: try SeededRandom(seed: 1))
      let sealed = try cipher.seal(
        vector.pt.bytes, key: key, cell: place.cell, nonce: vector.nonce.bytes)
      #expect(sealed == vector.envelope.bytes)
      #expect(try place.open(vector.envelope.bytes) == vector.pt.bytes)
      let commitment = try KeyCommitment.subject(
        key: SecretBytes(copying: vector.ck.bytes), vault: VaultID(rawBytes: vector.vault.bytes),
        subject: SubjectID(rawBytes: vector.subject.bytes), generation: vector.gen)
      #expect(commitment == vector.commit.bytes)
    }
  }
}

import Testing
import Transparency

@Suite struct LogProofTests {
  private static let log = MemoryLog(numbered: 20)

  private func proof(_ index: Int, size: Int = 20, extra: [UInt8]? = nil) throws -> LogProof {
    LogProof(
      inclusion: try MerkleTree.inclusionProof(
        leafIndex: index, treeSize: size, read: Self.log.read),
      checkpoint: try Self.log.signedCheckpoint(size: size), extra: extra)
  }

  @Test(arguments: [(0, 1), (0, 20), (7, 8), (16, 17), (19, 20)])
  func proofGoesBothWaysAndVerifies(index: Int, size: Int) throws {
    for extra in [nil, ascii("receipt 7")] {
      let made = try proof(index, size: size, extra: extra)
      let read = try LogProof(encoded: made.encoded)
      #expect(read == made)
      #expect(read.extra == extra)
      let verified = try read.verify(entry: Self.log.entries[index], logKey: MemoryLog.logKey)
      #expect(verified.checkpoint.treeSize == size)
    }
  }

  @Test func textIsTheOneOfTheSpecification() throws {
    let log = MemoryLog(numbered: 7)
    let made = LogProof(
      inclusion: try MerkleTree.inclusionProof(leafIndex: 3, treeSize: 7, read: log.read),
      checkpoint: try log.signedCheckpoint(), extra: [1])
    let lines = String(decoding: made.encoded, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0..<3] == ["c2sp.org/tlog-proof@v1", "extra AQ==", "index 3"])
    #expect(try lines[3..<6].map { hex(try Base64.decode(String($0))) } == Vectors.inclusion3of7)
    #expect(lines[6..<9] == ["", "vault.example/audit", "7"])
  }

  @Test func wrongEntryIndexOrKeyIsRefused() throws {
    let made = try proof(5)
    let key = try MemoryLog.logKey
    let other = try MemoryLog.signingKey(seedOf: "other seed").verifierKey
    let entry = Self.log.entries[5]
    expect(.proofRejected) { try made.verify(entry: Self.log.entries[6], logKey: key) }
    expect(.proofRejected) { try made.verify(entry: flipped(entry, byte: 0), logKey: key) }
    expect(.missingSignature) { try made.verify(entry: entry, logKey: other) }
    let text = String(decoding: made.encoded, as: UTF8.self)
    for (index, code) in [("4", .proofRejected), ("20", .outOfRange), ("16", .malformedProof)]
      as [(String, TransparencyError.Code)]
    {
      let moved = try LogProof(
        encoded: ascii(text.replacing("index 5\n", with: "index \(index)\n")))
      expect(code) { try moved.verify(entry: entry, logKey: key) }
    }
    let smaller = LogProof(
      inclusion: InclusionProof(leafIndex: 5, treeSize: 19, hashes: made.hashes),
      checkpoint: try Self.log.signedCheckpoint(size: 19))
    expect(.proofRejected) { try smaller.verify(entry: entry, logKey: key) }
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let encoded = try proof(5).encoded
    let key = try MemoryLog.logKey
    for byte in encoded.indices {
      #expect(throws: TransparencyError.self, "byte \(byte)") {
        try LogProof(encoded: flipped(encoded, byte: byte))
          .verify(entry: Self.log.entries[5], logKey: key)
      }
    }
  }

  @Test(arguments: [
    ("c2sp.org/tlog-proof@v1\n", ""), ("@v1", "@v2"), ("index 5\n", ""), ("index 5", "index 05"),
    ("index 5", "index -5"), ("index 5", "index  5"), ("index 5", "extra\nindex 5"),
    ("index 5", "extra AQ\nindex 5"), ("index 5", "extra AQ==\nextra AQ==\nindex 5"),
    ("index 5\n", "index 5\nAAAA\n"), ("index 5\n", "index 5\nx\n"),
  ])
  func otherTextsAreRefused(old: String, new: String) throws {
    let text = String(decoding: try proof(5).encoded, as: UTF8.self)
    expect(.malformedProof) { _ = try LogProof(encoded: ascii(text.replacing(old, with: new))) }
  }

  @Test func longAndUnsignedFilesAreRefused() throws {
    let encoded = try proof(5).encoded
    let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
    let many = "c2sp.org/tlog-proof@v1\nindex 5\n" + String(repeating: zeros, count: 64) + "\n"
    let note = try Self.log.signedCheckpoint().encoded
    expect(.malformedProof) { _ = try LogProof(encoded: ascii(many) + note) }
    expect(.malformedProof) { _ = try LogProof(encoded: []) }
    let long = [UInt8](repeating: 0x0A, count: LogProof.byteCountMaximum + 1)
    expect(.malformedProof) { _ = try LogProof(encoded: long) }
    expect(.malformedNote) { _ = try LogProof(encoded: encoded.dropLast(2) + [0x0A]) }
    expect(.malformedNote) {
      _ = try LogProof(encoded: ascii("c2sp.org/tlog-proof@v1\nindex 5\n\nx\n"))
    }
  }
}

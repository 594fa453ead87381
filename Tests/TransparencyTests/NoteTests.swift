import Sealing
import Testing
import Transparency

@Suite struct NoteKeyTests {
  @Test func keysAreTheGoldenOnes() throws {
    #expect(try MemoryLog.logKey.encoded == Vectors.logKey)
    #expect(try NoteVerifierKey(encoded: Vectors.logKey) == MemoryLog.logKey)
    let witness = try NoteVerifierKey(encoded: Vectors.witnessKey)
    #expect(witness.algorithm == .cosignature)
    #expect(witness.keyID == 0xdbde_64cc)
    #expect(witness.encoded == Vectors.witnessKey)
  }

  @Test func signingKeyTextGoesBothWays() throws {
    let seed = try SecretBytes(copying: SHA256.hash(ascii("log seed")))
    let text = try NoteSigningKey.encode(name: MemoryLog.origin, seed: seed)
    #expect(String(decoding: text.plaintextCopy(), as: UTF8.self) == Vectors.logSigningKey)
    let key = try NoteSigningKey(encoded: text)
    #expect(key.verifierKey == (try MemoryLog.logKey))
  }

  @Test(arguments: [
    "", "+", "++", "name", "vault.example/audit+77a5f42a",
    "vault.example/audit+77a5f42b+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault.example/audit+77A5F42A+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault.example/audit+77a5f42+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault.example/audit+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYN",
    "vault.example/audit+77a5f42a+AtPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault.example/audix+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault example+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH",
    "vault.example/audit+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH\n",
    "vault.example/audit+77a5f42a+AQ==",
  ])
  func otherVerifierKeysAreRefused(text: String) {
    expect(.malformedKey) { _ = try NoteVerifierKey(encoded: text) }
  }

  @Test(arguments: ["", "a b", "a+b", "a\u{2003}b", "a\nb", String(repeating: "x", count: 256)])
  func unfitNamesAreRefused(name: String) throws {
    let key = try MemoryLog.logKey.publicKey
    expect(.malformedKey) {
      _ = try NoteVerifierKey(name: name, algorithm: .ed25519, publicKey: key)
    }
    expect(.malformedKey) { _ = try MemoryLog.signingKey(name: name) }
  }

  @Test(arguments: [
    "", "PRIVATE+KEY+", "PRIVATE+KEY+a+b", Vectors.logKey, Vectors.logSigningKey + "\n",
    String(Vectors.logSigningKey.dropLast()), "private" + Vectors.logSigningKey.dropFirst(7),
    Vectors.logSigningKey.replacing("77a5f42a", with: "77a5f42b"),
    Vectors.logSigningKey.replacing("+AZV5", with: "+BJV5"),
    Vectors.logSigningKey.replacing("+AZV5", with: "+A ZV"),
    Vectors.logSigningKey.replacing("audit", with: "other"),
  ])
  func otherSigningKeysAreRefused(text: String) throws {
    let secret = try SecretBytes(copying: ascii(text))
    expect(.malformedKey) { _ = try NoteSigningKey(encoded: secret) }
  }

  @Test(arguments: [31, 33])
  func seedOfWrongLengthIsRefused(count: Int) throws {
    let seed = try SecretBytes(zeroCount: count)
    expect(.malformedKey) { _ = try NoteSigningKey(name: "log", seed: seed) }
    expect(.malformedKey) { _ = try NoteSigningKey.encode(name: "log", seed: seed) }
  }
}

@Suite struct SignedNoteTests {
  private let text = ascii(
    "vault.example/audit\n0\n\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")

  private func note(_ text: [UInt8]? = nil) throws -> SignedNote {
    let text = text ?? self.text
    return try SignedNote(text: text, signatures: [MemoryLog.signingKey().sign(text)])
  }

  @Test func noteGoesBothWays() throws {
    let note = try note()
    #expect(try SignedNote(encoded: note.encoded) == note)
    let golden = ascii(Vectors.checkpoint70000)
    #expect(try SignedNote(encoded: golden).encoded == golden)
    let verified = try note.verified(by: [MemoryLog.logKey])
    #expect(verified.text == text)
    #expect(verified.signers.map(\.timeSeconds) == [nil])
  }

  @Test(arguments: [
    "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n\n",
    "text\n\n— name AAAAAAE=", "text\n\n- name AAAAAAE=\n", "text\n\n—  name AAAAAAE=\n",
    "text\n\n— name  AAAAAAE=\n", "text\n\n— name AAAAAAE= \n", "text\n\n— name AAAAAA==\n",
    "text\n\n— name\n", "text\n\n— na+me AAAAAAE=\n", "text\n\n— name AAAAAAE\n",
    "te\u{1}xt\n\n— name AAAAAAE=\n", "text\r\n\n— name AAAAAAE=\n", "text\t\n\n— name AAAAAAE=\n",
    "text\n\n— name AAAAAAE=\nmore\n", "text\n— name AAAAAAE=\n", "text\n\n— name AAAAAAF=\n",
    "\n— name AAAAAAE=\n",
  ])
  func otherTextsAreRefused(encoded: String) {
    expect(.malformedNote) { _ = try SignedNote(encoded: ascii(encoded)) }
  }

  @Test func invalidUTF8IsRefused() {
    let tail = ascii("\n\n— name AAAAAAE=\n")
    for bytes in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
      expect(.malformedNote) { _ = try SignedNote(encoded: bytes + tail) }
    }
    expect(.malformedNote) {
      _ = try SignedNote(encoded: ascii("text\n\n— na") + [0xFF] + ascii("me AAAAAAE=\n"))
    }
  }

  @Test func noteIsCutAtTheLastEmptyLine() throws {
    let encoded = ascii("text\n\n— name AAAAAAE=\n\n— name AAAAAAE=\n")
    let note = try SignedNote(encoded: encoded)
    #expect(note.text == ascii("text\n\n— name AAAAAAE=\n"))
    #expect(note.signatures.count == 1)
  }

  @Test func signaturesAreCounted() throws {
    let line = "— name AAAAAAE=\n"
    let most = ascii("text\n\n" + String(repeating: line, count: 64))
    var note = try SignedNote(encoded: most)
    expect(.malformedNote) { _ = try SignedNote(encoded: most + ascii(line)) }
    expect(.malformedNote) { try note.add(note.signatures[0]) }
    expect(.malformedNote) { _ = try SignedNote(text: ascii("text\n"), signatures: []) }
    let long = [UInt8](repeating: 0x61, count: SignedNote.byteCountMaximum)
    expect(.malformedNote) { _ = try SignedNote(encoded: long + ascii("\n\n" + line)) }
    expect(.malformedNote) {
      _ = try NoteSignature(name: "name", keyID: 1, payload: [UInt8](repeating: 0, count: 4097))
    }
  }

  @Test func everyFlippedBitIsNoticed() throws {
    let encoded = try note().encoded
    let key = try MemoryLog.logKey
    for byte in encoded.indices {
      for bit in UInt8(0)..<8 {
        #expect(throws: TransparencyError.self, "byte \(byte) bit \(bit)") {
          try SignedNote(encoded: flipped(encoded, byte: byte, bit: bit)).verified(by: [key])
        }
      }
    }
  }

  @Test func unknownKeyOfTheSameNameIsPassedOver() throws {
    let stranger = try MemoryLog.signingKey(seedOf: "other seed")
    let alone = try SignedNote(text: text, signatures: [stranger.sign(text)])
    let key = try MemoryLog.logKey
    expect(.missingSignature) { _ = try alone.verified(by: [key]) }
    expect(.missingSignature) { _ = try note().verified(by: []) }
    var both = alone
    try both.add(MemoryLog.signingKey().sign(text))
    #expect(try both.verified(by: [key]).signers.count == 1)
  }

  @Test func badSignatureOfAKnownKeyRefusesTheWholeNote() throws {
    let key = try MemoryLog.logKey
    let good = try MemoryLog.signingKey().sign(text)
    let other = try MemoryLog.signingKey().sign(ascii("other\n"))
    for lines in [[other], [good, other], [other, good]] {
      let note = try SignedNote(text: text, signatures: lines)
      expect(.signatureRejected) { _ = try note.verified(by: [key]) }
    }
    let short = try NoteSignature(name: key.name, keyID: key.keyID, payload: [1])
    expect(.signatureRejected) {
      _ = try SignedNote(text: text, signatures: [short]).verified(by: [key])
    }
    #expect(
      try SignedNote(text: text, signatures: [good, good]).verified(by: [key]).signers.count == 1)
  }
}

import Sealing
import Testing
import Transparency

@Suite struct CheckpointTests {
  private static let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
  private static let golden = ascii(Vectors.checkpoint70000)

  private func signed(_ text: String, as name: String = MemoryLog.origin) throws -> SignedNote {
    let key = try MemoryLog.signingKey(name: name)
    return try SignedNote(text: ascii(text), signatures: [key.sign(ascii(text))])
  }

  @Test func goldenCheckpointVerifiesWithItsCosignature() throws {
    let verified = try VerifiedCheckpoint(
      verifying: SignedNote(encoded: Self.golden), logKey: NoteVerifierKey(encoded: Vectors.logKey),
      witnesses: [NoteVerifierKey(encoded: Vectors.witnessKey)])
    #expect(verified.checkpoint.treeSize == 70000)
    #expect(verified.checkpoint.origin == MemoryLog.origin)
    #expect(verified.cosigners.map(\.timeSeconds) == [Vectors.cosignatureSeconds])
    #expect(try SignedNote(encoded: Self.golden).text == verified.checkpoint.text)
  }

  @Test func ourSignatureIsTheGoldenOne() throws {
    let golden = try SignedNote(encoded: Self.golden)
    let note = try Checkpoint(text: golden.text).signed(by: MemoryLog.signingKey())
    #expect(note.signatures == [golden.signatures[0]])
  }

  @Test func witnessAloneIsNotEnough() throws {
    let golden = try SignedNote(encoded: Self.golden)
    let cosigned = try SignedNote(text: golden.text, signatures: [golden.signatures[1]])
    let witness = try NoteVerifierKey(encoded: Vectors.witnessKey)
    let logKey = try MemoryLog.logKey
    expect(.missingSignature) {
      _ = try VerifiedCheckpoint(verifying: cosigned, logKey: logKey, witnesses: [witness])
    }
    expect(.malformedKey) { _ = try VerifiedCheckpoint(verifying: golden, logKey: witness) }
  }

  @Test(arguments: [4, 11, 12, 75])
  func changedCosignatureRefusesTheNote(byte: Int) throws {
    let golden = try SignedNote(encoded: Self.golden)
    let line = golden.signatures[1]
    let changed = try NoteSignature(
      name: line.name, keyID: line.keyID, payload: flipped(line.payload, byte: byte - 4))
    let note = try SignedNote(text: golden.text, signatures: [golden.signatures[0], changed])
    let logKey = try MemoryLog.logKey
    let witness = try NoteVerifierKey(encoded: Vectors.witnessKey)
    expect(.signatureRejected) {
      _ = try VerifiedCheckpoint(verifying: note, logKey: logKey, witnesses: [witness])
    }
    #expect(try VerifiedCheckpoint(verifying: note, logKey: logKey).cosigners.isEmpty)
  }

  @Test func tooShortCosignatureRefusesTheNote() throws {
    let golden = try SignedNote(encoded: Self.golden)
    let witness = try NoteVerifierKey(encoded: Vectors.witnessKey)
    let logKey = try MemoryLog.logKey
    let short = try NoteSignature(
      name: witness.name, keyID: witness.keyID, payload: [0, 0, 0, 0, 0, 0, 0, 1])
    let note = try SignedNote(text: golden.text, signatures: [golden.signatures[0], short])
    expect(.signatureRejected) {
      _ = try VerifiedCheckpoint(verifying: note, logKey: logKey, witnesses: [witness])
    }
  }

  @Test func checkpointOfAnotherOriginIsRefused() throws {
    let note = try signed("other.example/log\n0\n\(Self.root)\n")
    let logKey = try MemoryLog.logKey
    expect(.originMismatch) { _ = try VerifiedCheckpoint(verifying: note, logKey: logKey) }
    let checkpoint = try Checkpoint(text: note.text)
    expect(.originMismatch) { _ = try checkpoint.signed(by: MemoryLog.signingKey()) }
  }

  @Test(arguments: [
    "", "log\n", "log\n0\n", "log\n00\n\(root)\n", "log\n01\n\(root)\n", "log\n-1\n\(root)\n",
    "log\n+0\n\(root)\n", "log\n\n\(root)\n", "log\n0\n\(root)", "log\n0 \n\(root)\n",
    "log\n9007199254740992\n\(root)\n", "log\n99999999999999999999\n\(root)\n",
    "log\n0\n\(root.dropLast())\n", "log\n0\nAAAA\n", "\n0\n\(root)\n", "log\n0\n\(root)\n\n",
    "log\n0\n\(root)\n\nmore\n", "log\n0\npipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=\n",
    "log\r\n0\n\(root)\n", "log\n1e3\n\(root)\n", "log\n0\n\(root)x\n",
  ])
  func otherTextsAreRefused(text: String) {
    expect(.malformedCheckpoint) { _ = try Checkpoint(text: ascii(text)) }
  }

  @Test func extensionLinesAreKept() throws {
    let text = ascii("log\n0\n\(Self.root)\nfirst\nsecond line\n")
    let checkpoint = try Checkpoint(text: text)
    #expect(checkpoint.extensionLines == ["first", "second line"])
    #expect(checkpoint.text == text)
  }

  @Test func unfitPartsAreRefused() throws {
    let root = TreeHash.emptyRoot
    expect(.malformedCheckpoint) { _ = try Checkpoint(origin: "", treeSize: 0, rootHash: root) }
    expect(.malformedCheckpoint) {
      _ = try Checkpoint(origin: "a\nb", treeSize: 0, rootHash: root)
    }
    expect(.malformedCheckpoint) { _ = try Checkpoint(origin: "a", treeSize: -1, rootHash: root) }
    expect(.malformedCheckpoint) {
      _ = try Checkpoint(origin: "a", treeSize: 0, rootHash: .leaf([]))
    }
    expect(.malformedCheckpoint) {
      _ = try Checkpoint(origin: "a", treeSize: 0, rootHash: root, extensionLines: [""])
    }
  }
}

import Foundation
import Rights
import Sealing
import Transparency

/// The five files of a certificate, signed with keys of the test.
struct SampleCertificate {
  var certificate: [UInt8]
  var entry: [UInt8]
  var proof: [UInt8]
  var keyFile: [UInt8]
  var logKeyFile: [UInt8]

  static let keyName = SampleStatement.origin + "/certificates"

  /// Signs a statement and puts its event between two others in a log.
  init(
    _ members: SampleStatement.Members, event: SampleStatement.Members = [:],
    keyName: String = SampleCertificate.keyName, seed: UInt8 = 1, witness: UInt8? = nil
  ) throws {
    let key = try Self.key(keyName, seed)
    let logKey = try Self.key(SampleStatement.origin, 2)
    let text = try SampleStatement.object(members).canonicalBytes() + [0x0A]
    certificate = try SignedNote(text: text, signatures: [try key.sign(text)]).encoded
    let told: SampleStatement.Members = [
      "id": "603c6f58", "type": "erasure.final", "seq": 1, "time": .integer(SampleStatement.final),
      "reference": members["reference"] ?? .null, "assurance": members["assurance"] ?? .null,
    ]
    entry = try SampleStatement.object(told.merging(event) { $1 }).canonicalBytes()
    let (before, after) = (TreeHash.leaf([1]), TreeHash.leaf([2]))
    let root = TreeHash.node(.node(before, .leaf(entry)), after)
    let checkpoint = try Checkpoint(
      origin: SampleStatement.origin, treeSize: 3, rootHash: root)
    var note = try checkpoint.signed(by: logKey)
    if let witness { try note.add(Self.cosignature(checkpoint.text, witness)) }
    proof =
      LogProof(
        inclusion: InclusionProof(leafIndex: 1, treeSize: 3, hashes: [before, after]),
        checkpoint: note
      ).encoded
    keyFile = Array("\(key.verifierKey.encoded)\n".utf8)
    logKeyFile = Array("\(logKey.verifierKey.encoded)\n".utf8)
  }

  var report: CertificateReport { report() }

  func report(witnesses: [NoteVerifierKey] = []) -> CertificateReport {
    CertificateVerifier(
      CertificateEvidence(
        certificate: certificate, entry: entry, proof: proof, keyFile: keyFile,
        logKeyFile: logKeyFile), witnesses: witnesses
    ).report()
  }

  /// The files by their names beside a certificate `<stem>.certificate`.
  func files(_ stem: String) -> [(name: String, bytes: [UInt8])] {
    [
      (stem + ".certificate", certificate), (stem + ".entry.json", entry),
      (stem + ".tlog-proof", proof), ("certificates.vkey", keyFile), ("log.vkey", logKeyFile),
    ]
  }

  /// SHA-256 in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(bytes).hexadecimal }

  static func key(_ name: String, _ seed: UInt8) throws -> NoteSigningKey {
    try NoteSigningKey(
      name: name, seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)))
  }

  /// The key of a witness.
  static func witnessKey(_ seed: UInt8) throws -> NoteVerifierKey {
    try NoteVerifierKey(
      name: "witness.example", algorithm: .cosignature,
      publicKey: try key("witness.example", seed).verifierKey.publicKey)
  }

  private static func cosignature(_ text: [UInt8], _ seed: UInt8) throws -> NoteSignature {
    let seconds: UInt64 = 1_795_513_500
    let message = Array("cosignature/v1\ntime \(seconds)\n".utf8) + text
    let signature = try key("witness.example", seed).sign(message).payload
    let key = try witnessKey(seed)
    return try NoteSignature(
      name: key.name, keyID: key.keyID, payload: seconds.bigEndianBytes + signature)
  }
}

extension CertificateReport {
  /// The checks that did not pass because something is wrong, by name.
  var failed: [CertificateCheck.Name] {
    checks.filter { $0.outcome == .failed }.map(\.name)
  }
}

internal import GRDB
internal import Keyring
internal import Sealing
public import Transparency

/// Evidence of an erasure or expiry that anyone can verify without the vault; free of personal
/// data.
public struct Certificate: Sendable {
  /// The statement: canonical JSON and a final newline, signed as a C2SP signed note.
  public let note: [UInt8]
  /// The statement alone.
  public let statement: CanonicalJSON
  /// The erasure's final entry of the log; while its grace window lasts the entry that says so.
  public let logEntry: [UInt8]
  /// Proof that the log holds it, with the signed checkpoint: a `.tlog-proof` file.
  public let logProof: [UInt8]
}

extension Vault {
  /// The key that verifies certificates of this vault, in the form of C2SP signed-note.
  public func certificateVerifierKey() throws -> String {
    try keyring.withExportSigningSeed { seed in
      try NoteSigningKey(name: certificateKeyName, seed: seed).verifierKey.encoded
    }
  }

  private var certificateKeyName: String { settings.origin + Self.certificateKeySuffix }

  /// Signs a text as a C2SP signed note with the key of certificates.
  func certified(_ text: [UInt8]) throws -> [UInt8] {
    try keyring.withExportSigningSeed { seed in
      let key = try NoteSigningKey(name: certificateKeyName, seed: seed)
      return try SignedNote(text: text, signatures: [try key.sign(text)]).encoded
    }
  }

  /// Makes the certificate of a finished erasure, or of one whose grace window lasts; publishes the
  /// log first, so that it can be proved.
  public func certificate(_ reference: String) throws -> Certificate {
    let outcome = try erasureOutcome(reference)
    try publishLog()
    let statement = try statement(of: outcome)
    let text =
      try statement.canonicalBytes(
        byteCountMaximum: Self.statementByteCountMaximum) + [0x0A]
    let note = try certified(text)
    let (entry, proof) = try prove(outcome.provenSequence)
    return Certificate(note: note, statement: statement, logEntry: entry, logProof: proof)
  }
}

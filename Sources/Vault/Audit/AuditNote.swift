internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// Free text about a person that belongs to an event and must be able to die: why an operator
/// looked, what a person wrote.
///
/// The text is sealed under the subject's key beside the log. The entry has only
/// `payload_commitment` = HMAC-SHA256(r, text), with 32 fresh random bytes r that are sealed with
/// the text: who is shown both can recompute it, and once the subject's key is destroyed the
/// commitment tells nothing.
struct AuditNote {
  /// Bytes of r.
  static let keyByteCount = 32
  /// Table and field of the sealed cell; the row is the event's place in the log.
  static let table: UInt16 = 3
  static let field: UInt16 = 1

  /// The subject whose key seals it.
  let subject: Int64
  /// r, then the text.
  private let content: [UInt8]

  /// Draws r for a text.
  init(_ text: [UInt8], about subject: Int64, random: any RandomSource) throws {
    self.subject = subject
    content = try random.bytes(count: Self.keyByteCount) + text
  }

  /// The member of the event.
  var commitment: (key: String, value: CanonicalJSON) {
    get throws {
      var key = try HMACKey(SecretBytes(copying: Array(content.prefix(Self.keyByteCount))))
      let code = key.authenticate(Array(content.dropFirst(Self.keyByteCount)))
      return ("payload_commitment", .string(code.hexadecimal))
    }
  }

  /// Seals the note as the payload of an entry, in the transaction that appends it.
  ///
  /// The subject is read in the transaction: a change may have given it another key a moment ago.
  func keep(at sequence: Int, _ vault: Vault, _ database: Database) throws {
    guard let row = try SubjectStore(database: database).find(subject) else {
      throw VaultError(.stale, "the person has just been changed; ask again")
    }
    let opener = SubjectOpener(vault)
    let key = try opener.fieldKey(try opener.open(row), .permanent, createIfMissing: false)
    let sealed = try opener.cipher.seal(content, key: key, cell: Self.cell(sequence))
    try PayloadStore(database: database).insert(sequence, subject: subject, sealed)
  }

  static func cell(_ sequence: Int) -> Cell {
    Cell(table: table, field: field, row: UInt64(sequence))
  }
}

/// A note that was opened to be shown to somebody.
public struct DisclosedNote: Sendable {
  /// The text.
  public let text: [UInt8]
  /// The key r of the commitment, 32 bytes.
  public let key: [UInt8]
}

extension Vault {
  /// Opens the note of an entry; reading it is an event of the log.
  ///
  /// - Parameters:
  ///   - sequence: Place of the entry.
  ///   - requester: Who reads; needs permission to answer access requests, for the text is about a
  ///     person.
  /// - Returns: The text, and the key with which the entry's commitment is recomputed.
  /// - Throws: ``VaultError`` `.denied`, `.notFound` when the entry has no note or it was erased
  ///   with its person, `.fenced`.
  public func readNote(_ sequence: Int, _ requester: Requester) throws -> DisclosedNote {
    let identity = try authorise(.access, requester)
    let found = try storing(layout.vault) {
      try queue.read { database in
        try PayloadStore(database: database).find(sequence).flatMap { payload in
          try SubjectStore(database: database).find(payload.subject).map { ($0, payload.sealed) }
        }
      }
    }
    guard let (row, sealed) = found else {
      throw VaultError(
        .notFound, "entry \(sequence) has no note, or it was erased with the person it is about")
    }
    let opener = SubjectOpener(self)
    let key = try opener.fieldKey(try opener.open(row), .permanent, createIfMissing: false)
    let content = try opener.cipher.open(sealed, key: key, cell: AuditNote.cell(sequence))
      .plaintextCopy()
    try log(
      AuditEvent(
        .logRead, actor: try actor(identity.name),
        details: members(requester) + [("entry", .count(sequence)), ("payload", .bool(true))]))
    return DisclosedNote(
      text: Array(content.dropFirst(AuditNote.keyByteCount)),
      key: Array(content.prefix(AuditNote.keyByteCount)))
  }
}

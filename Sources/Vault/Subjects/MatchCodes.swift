internal import Keyring
internal import Sealing

/// Computes the keyed codes of the match index and of the suppression list; serves one thread.
///
/// Each kind of identifier has a key of its own, so equal texts of two kinds have nothing in
/// common. The keys live in the key tree by generation: after a rebuild the old index is noise.
final class MatchCodes {
  /// Number of the index key for external ids, beside the kinds' numbers.
  static let externalIDField: UInt16 = 0

  private var keys: [UInt16: CodeKey] = [:]
  private let keyring: Keyring
  private let generation: UInt32
  private var suppression: CodeKey?

  init(keyring: Keyring, generation: UInt32) {
    self.keyring = keyring
    self.generation = generation
  }

  /// The code of a subject's id in a source.
  func code(source: String, externalID: [UInt8]) throws -> [UInt8] {
    try code(Self.externalIDField, Array(source.utf8) + [0] + externalID)
  }

  /// The code of a normalised identifier.
  func code(_ kind: IdentifierKind, _ value: [UInt8]) throws -> [UInt8] {
    try code(kind.number, value)
  }

  /// The index entries of a stored record's identifiers; none when the key of its bucket is gone.
  func rows(of record: RecordRow, _ subject: OpenSubject, _ opener: SubjectOpener) throws
    -> [MatchRow]
  {
    do {
      return try opener.identifiers(of: record, subject).map {
        MatchRow(code: try code($0.kind, $0.value), subject: subject.row.leaf, kind: $0.kind.number)
      }
    } catch let error as KeyringError where error.code == .keyDestroyed {
      return []
    }
  }

  /// The entry of a normalised identifier in the suppression list; a key used nowhere else.
  func suppressionEntry(_ kind: IdentifierKind, _ value: [UInt8]) throws -> Int64 {
    try suppressionEntry(label: "kind\0\(kind.rawValue)", value)
  }

  /// The entry of a subject's id in a source.
  func suppressionEntry(source: String, externalID: [UInt8]) throws -> Int64 {
    try suppressionEntry(label: "source\0\(source)", externalID)
  }

  private func suppressionEntry(label: String, _ value: [UInt8]) throws -> Int64 {
    let key: CodeKey
    if let known = suppression {
      key = known
    } else {
      key = try keyring.withSuppressionKey { try CodeKey($0) }
      suppression = key
    }
    let code = key.authenticate(Array("suppress\0\(label)\0".utf8) + value)
    return Int64(bitPattern: code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
  }

  private func code(_ field: UInt16, _ message: [UInt8]) throws -> [UInt8] {
    let key: CodeKey
    if let known = keys[field] {
      key = known
    } else {
      key = try keyring.withIndexKey(
        field: field, generation: generation, createIfMissing: true
      ) { try CodeKey($0) }
      keys[field] = key
    }
    return Array(key.authenticate(message).prefix(16))
  }
}

/// A prepared HMAC key that a dictionary can hold.
final class CodeKey {
  private var key: HMACKey

  init(_ secret: borrowing SecretBytes) throws {
    key = try HMACKey(secret)
  }

  func authenticate(_ message: [UInt8]) -> [UInt8] {
    key.authenticate(message)
  }
}

internal import Transparency

/// What a member of an event can hold; none of the kinds takes free text.
///
/// An event is checked against its form when it is written, so a value that could be a name, an
/// address or a sentence cannot get into the log by mistake of a caller.
public indirect enum AuditValue: Hashable, Sendable {
  /// A whole number from 0.
  case count
  /// Milliseconds since 1970-01-01 UTC.
  case milliseconds
  /// True or false.
  case flag
  /// A name of the vault's own: a source, field, purpose, policy, kind.
  case name
  /// Names.
  case names
  /// 32 bytes in hexadecimal: SHA-256 or HMAC-SHA256.
  case digest
  /// Digests, or nothing where there is none.
  case optionalDigest
  /// A root hash of the log in base64.
  case rootHash
  /// A reference of a case, an act or an erasure; see ``Vault/checkReference(_:)``.
  case reference
  /// One of these words.
  case choice([String])
  /// Names with values of one kind.
  case mapping(AuditValue)
  /// Fixed members.
  case object([AuditMember])
  /// Values of one kind.
  case list(AuditValue)

  /// Longest name in bytes: a source and a field with the dot between them.
  static let nameByteCountMaximum = 200

  /// Whether a value is of this kind.
  func fits(_ value: CanonicalJSON) -> Bool {
    switch (self, value) {
    case (.count, .integer(let number)), (.milliseconds, .integer(let number)): number >= 0
    case (.flag, .bool): true
    case (.name, .string(let text)): Self.isName(text)
    case (.names, .array(let values)): values.allSatisfy(AuditValue.name.fits)
    case (.digest, .string(let text)): Self.isDigest(text)
    case (.optionalDigest, .string(let text)): text.isEmpty || Self.isDigest(text)
    case (.rootHash, .string(let text)): (try? TreeHash(bytes: Base64.decode(text))) != nil
    case (.reference, .string(let text)): (try? Vault.checkReference(text)) != nil
    case (.choice(let words), .string(let text)): words.contains(text)
    case (.mapping(let kind), .object(let object)):
      object.members.allSatisfy { Self.isName($0.key) && kind.fits($0.value) }
    case (.object(let members), .object(let object)):
      AuditEventForm.problem(in: object.members.map { ($0.key, $0.value) }, members) == nil
    case (.list(let kind), .array(let values)): values.allSatisfy(kind.fits)
    default: false
    }
  }

  private static func isName(_ text: String) -> Bool {
    (1...nameByteCountMaximum).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: byte == 0x2D || byte == 0x2E || byte == 0x5F
        }
      }
  }

  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension AuditValue: CustomStringConvertible {
  /// The kind as `docs/format.md` names it.
  public var description: String {
    switch self {
    case .count: "count"
    case .milliseconds: "ms"
    case .flag: "flag"
    case .name: "name"
    case .names: "names"
    case .digest: "digest"
    case .optionalDigest: "digest or empty"
    case .rootHash: "root hash"
    case .reference: "reference"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: " or ")
    case .mapping(let kind): "name → \(kind)"
    case .object(let members): "{\(members.map(\.description).joined(separator: ", "))}"
    case .list(let kind): "list of \(kind)"
    }
  }
}

/// A member of an event.
public struct AuditMember: Hashable, Sendable {
  /// Its name, in snake case.
  public let name: String
  /// What it can hold.
  public let value: AuditValue
  /// Whether an event may lack it.
  public let isOptional: Bool

  /// Describes a member.
  init(_ name: String, _ value: AuditValue, isOptional: Bool = false) {
    self.name = name
    self.value = value
    self.isOptional = isOptional
  }
}

extension AuditMember: CustomStringConvertible {
  /// The member as `docs/format.md` names it.
  public var description: String { "`\(name)`\(isOptional ? "?" : "") \(value)" }
}

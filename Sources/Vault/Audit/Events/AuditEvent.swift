internal import Sealing
public import Transparency

/// An event before it has its place in the log; holds no personal data by construction of its
/// callers: names of fields, counts, tokens of the `audit` domain, digests.
public struct AuditEvent: Sendable {
  /// What happened.
  public let type: AuditEventType
  /// Pseudonym of who did it.
  public let actor: String
  /// References to the subjects concerned: tokens of the `audit` domain, 16 bytes each.
  public let subjects: [[UInt8]]
  /// The rest of the payload.
  public let details: [(key: String, value: CanonicalJSON)]

  /// Most references an entry lists, so that it stays within the size of an event; all of them are
  /// kept beside the log, where ``Vault/events(about:_:)`` looks.
  static let listedSubjectsMaximum = 200

  /// Creates an event.
  public init(
    _ type: AuditEventType, actor: String, subjects: [[UInt8]] = [],
    details: [(key: String, value: CanonicalJSON)] = []
  ) {
    self.type = type
    self.actor = actor
    self.subjects = subjects
    self.details = details
  }

  /// The event with one member more.
  func adding(_ detail: (key: String, value: CanonicalJSON)) -> AuditEvent {
    AuditEvent(type, actor: actor, subjects: subjects, details: details + [detail])
  }

  /// The bytes of the entry at a place of the log.
  ///
  /// - Throws: ``VaultError`` `.integrity` when the event is not of the form of its type.
  func entry(sequence: Int, milliseconds: Int64, id: [UInt8]) throws -> [UInt8] {
    if let problem = type.form.problem(in: details) {
      throw VaultError(
        .integrity, "the event `\(type.rawValue)` is not of its form, \(problem); nothing was done")
    }
    var members = details
    members.append(("actor", .string(actor)))
    members.append(("id", .string(id.hexadecimal)))
    members.append(("seq", .integer(Int64(sequence))))
    members.append(("time", .integer(milliseconds)))
    members.append(("type", .string(type.rawValue)))
    if !subjects.isEmpty {
      let listed = subjects.prefix(Self.listedSubjectsMaximum)
      members.append(("subjects", .array(listed.map { .string(Self.reference($0)) })))
      if listed.count < subjects.count {
        members.append(("subjects_not_listed", .count(subjects.count - listed.count)))
      }
    }
    return try CanonicalJSON.object(try JSONObject(members)).canonicalBytes()
  }

  /// The text form of a subject reference.
  static func reference(_ token: [UInt8]) -> String {
    TokenText(domain: TokenDomain.audit.name, token: token).text
  }
}

extension CanonicalJSON {
  /// A count.
  static func count(_ number: Int) -> CanonicalJSON { .integer(Int64(number)) }

  /// A list of texts.
  static func texts(_ texts: some Sequence<String>) -> CanonicalJSON {
    .array(texts.map { .string($0) })
  }

  /// An object of members in any order.
  static func members(_ members: [(key: String, value: CanonicalJSON)]) throws -> CanonicalJSON {
    .object(try JSONObject(members))
  }
}

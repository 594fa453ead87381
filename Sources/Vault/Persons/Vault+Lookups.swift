internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// One event of the log that concerns a person.
public struct PersonEvent: Sendable {
  /// Place in the log.
  public let sequence: Int
  /// Type of the event.
  public let type: String
  /// When, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64
  /// Purpose, where the event has one.
  public let purpose: String?
  /// Pseudonym of who acted.
  public let actor: String
  /// Names of the fields and the rung each was shown at, where fields were disclosed.
  public let fields: [(field: String, rung: String)]
}

extension Vault {
  /// Months of references looked back at most.
  static let lookupMonthsMaximum = 120

  /// Finds every event of the log that concerns a person: who looked when, and what for.
  ///
  /// The references change every month and are computed from the subjects' own secrets, so this
  /// works only while the person is not erased.
  public func events(about token: TokenText, _ requester: Requester) throws -> [PersonEvent] {
    try authorise(.access, requester)
    let material = try gather(try person(token))
    let opener = SubjectOpener(self)
    let subjects = try material.subjects.map(opener.open)
    let references = try monthlyReferences(subjects)
    return try storing(layout.vault) {
      try queue.read { database in
        let store = AuditStore(database: database)
        let firstKept = try store.firstKept()
        let kept = try store.sequences(references: references).filter { $0 >= firstKept }
        return try kept.map {
          try PersonEvent(sequence: $0, entry: try store.entry($0))
        }
      }
    }
  }
}

extension PersonEvent {
  fileprivate init(sequence: Int, entry: [UInt8]) throws {
    guard case .object(let object) = try CanonicalJSON(canonicalBytes: entry),
      case .string(let type)? = object["type"], case .integer(let time)? = object["time"],
      case .string(let actor)? = object["actor"]
    else { throw VaultError(.integrity, "log entry \(sequence) is not an event; verify the log") }
    self.sequence = sequence
    self.type = type
    milliseconds = time
    self.actor = actor
    if case .string(let purpose)? = object["purpose"] {
      self.purpose = purpose
    } else {
      purpose = nil
    }
    var fields: [(field: String, rung: String)] = []
    if case .object(let shown)? = object["fields"] {
      for member in shown.members {
        if case .string(let rung) = member.value { fields.append((member.key, rung)) }
      }
    }
    self.fields = fields
  }
}

internal import Transparency

/// What an event of a type has to look like.
public struct AuditEventForm: Sendable {
  /// Whether the event says who asked for the act and what for: `policy_set`, `purpose`, `case`.
  public let hasRequest: Bool
  /// The members of its own.
  public let members: [AuditMember]

  private let known: [String: AuditMember]
  private let required: Int

  /// The members of every event that somebody asked for.
  static let request = [
    AuditMember("policy_set", .digest), AuditMember("purpose", .name),
    AuditMember("case", .reference, isOptional: true),
  ]

  init(hasRequest: Bool, _ members: [AuditMember]) {
    self.hasRequest = hasRequest
    self.members = members
    let all = (hasRequest ? Self.request : []) + members
    known = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    required = all.count { !$0.isOptional }
  }

  /// What keeps members from being those of an event of this form; nil when nothing does.
  func problem(in details: [(key: String, value: CanonicalJSON)]) -> String? {
    Self.problem(in: details, known: known, required: required)
  }

  /// As ``problem(in:)``, for the members of an object within an event.
  static func problem(
    in details: [(key: String, value: CanonicalJSON)], _ members: [AuditMember]
  ) -> String? {
    problem(
      in: details, known: Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0) }),
      required: members.count { !$0.isOptional })
  }

  /// Two members of one name are refused when the entry is encoded.
  private static func problem(
    in details: [(key: String, value: CanonicalJSON)], known: [String: AuditMember], required: Int
  ) -> String? {
    var found = 0
    for detail in details {
      guard let member = known[detail.key] else { return "it has no member `\(detail.key)`" }
      guard member.value.fits(detail.value) else {
        return "`\(detail.key)` is not of the kind \(member.value)"
      }
      if !member.isOptional { found += 1 }
    }
    return found == required ? nil : "a member is missing"
  }
}

extension AuditEventType {
  /// The form of this type's events.
  public var form: AuditEventForm { Self.forms[self] ?? described }

  private static let forms = Dictionary(uniqueKeysWithValues: allCases.map { ($0, $0.described) })

  /// The registry as the table of `docs/format.md`.
  public static var table: String {
    let rows = allCases.map { type in
      let members = type.form.members.map(\.description).joined(separator: ", ")
      return "| `\(type.rawValue)` | \(type.form.hasRequest ? "yes" : "–") | \(members) |"
    }
    return (["| type | request members | members of its own |", "|---|---|---|"] + rows)
      .joined(separator: "\n")
  }
}

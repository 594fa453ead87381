internal import Sealing
internal import Transparency
internal import Vault

/// An entry as an event of the Open Cybersecurity Schema Framework: Datastore Activity, class 6005.
///
/// - SeeAlso: schema.ocsf.io, version ``version``.
enum OCSFLine {
  /// Version of the schema.
  static let version = "1.3.0"

  private static let category = 6
  private static let classNumber = 6005
  /// Severity "informational"; what is unusual is for whoever reads it to say.
  private static let informational = 1
  private static let allowed = 1
  private static let denied = 2

  /// What is done to the store; the numbers are the schema's.
  private enum Activity: Int {
    case read = 1
    case update = 2
    case query = 4
    case create = 6
    case delete = 7
    case other = 99

    init(_ type: String) {
      self =
        switch type {
        case "field.disclosed", "access.packaged", "access.exported", "log.read": .read
        case "fields.rectified", "consent.withdrawn", "persons.unified", "unseal.rotated": .update
        case "person.found", "segment.counted", "log.queried", "log.exported", "log.sampled",
          "log.examined", "log.analysed", "log.verified":
          .query
        case "records.ingested", "source.registered", "domain.opened", "token.issued",
          "vault.created", "backup.made":
          .create
        case "fields.erased", "key.destroyed", "epoch.ended", "log.pruned": .delete
        default: type.hasPrefix("erasure.") ? .delete : .other
        }
    }

    var name: String { self == .other ? "Other" : "\(self)".capitalizedFirst }
  }

  /// Writes an entry.
  static func json(
    _ event: LoggedEvent, _ entry: LogEntry, origin: String
  ) throws -> CanonicalJSON {
    let activity = Activity(event.type)
    var metadata: [(key: String, value: CanonicalJSON)] = [
      ("event_code", .string(event.type)), ("log_name", .string(origin)),
      ("product", try object([("name", .string("Lethe")), ("vendor_name", .string("Lethe"))])),
      ("sequence", .integer(Int64(event.sequence))), ("uid", .string(event.text("id") ?? "")),
      ("version", .string(version)),
    ]
    var members: [(key: String, value: CanonicalJSON)] = [
      ("activity_id", .integer(Int64(activity.rawValue))),
      ("activity_name", .string(activity == .other ? event.type : activity.name)),
      ("actor", try object([("user", try object([("uid", .string(event.actor))]))])),
      ("category_name", .string("Application Activity")),
      ("category_uid", .integer(Int64(category))),
      ("class_name", .string("Datastore Activity")), ("class_uid", .integer(Int64(classNumber))),
      ("database", try object([("name", .string(origin)), ("type_id", .integer(99))])),
      ("raw_data", .string(String(decoding: entry.bytes, as: UTF8.self))),
      ("severity", .string("Informational")), ("severity_id", .integer(Int64(informational))),
      // The log knows the operator and no machine; the service stands for where it came from.
      ("src_endpoint", try object([("svc_name", .string("lethe"))])),
      ("time", .integer(event.milliseconds)),
      ("type_uid", .integer(Int64(classNumber * 100 + activity.rawValue))),
      (
        "unmapped",
        try object([("leaf_hash", .string(entry.leafHash.bytes.hexadecimal))])
      ),
    ]
    if let decision = event.decision {
      let isAllowed = decision == .allow
      let policy = try object([
        ("uid", .string(event.texts("policies").joined(separator: " "))),
        ("version", .string(event.text("policy_set") ?? "")),
      ])
      metadata.append(("profiles", .array([.string("security_control")])))
      members.append(("action_id", .integer(Int64(isAllowed ? allowed : denied))))
      members.append(("disposition_id", .integer(Int64(isAllowed ? allowed : denied))))
      members.append(
        (
          "authorizations",
          .array([
            try object([("decision", .string(decision.rawValue)), ("policy", policy)])
          ])
        ))
    }
    members.append(("metadata", try object(metadata)))
    return try object(members)
  }

  /// The entry's bytes.
  static func entry(_ line: JSONObject) -> [UInt8]? {
    guard case .string(let text)? = line["raw_data"] else { return nil }
    return Array(text.utf8)
  }

  private static func object(
    _ members: [(key: String, value: CanonicalJSON)]
  ) throws -> CanonicalJSON {
    .object(try JSONObject(members))
  }
}

extension String {
  /// The text with a capital first letter.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

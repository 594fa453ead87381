internal import Sealing
public import Transparency
public import Vault

/// An entry of the log, read for people and other formats.
public struct LoggedEvent: Sendable {
  /// Place in the log.
  public let sequence: Int
  /// Everything the entry says.
  public let members: JSONObject
  /// Type of the event.
  public let type: String
  /// When, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64

  /// Reads an entry.
  ///
  /// - Throws: ``AuditingError`` `.malformedEntry`.
  public init(_ entry: LogEntry) throws {
    guard case .object(let object)? = try? CanonicalJSON(canonicalBytes: entry.bytes),
      case .string(let type)? = object["type"], case .integer(let time)? = object["time"],
      object["seq"] == .integer(Int64(entry.sequence)), time >= 0
    else {
      throw AuditingError(
        .malformedEntry, "log entry \(entry.sequence) is no event; verify the log")
    }
    sequence = entry.sequence
    members = object
    self.type = type
    milliseconds = time
  }

  /// A member that is a text.
  public func text(_ name: String) -> String? {
    if case .string(let text)? = members[name] { return text }
    return nil
  }

  /// A member that is a list of texts; empty when there is none.
  public func texts(_ name: String) -> [String] {
    guard case .array(let values)? = members[name] else { return [] }
    return values.compactMap {
      if case .string(let text) = $0 { return text }
      return nil
    }
  }

  /// Pseudonym of who acted.
  public var actor: String { text("actor") ?? "" }
  /// Whether it was allowed; nil where nothing was decided.
  public var decision: LogQuery.Decision? {
    LogQuery.refusalTypes.contains(type)
      ? .deny : text("decision").flatMap(LogQuery.Decision.init(rawValue:))
  }

  /// Names of the fields that were asked for, with what was shown of each.
  public var fields: [(field: String, rung: String)] {
    guard case .object(let shown)? = members["fields"] else { return [] }
    return shown.members.compactMap { member in
      if case .string(let rung) = member.value { return (member.key, rung) }
      return nil
    }
  }
}

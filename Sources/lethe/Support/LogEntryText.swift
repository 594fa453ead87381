import Auditing
import Sealing
import Transparency
import Vault

/// How entries of the log are shown on a terminal and as JSON.
struct LogEntryText {
  private static let typeWidth = 19
  private static let actorWidth = 20
  private static let purposeWidth = 26

  /// The operators by their pseudonyms.
  let operators: [String: LogOperator]

  /// An operator's name; the pseudonym of somebody who is no operator any more.
  func name(_ actor: String) -> String { operators[actor]?.name ?? actor }

  /// The entry with its place, its leaf hash and the operator's name.
  func member(_ entry: LogEntry) throws -> CanonicalJSON {
    let event = try LoggedEvent(entry)
    return try .members([
      ("seq", .count(entry.sequence)), ("event", .object(event.members)),
      ("leaf_hash", .string(entry.leafHash.bytes.hexadecimal)),
      ("operator", operators[event.actor].map { .string($0.name) } ?? .null),
    ])
  }

  /// Names of the columns.
  var header: String {
    line("ENTRY", "TIME (UTC)", "TYPE", "WHO", "PURPOSE", "DECISION", "CASE")
  }

  /// The entry as a line of a table.
  func line(_ entry: LogEntry) throws -> String {
    let event = try LoggedEvent(entry)
    return line(
      String(entry.sequence), TimeText.text(event.milliseconds), event.type, name(event.actor),
      event.text("purpose") ?? "–", event.decision?.rawValue ?? "–",
      event.text("case") ?? event.text("reference") ?? "–")
  }

  private func line(
    _ place: String, _ time: String, _ type: String, _ actor: String, _ purpose: String,
    _ decision: String, _ reference: String
  ) -> String {
    [
      place.padding(to: 7), time.padding(to: 24), type.padding(to: Self.typeWidth),
      actor.padding(to: Self.actorWidth), purpose.padding(to: Self.purposeWidth),
      decision.padding(to: 8), reference,
    ].joined(separator: " ")
  }

  /// Says that entries before a place are gone; nothing when none are.
  static func pruned(_ firstKept: Int) -> [String] {
    firstKept == 0
      ? [] : ["entries below \(firstKept) were pruned; what is shown begins there"]
  }
}

internal import Sealing
internal import Transparency
internal import Vault

/// An entry as a CloudEvent (CloudEvents 1.0, JSON form).
enum CloudEventLine {
  /// Stands in front of our event types, so that they clash with nobody's.
  static let typePrefix = "lethe."
  /// Digits of the extension attribute `sequence`, which is compared as text.
  private static let sequenceDigits = 16

  /// Writes an entry.
  static func json(
    _ event: LoggedEvent, _ entry: LogEntry, origin: String
  ) throws -> CanonicalJSON {
    let digits = String(event.sequence)
    let padding = String(repeating: "0", count: max(0, sequenceDigits - digits.utf8.count))
    return .object(
      try JSONObject([
        ("data", .object(event.members)), ("datacontenttype", .string("application/json")),
        ("id", .string(event.text("id") ?? "")),
        ("leafhash", .string(entry.leafHash.bytes.hexadecimal)),
        ("sequence", .string(padding + digits)), ("source", .string("//" + origin)),
        ("specversion", .string("1.0")), ("time", .string(TimeText.text(event.milliseconds))),
        ("type", .string(typePrefix + event.type)),
      ]))
  }

  /// The entry's bytes.
  static func entry(_ line: JSONObject) -> [UInt8]? {
    guard let data = line["data"] else { return nil }
    return try? data.canonicalBytes()
  }
}

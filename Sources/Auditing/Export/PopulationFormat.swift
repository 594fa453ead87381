internal import Transparency
internal import Vault

/// How entries are written to a file, one line each.
///
/// Every format carries the whole entry beside what it makes of it, so that each line can be
/// checked against the log: our own form is the signed one, the others are translations.
public enum PopulationFormat: String, Sendable, CaseIterable {
  /// JSON Lines: exactly the bytes of the entries.
  case jsonl
  /// CSV as in RFC 4180, with a line of column names.
  case csv
  /// OCSF Datastore Activity (class 6005), one JSON object a line.
  case ocsf
  /// CloudEvents 1.0 in JSON, one object a line.
  case cloudevents

  /// Largest line in bytes that is looked at when a file is read.
  static let lineByteCountMaximum = 16 * CanonicalJSON.eventByteCountMaximum

  /// The bytes that end a line.
  var lineEnd: [UInt8] { self == .csv ? [0x0D, 0x0A] : [0x0A] }

  /// The line of column names, without its end; nil where there is none.
  var header: [UInt8]? { self == .csv ? Array(CSVLine.header.utf8) : nil }

  /// Writes an entry as a line, without its end.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - origin: Name of the log.
  /// - Returns: The line.
  /// - Throws: ``AuditingError`` `.malformedEntry`.
  func line(_ entry: LogEntry, origin: String) throws -> [UInt8] {
    switch self {
    case .jsonl: return entry.bytes
    case .csv: return CSVLine.bytes(try LoggedEvent(entry), entry)
    case .ocsf:
      return try OCSFLine.json(try LoggedEvent(entry), entry, origin: origin)
        .canonicalBytes(byteCountMaximum: Self.lineByteCountMaximum)
    case .cloudevents:
      return try CloudEventLine.json(try LoggedEvent(entry), entry, origin: origin)
        .canonicalBytes(byteCountMaximum: Self.lineByteCountMaximum)
    }
  }

  /// Finds the bytes of the entry that a line carries; nil when it carries none.
  func entryBytes(_ line: [UInt8]) -> [UInt8]? {
    switch self {
    case .jsonl: return line
    case .csv: return CSVLine.entry(line)
    case .ocsf: return Self.object(line).flatMap(OCSFLine.entry)
    case .cloudevents: return Self.object(line).flatMap(CloudEventLine.entry)
    }
  }

  private static func object(_ line: [UInt8]) -> JSONObject? {
    guard
      case .object(let object)? = try? CanonicalJSON(
        canonicalBytes: line, byteCountMaximum: lineByteCountMaximum)
    else { return nil }
    return object
  }
}

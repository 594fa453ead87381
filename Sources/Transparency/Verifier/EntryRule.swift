/// Says what the entries of a log have to look like.
public enum EntryRule: Hashable, Sendable {
  /// Any bytes; for logs that are not ours.
  case any
  /// Canonical JSON within the size of an audit event.
  case canonicalJSON
  /// A canonical JSON object with `id`, `type`, `time`, and `seq` equal to the entry's index.
  case auditEvent

  /// Longest event type in bytes.
  public static let typeByteCountMaximum = 64

  /// Checks one entry.
  ///
  /// - Parameters:
  ///   - entry: The entry's bytes.
  ///   - index: Its index in the log.
  /// - Returns: What is wrong, or nil.
  func problem(in entry: [UInt8], index: Int) -> (kind: LogFinding.Kind, message: String)? {
    guard self != .any else { return nil }
    let value: CanonicalJSON
    do {
      value = try CanonicalJSON(canonicalBytes: entry)
    } catch {
      return (.entryNotCanonical, "the entry is not canonical JSON: \(error)")
    }
    guard self == .auditEvent else { return nil }
    return eventProblem(in: value, index: index).map { (.eventMalformed, $0) }
  }

  private func eventProblem(in value: CanonicalJSON, index: Int) -> String? {
    guard case .object(let event) = value else { return "the entry is not an object" }
    guard case .string(let id) = event["id"], Self.isHex(id) else {
      return "`id` is not lower-case hexadecimal"
    }
    guard case .integer(let sequence) = event["seq"] else { return "`seq` is not an integer" }
    guard sequence == Int64(index) else {
      return "`seq` is \(sequence) and the entry's index is \(index)"
    }
    guard case .string(let type) = event["type"], Self.isTypeName(type) else {
      return "`type` is not a name in lower case"
    }
    guard case .integer(let time) = event["time"], time >= 0 else {
      return "`time` is not a number of milliseconds"
    }
    return nil
  }

  /// Types are printed in reports, so nothing that could steer a terminal may be in them.
  private static func isTypeName(_ text: String) -> Bool {
    (1...typeByteCountMaximum).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte)
      }
  }

  private static func isHex(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count % 2 == 0
      && text.utf8.allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
      }
  }
}

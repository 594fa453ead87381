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

  /// Event that says which entries are gone.
  static let pruningType = "log.pruned"
  /// Member of that event: the index below which entries may be gone.
  static let minimumIndexKey = "minimum_index"

  /// What checking one entry says.
  enum Outcome: Sendable {
    /// The entry is as it has to be.
    case right
    /// The entry is an event that allows entries below an index to be gone.
    case pruning(minimumIndex: Int)
    /// The entry breaks the rule.
    case wrong(kind: LogFinding.Kind, message: String)
  }

  /// Checks one entry.
  ///
  /// Right entries are passed over in one pass; only a wrong one is parsed, for the reason.
  ///
  /// - Parameters:
  ///   - entry: The entry's bytes.
  ///   - index: Its index in the log.
  /// - Returns: What the entry is.
  func check(_ entry: Span<UInt8>, index: Int) -> Outcome {
    switch self {
    case .any: return .right
    case .canonicalJSON where CanonicalScan.isCanonical(entry): return .right
    case .auditEvent:
      let scan = EventScan(entry, index: index)
      if scan.isEvent, !scan.isPruning { return .right }
    default: break
    }
    let bytes = entry.indices.map { entry[$0] }
    if let (kind, message) = problem(in: bytes, index: index) {
      return .wrong(kind: kind, message: message)
    }
    return Self.minimumIndex(in: bytes, index: index).map(Outcome.pruning) ?? .right
  }

  /// The minimum index an entry states; nil when it is no pruning, or states one beyond itself.
  private static func minimumIndex(in entry: [UInt8], index: Int) -> Int? {
    guard case .object(let event)? = try? CanonicalJSON(canonicalBytes: entry),
      event["type"] == .string(pruningType),
      case .integer(let minimum)? = event[minimumIndexKey], (0...Int64(index)).contains(minimum)
    else { return nil }
    return Int(minimum)
  }

  /// Says what is wrong with an entry, or nil.
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
    (1...typeByteCountMaximum).contains(text.utf8.count) && text.utf8.allSatisfy(isTypeByte)
  }

  private static func isHex(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count % 2 == 0 && text.utf8.allSatisfy(isHexDigit)
  }

  /// Tells whether a byte may stand in an event's type.
  static func isTypeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Tells whether a byte is a lower-case hexadecimal digit.
  static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
    default: false
    }
  }
}

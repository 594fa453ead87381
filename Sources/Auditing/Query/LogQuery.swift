internal import Sealing
public import Transparency

/// What entries are looked for: every condition that is given has to hold.
///
/// A query is decided by the bytes of an entry alone, so that whoever has the published log can
/// decide it again. Operators are named by their pseudonyms and persons by references of the log.
public struct LogQuery: Sendable, Equatable {
  /// Whether something was allowed.
  public enum Decision: String, Sendable, CaseIterable {
    /// It was.
    case allow
    /// It was refused: `decision` says so, or the entry is of a type that records refusals.
    case deny
  }

  /// Number of the canonical form.
  public static let format = 1
  /// Most event types of one query.
  public static let typesMaximum = 100
  /// Most references of one query.
  public static let subjectsMaximum = 10_000
  /// Longest value of a condition in bytes.
  public static let valueByteCountMaximum = 200
  /// Bytes of the salt.
  public static let saltByteCount = 16
  /// Largest canonical form in bytes.
  public static let byteCountMaximum = 1 << 20
  /// Types of entries that record a refusal and have no `decision`.
  public static let refusalTypes = ["operation.denied", "operator.rejected"]

  /// Earliest time in milliseconds since 1970-01-01 UTC.
  public var fromMilliseconds: Int64?
  /// Time before which entries lie, in milliseconds since 1970-01-01 UTC.
  public var toMilliseconds: Int64?
  /// Pseudonym of who acted.
  public var actor: String?
  /// References to subjects, of which an entry lists at least one; empty for no condition.
  public var subjects: [String] = []
  /// Event types, of which an entry is one; empty for no condition.
  public var types: [String] = []
  /// Whether it was allowed.
  public var decision: Decision?
  /// Purpose, or one it lies below.
  public var purpose: String?
  /// Reference of a case, or of an act such as an erasure.
  public var caseReference: String?
  /// First place in the log.
  public var fromSequence: Int?
  /// Place before which entries lie.
  public var toSequence: Int?
  /// Keeps the digest of a query about persons from being guessed; 16 bytes, empty for none.
  ///
  /// The log keeps the digest for ever. Without salt, whoever tries pairs of references could find
  /// two that were asked for together, and so learn after an erasure that they were one person.
  public var salt: [UInt8] = []

  /// Asks for everything.
  public init() {}

  /// Names of the conditions that are given.
  public var conditions: [String] {
    let given: [(String, Bool)] = [
      ("actor", actor != nil), ("case", caseReference != nil), ("decision", decision != nil),
      ("from_ms", fromMilliseconds != nil), ("from_seq", fromSequence != nil),
      ("purpose", purpose != nil), ("subjects", !subjects.isEmpty),
      ("to_ms", toMilliseconds != nil), ("to_seq", toSequence != nil), ("types", !types.isEmpty),
    ]
    return given.filter(\.1).map(\.0)
  }

  /// The places in a log of a size that the query can mean.
  public func range(treeSize: Int) -> Range<Int> {
    let first = min(fromSequence ?? 0, treeSize)
    return first..<max(first, min(toSequence ?? treeSize, treeSize))
  }

  /// Checks the form of every condition.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery`, `.limit`.
  public func check() throws {
    let texts = [actor, purpose, caseReference].compactMap { $0 } + subjects + types
    for text in texts where !Self.isFit(text) {
      throw AuditingError(
        .invalidQuery,
        "a condition has 1 to \(Self.valueByteCountMaximum) printable ASCII characters without "
          + "quote and backslash")
    }
    guard types.count <= Self.typesMaximum, subjects.count <= Self.subjectsMaximum else {
      throw AuditingError(
        .limit,
        "a query has at most \(Self.typesMaximum) types and \(Self.subjectsMaximum) references")
    }
    guard Set(types).count == types.count, Set(subjects).count == subjects.count else {
      throw AuditingError(.invalidQuery, "a type or reference is given twice")
    }
    let numbers = [fromMilliseconds, toMilliseconds].compactMap { $0 }
    let places = [fromSequence, toSequence].compactMap { $0 }
    guard numbers.allSatisfy({ (0...CanonicalJSON.integerMaximum).contains($0) }),
      places.allSatisfy({ (0...MerkleTree.sizeMaximum).contains($0) })
    else { throw AuditingError(.invalidQuery, "a time or place lies before the beginning") }
    if let fromMilliseconds, let toMilliseconds, fromMilliseconds > toMilliseconds {
      throw AuditingError(.invalidQuery, "the time to read from lies after the time to read to")
    }
    if let fromSequence, let toSequence, fromSequence > toSequence {
      throw AuditingError(.invalidQuery, "the first entry lies behind the last")
    }
    guard salt.isEmpty || salt.count == Self.saltByteCount else {
      throw AuditingError(.invalidQuery, "a salt has \(Self.saltByteCount) bytes")
    }
  }

  private static func isFit(_ text: String) -> Bool {
    (1...valueByteCountMaximum).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
  }
}

extension LogQuery {
  /// The query as canonical JSON; lists are in order of their bytes.
  public var json: CanonicalJSON {
    get throws {
      var members: [(key: String, value: CanonicalJSON)] = [
        ("lethe_query", .integer(Int64(Self.format)))
      ]
      func add(_ key: String, _ value: CanonicalJSON?) {
        if let value { members.append((key, value)) }
      }
      func list(_ texts: [String]) -> CanonicalJSON? {
        texts.isEmpty ? nil : .array(texts.sorted(by: Self.precedes).map { .string($0) })
      }
      add("actor", actor.map { .string($0) })
      add("case", caseReference.map { .string($0) })
      add("decision", decision.map { .string($0.rawValue) })
      add("from_ms", fromMilliseconds.map { .integer($0) })
      add("from_seq", fromSequence.map { .integer(Int64($0)) })
      add("purpose", purpose.map { .string($0) })
      add("salt", salt.isEmpty ? nil : .string(salt.hexadecimal))
      add("subjects", list(subjects))
      add("to_ms", toMilliseconds.map { .integer($0) })
      add("to_seq", toSequence.map { .integer(Int64($0)) })
      add("types", list(types))
      return .object(try JSONObject(members))
    }
  }

  /// SHA-256 of the canonical form; what the log names a query by.
  public var digest: [UInt8] {
    get throws { SHA256.hash(try json.canonicalBytes(byteCountMaximum: Self.byteCountMaximum)) }
  }

  /// Reads a query.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery` for an unknown format, an unknown member, or a
  ///   member that is not of its kind.
  public init(_ json: CanonicalJSON) throws {
    guard case .object(let object) = json, object["lethe_query"] == .integer(Int64(Self.format))
    else { throw AuditingError(.invalidQuery, "the query is not one of format \(Self.format)") }
    self.init()
    for member in object.members where member.key != "lethe_query" {
      switch (member.key, member.value) {
      case ("actor", .string(let text)): actor = text
      case ("case", .string(let text)): caseReference = text
      case ("decision", .string(let text)): decision = try Self.decision(text)
      case ("from_ms", .integer(let number)): fromMilliseconds = number
      case ("from_seq", .integer(let number)): fromSequence = Int(number)
      case ("purpose", .string(let text)): purpose = text
      case ("salt", .string(let text)): salt = [UInt8](hexadecimal: text) ?? [0]
      case ("subjects", .array(let values)): subjects = try Self.texts(values)
      case ("to_ms", .integer(let number)): toMilliseconds = number
      case ("to_seq", .integer(let number)): toSequence = Int(number)
      case ("types", .array(let values)): types = try Self.texts(values)
      default: throw AuditingError(.invalidQuery, "the query has a condition it cannot have")
      }
    }
    try check()
    guard try self.json == json else {
      throw AuditingError(.invalidQuery, "the query is not in its canonical form")
    }
  }

  private static func decision(_ text: String) throws -> Decision {
    guard let decision = Decision(rawValue: text) else {
      throw AuditingError(.invalidQuery, "a decision is `allow` or `deny`")
    }
    return decision
  }

  private static func texts(_ values: [CanonicalJSON]) throws -> [String] {
    try values.map { value in
      guard case .string(let text) = value else {
        throw AuditingError(.invalidQuery, "a list of the query holds what is no text")
      }
      return text
    }
  }

  private static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }
}

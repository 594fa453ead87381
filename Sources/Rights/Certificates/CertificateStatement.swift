public import Transparency

/// Holds what a certificate says, in its form; whether it is signed is for ``CertificateVerifier``.
///
/// Members this program does not know are kept, because a later vault may say more.
public struct CertificateStatement: Sendable {
  /// Says whether the destruction can still be undone by whoever holds the old epoch secret.
  public enum State: String, Sendable {
    /// The old epoch secret is destroyed.
    case final
    /// It is kept until the grace period ends.
    case pending
  }

  /// Formats that can be read.
  public static let formats: ClosedRange<Int64> = 1...2
  /// Levels of assurance, from the weakest to the strongest.
  static let levels = ["L0", "L1", "L2", "L3"]
  /// Largest statement in bytes: that of the note around it.
  public static let byteCountMaximum = SignedNote.byteCountMaximum

  /// The signed bytes: the statement and its newline.
  let text: [UInt8]
  /// The members.
  public let members: JSONObject
  /// The number of the format.
  public let format: Int64
  /// Whether the destruction is final.
  public let state: State

  /// Reads the text of a certificate's note.
  ///
  /// - Parameter text: One line of canonical JSON with its newline.
  /// - Throws: ``RightsError`` `.malformedStatement` for anything else, an unknown format, and a
  ///   statement without what every certificate has to say.
  public init(text: [UInt8]) throws {
    guard text.last == 0x0A, case .object(let members)? = Self.json(text.dropLast()) else {
      throw Self.malformed("the statement is not one line of canonical JSON")
    }
    guard case .integer(let format)? = members["lethe_certificate"],
      Self.formats.contains(format)
    else { throw Self.malformed("the statement is not a certificate of a known format") }
    self.text = text
    self.members = members
    self.format = format
    for rule in Self.rules where rule.formats.contains(format) {
      guard let value = members[rule.name] else {
        guard rule.isRequired else { continue }
        throw Self.malformed("the statement lacks `\(rule.name)`")
      }
      guard rule.kind.fits(value) else {
        throw Self.malformed("`\(rule.name)` is not \(rule.kind.rawValue)")
      }
    }
    state = try Self.state(members, format)
    try Self.requireReceipts(members, format)
  }

  /// The number of a place in the log.
  public var logEntry: Int64 { integer("log_entry") ?? -1 }
  /// The reference of the erasure.
  public var reference: String { string("reference") ?? "" }
  /// What was erased: `person`, `expiry`, `rekey`, `index`, or what a later vault knows.
  public var kind: String { string("kind") ?? "" }
  /// The assurance level, `L0` to `L3`.
  public var assurance: String { string("assurance") ?? "" }
  /// The name of the vault's log.
  public var origin: String { string("origin") ?? "" }
  /// When the destruction is or was final, in milliseconds since 1970-01-01 UTC.
  public var finalMilliseconds: Int64 {
    integer(state == .final ? "final_ms" : "final_due_ms") ?? 0
  }
  /// Sentences on what the destruction does not cover; never empty.
  public var notCovered: [String] { texts("not_covered") }

  func string(_ name: String) -> String? {
    if case .string(let text)? = members[name] { text } else { nil }
  }

  func integer(_ name: String) -> Int64? {
    if case .integer(let number)? = members[name] { number } else { nil }
  }

  func object(_ name: String) -> JSONObject? {
    if case .object(let object)? = members[name] { object } else { nil }
  }

  func array(_ name: String) -> [CanonicalJSON] {
    if case .array(let values)? = members[name] { values } else { [] }
  }

  func texts(_ name: String) -> [String] {
    array(name).compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  private static func json(_ bytes: ArraySlice<UInt8>) -> CanonicalJSON? {
    try? CanonicalJSON(canonicalBytes: Array(bytes), byteCountMaximum: byteCountMaximum)
  }

  private static func malformed(_ message: String) -> RightsError {
    RightsError(.malformedStatement, message)
  }

  /// A level is worth no more than the receipt of the weakest custodian.
  ///
  /// Receipts reach L2; the third level is the witness's. Format 1 named no custodians, nor does a
  /// certificate of an erasure recorded then: without receipts nothing above L1 can be claimed.
  private static func requireReceipts(_ members: JSONObject, _ format: Int64) throws {
    guard case .string(let claimed)? = members["assurance"] else { return }
    var levels: [String] = []
    if format > 1, case .array(let custodians)? = members["custodians"] {
      levels = custodians.map { custodian in
        guard case .object(let receipt) = custodian, case .string(let level)? = receipt["assurance"]
        else { return "" }
        return level
      }
    }
    guard levels.allSatisfy(Self.levels.contains) else {
      throw malformed("a custodian gives no level from L0 to L3")
    }
    // The names sort as the levels do.
    let weakest = levels.min() ?? "L1"
    guard min(claimed, "L2") <= weakest else {
      throw malformed(
        "the statement claims \(claimed) and its weakest receipt is worth \(weakest)")
    }
  }

  /// Format 1 is written when all is over; format 2 says which of the two times it knows.
  private static func state(_ members: JSONObject, _ format: Int64) throws -> State {
    guard format > 1 else { return .final }
    guard case .string(let text)? = members["state"], let state = State(rawValue: text) else {
      throw malformed("`state` is neither `final` nor `pending`")
    }
    let (due, other) =
      state == .final ? ("final_ms", "final_due_ms") : ("final_due_ms", "final_ms")
    guard members[due] != nil, members[other] == nil else {
      throw malformed("the times do not fit the state `\(text)`")
    }
    return state
  }
}

extension CertificateStatement {
  /// What a member has to be; the raw value says so in an error.
  fileprivate enum Kind: String {
    case text = "a text"
    case count = "a count"
    case flag = "true or false"
    case list = "a list"
    case sentences = "a list of texts"
    case someSentences = "a list of at least one text"
    case object = "an object"
    case level = "a level from L0 to L3"

    func fits(_ value: CanonicalJSON) -> Bool {
      switch (self, value) {
      case (.text, .string), (.flag, .bool), (.list, .array), (.object, .object): true
      case (.count, .integer(let number)): number >= 0
      case (.level, .string(let text)): CertificateStatement.levels.contains(text)
      case (.sentences, .array(let values)): values.allSatisfy { Kind.text.fits($0) }
      case (.someSentences, .array(let values)):
        !values.isEmpty && values.allSatisfy { Kind.text.fits($0) }
      default: false
      }
    }
  }

  fileprivate struct Rule {
    let name: String
    let kind: Kind
    let formats: ClosedRange<Int64>
    let isRequired: Bool

    static func always(_ name: String, _ kind: Kind) -> Rule {
      Rule(name: name, kind: kind, formats: 1...2, isRequired: true)
    }

    static func since2(_ name: String, _ kind: Kind, required: Bool = false) -> Rule {
      Rule(name: name, kind: kind, formats: 2...2, isRequired: required)
    }
  }

  fileprivate static let rules: [Rule] = [
    .always("vault", .text), .always("origin", .text), .always("reference", .text),
    .always("kind", .text), .always("requested_ms", .count), .always("assurance", .level),
    .always("keys", .object), .always("log_entry", .count),
    .always("covered", .sentences), .always("not_covered", .someSentences),
    Rule(name: "final_ms", kind: .count, formats: 1...1, isRequired: true),
    .since2("final_ms", .count), .since2("final_due_ms", .count),
    .since2("state", .text, required: true),
    .since2("assurance_reasons", .sentences, required: true),
    .since2("custodians", .list, required: true), .since2("sanitization", .list, required: true),
    .since2("subjects", .count), .since2("generations", .object), .since2("buckets", .list),
    .since2("records", .object), .since2("stores", .object), .since2("replicas", .object),
    .since2("residual", .object), .since2("suppression_entries", .count),
    .since2("identifiers_shared_with_others", .count),
    .since2("resumed_after_interruption", .flag),
  ]
}

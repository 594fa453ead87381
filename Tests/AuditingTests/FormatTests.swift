import Sealing
import Testing
import Transparency

@testable import Auditing
@testable import Vault

@Suite struct FormatTests {
  private static let origin = "test.lethe.invalid/audit"

  private static func entry(_ changes: KeyValuePairs<String, CanonicalJSON> = [:]) throws
    -> LogEntry
  {
    var members: [String: CanonicalJSON] = [
      "actor": .string("op_abc"), "case": .string("DSR-1"), "decision": .string("deny"),
      "fields": .object(try JSONObject([("crm.email", .string("masked"))])),
      "id": .string("00ff"), "policies": .array([.string("a"), .string("b")]),
      "policy_set": .string("1234"), "purpose": .string("essential.service"),
      "seq": .integer(17), "subjects": .array([.string("t1_audit_x")]),
      "time": .integer(1_728_037_815_250), "type": .string("field.disclosed"),
    ]
    for change in changes { members[change.key] = change.value }
    let object = try JSONObject(members.map { ($0.key, $0.value) })
    return LogEntry(sequence: 17, bytes: try CanonicalJSON.object(object).canonicalBytes())
  }

  private static func line(_ entry: LogEntry) throws -> String {
    String(decoding: CSVLine.bytes(try LoggedEvent(entry), entry), as: UTF8.self)
  }

  private static func cell(_ text: String) -> String {
    var line: [UInt8] = []
    CSVLine.append(Array(text.utf8), to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  @Test(arguments: PopulationFormat.allCases)
  func aLineCarriesItsEntry(format: PopulationFormat) throws {
    for text in ["DSR-1", "=1+1", "a\"b", "a,b", "a\\b", "ä, \u{1F600}", "x\u{1}y"] {
      let entry = try Self.entry(["case": .string(text)])
      let line = try format.line(entry, origin: Self.origin)
      #expect(!line.contains(0x0A) && !line.contains(0x0D))
      #expect(format.entryBytes(line) == entry.bytes, "\(text)")
    }
  }

  @Test func csvHasACellForEveryColumn() throws {
    let line = try Self.line(try Self.entry())
    let hash = try Self.entry().leafHash.bytes.hexadecimal
    #expect(
      line.hasPrefix(
        "17,2024-10-04T10:30:15.250Z,field.disclosed,op_abc,deny,essential.service,DSR-1,a b,"
          + "t1_audit_x,\(hash),\"{\"\"actor\"\":"))
    #expect(CSVLine.header.split(separator: ",").count == 11)
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
    ("\rx", "\"'\rx\""), ("=a,b", "\"'=a,b\""), ("=\"x\"", "\"'=\"\"x\"\"\""), ("a=b", "a=b"),
    ("a\nb", "\"a\nb\""), ("", ""), ("plain", "plain"), ("a\"b", "\"a\"\"b\""),
  ])
  func noCellIsAFormula(text: String, cell: String) {
    #expect(Self.cell(text) == cell)
  }

  @Test func aReferenceThatLooksLikeAFormulaIsHarmlessInTheFile() throws {
    let entry = try Self.entry(["case": .string("-1 x")])
    let line = try Self.line(entry)
    #expect(line.contains(",'-1 x,"))
  }

  @Test func ocsfHasWhatTheSchemaRequires() throws {
    let entry = try Self.entry()
    guard
      case .object(let line) = try OCSFLine.json(
        try LoggedEvent(entry), entry, origin: Self.origin)
    else { return #expect(Bool(false), "no object") }
    for name in [
      "activity_id", "actor", "category_uid", "class_uid", "database", "metadata", "severity_id",
      "src_endpoint", "time", "type_uid",
    ] {
      #expect(line[name] != nil, "\(name)")
    }
    #expect(line["class_uid"] == .integer(6005) && line["type_uid"] == .integer(600_501))
    #expect(line["time"] == .integer(1_728_037_815_250))
    guard case .array(let authorizations)? = line["authorizations"],
      case .object(let first)? = authorizations.first, case .object(let policy)? = first["policy"]
    else { return #expect(Bool(false), "no authorization") }
    #expect(first["decision"] == .string("deny"))
    #expect(policy["uid"] == .string("a b") && policy["version"] == .string("1234"))
    #expect(line["action_id"] == .integer(2))
  }

  @Test(arguments: [
    ("field.disclosed", 1), ("fields.rectified", 2), ("person.found", 4), ("log.queried", 4),
    ("records.ingested", 6), ("fields.erased", 7), ("erasure.final", 7), ("operation.denied", 99),
    ("something.new", 99),
  ])
  func ocsfNamesTheActivity(type: String, activity: Int64) throws {
    let entry = try Self.entry(["type": .string(type), "decision": .null])
    guard
      case .object(let line) = try OCSFLine.json(
        try LoggedEvent(entry), entry, origin: Self.origin)
    else { return #expect(Bool(false), "no object") }
    #expect(line["activity_id"] == .integer(activity))
    #expect(line["type_uid"] == .integer(600_500 + activity))
    #expect((line["authorizations"] == nil) == (type != "operation.denied"))
  }

  @Test func cloudEventsHaveWhatTheSpecificationRequires() throws {
    let entry = try Self.entry()
    guard
      case .object(let line) = try CloudEventLine.json(
        try LoggedEvent(entry), entry, origin: Self.origin)
    else { return #expect(Bool(false), "no object") }
    #expect(line["specversion"] == .string("1.0") && line["id"] == .string("00ff"))
    #expect(line["source"] == .string("//test.lethe.invalid/audit"))
    #expect(line["type"] == .string("lethe.field.disclosed"))
    #expect(line["time"] == .string("2024-10-04T10:30:15.250Z"))
    #expect(line["sequence"] == .string("0000000000000017"))
    // Names of attributes are lower-case letters and digits.
    #expect(
      line.members.allSatisfy { $0.key.utf8.allSatisfy { (0x61...0x7A).contains($0) } })
  }

  @Test(arguments: [
    "", "{}", "[]", "x,y", ",\"{", ",\"{\"a\"}\"", "{\"raw_data\":1}", "{\"data\":",
  ])
  func otherLinesCarryNothing(text: String) {
    for format in PopulationFormat.allCases where format != .jsonl {
      #expect(format.entryBytes(Array(text.utf8)) == nil, "\(format)")
    }
  }
}

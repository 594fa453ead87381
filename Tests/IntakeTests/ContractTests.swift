import Foundation
import Testing
import Vault

@testable import Intake

/// A change of the small contract and the refusal it has to bring.
struct ContractCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let code: IntakeError.Code
  /// What the message has to name.
  let names: String
  let text: String

  init(
    _ name: String, _ code: IntakeError.Code, _ names: String,
    of base: String = Fixtures.contractText,
    replace old: String, with new: String
  ) {
    testDescription = name
    self.code = code
    self.names = names
    precondition(base.contains(old), "the fixture has no \(old)")
    text = base.replacingOccurrences(of: old, with: new)
  }
}

@Suite("Source contracts")
struct ContractTests {
  private static let email = "email: {type: email, identifier: email}"
  private static let born = "born: {type: date, category: user.demographic.date_of_birth}"

  private static func field(
    _ name: String, _ code: IntakeError.Code, _ names: String, _ field: String,
    base: String = Fixtures.contractText
  ) -> ContractCase {
    ContractCase(
      name, code, names, of: base, replace: "fields:\n", with: "fields:\n  extra: \(field)\n")
  }

  static let topLevel: [ContractCase] = [
    .init("no version", .missingKey, "lethe_contract", replace: "lethe_contract: 1\n", with: ""),
    .init("newer", .unsupportedVersion, "newer", replace: "contract: 1\n", with: "contract: 2\n"),
    .init(
      "older", .unsupportedVersion, "write `1`", replace: "contract: 1\n", with: "contract: 0\n"),
    .init("version as text", .wrongType, "quotes", replace: "contract: 1", with: "contract: \"1\""),
    .init("version as float", .wrongType, "whole", replace: "contract: 1", with: "contract: 1.0"),
    .init("unknown key", .unknownKey, "`retention`", replace: "retention:", with: "retetion:"),
    .init(
      "key twice", .duplicateKey, "twice", replace: "party: first",
      with: "party: first\nparty: third"),
    .init("no title", .missingKey, "`title`", replace: "title: CRM customers\n", with: ""),
    .init("empty title", .invalidValue, "title", replace: "CRM customers", with: "''"),
    .init("title is a number", .wrongType, "title", replace: "CRM customers", with: "12"),
    .init("title is null", .wrongType, "title", replace: "CRM customers", with: ""),
    .init("title is a list", .wrongType, "title", replace: "CRM customers", with: "[a]"),
    .init(
      "two lines in title", .invalidValue, "title", replace: "CRM customers", with: "\"a\\nb\""),
    .init(
      "source in capitals", .invalidValue, "`CRM`", replace: "source: crm", with: "source: CRM"),
    .init(
      "source is a path", .invalidValue, "source", replace: "source: crm", with: "source: ../crm"),
    .init(
      "source too long", .invalidValue, "source", replace: "source: crm",
      with: "source: \(String(repeating: "a", count: 33))"),
    .init("format", .invalidValue, "`csv`", replace: "format: csv", with: "format: cvs"),
    .init("kind", .invalidValue, "kind", replace: "kind: profile", with: "kind: table"),
    .init("party", .invalidValue, "`first`", replace: "party: first", with: "party: firsd"),
    .init(
      "legal basis", .invalidValue, "`contract`", replace: "basis: contract", with: "basis: contrat"
    ),
    .init("region", .unknownRegion, "`XX`", replace: "region: DE", with: "region: XX"),
    .init(
      "retention class", .unknownRetentionClass, "`customer`", replace: "retention: customer",
      with: "retention: custmer"),
    .init(
      "third party without term", .thirdPartyWithoutTerm, "expire", replace: "party: first",
      with: "party: third"),
    .init(
      "purpose with a slip", .unknownPurpose, "did you mean `essential.service`?",
      replace: "[essential.service]", with: "[essential.servise]"),
    .init(
      "purpose unknown", .unknownPurpose, "allowed: ", replace: "[essential.service]",
      with: "[world_peace]"),
    .init(
      "purpose twice", .duplicateName, "twice", replace: "[essential.service]",
      with: "[essential.service, essential.service]"),
    .init("no purpose", .invalidValue, "purposes", replace: "[essential.service]", with: "[]"),
    .init(
      "purposes as text", .wrongType, "list", replace: "[essential.service]",
      with: "essential.service"),
    .init(
      "subject unknown", .unknownField, "did you mean `number`?", replace: "subject: number",
      with: "subject: numbr"),
    .init(
      "subject optional", .subjectNotRequired, "required: true", replace: ", required: true",
      with: ""),
    .init(
      "subject not identifying", .lowCardinalityIdentifier, "date", replace: "subject: number",
      with: "subject: born"),
    .init(
      "record unknown", .unknownField, "record", replace: "subject: number",
      with: "subject: number\nrecord: nothing"),
    .init(
      "record twice", .duplicateName, "twice", replace: "subject: number",
      with: "subject: number\nrecord: [email, email]"),
    .init(
      "record empty", .invalidValue, "record", replace: "subject: number",
      with: "subject: number\nrecord: []"),
    .init(
      "collected unknown", .unknownField, "collected", replace: "subject: number",
      with: "subject: number\ncollected: nothing"),
    .init(
      "collected no date", .invalidValue, "datetime", replace: "subject: number",
      with: "subject: number\ncollected: email"),
    .init(
      "event name in a profile", .unknownKey, "event_name", replace: "subject: number",
      with: "subject: number\nevent_name: =x"),
    .init(
      "event without name", .missingKey, "event_name", of: Fixtures.eventText,
      replace: "event_name: name\n", with: ""),
    .init(
      "event without record", .missingKey, "record", of: Fixtures.eventText,
      replace: "record: [anonymous, message]\n", with: ""),
    .init(
      "event name unknown", .unknownField, "event_name", of: Fixtures.eventText,
      replace: "event_name: name", with: "event_name: nam_e"),
    .init(
      "empty constant", .invalidValue, "event_name", of: Fixtures.eventText,
      replace: "event_name: name", with: "event_name: \"=\""),
    .init(
      "no fields", .invalidValue, "fields", replace: Fixtures.contractText,
      with: Fixtures.contractText.components(separatedBy: "fields:")[0] + "fields: {}"),
    .init(
      "fields as list", .wrongType, "fields", replace: Fixtures.contractText,
      with: Fixtures.contractText.components(separatedBy: "fields:")[0] + "fields: [email]"),
  ]

  static let fields: [ContractCase] = [
    field(
      "unknown key", .unknownKey, "did you mean `identifier`?", "{type: email, identifer: email}"),
    field("no type", .missingKey, "`type`", "{category: user.name}"),
    field("no map", .wrongType, "fields.extra", "email"),
    field("type unknown", .invalidValue, "`email`", "{type: emial}"),
    field("no category", .missingKey, "category", "{type: text}"),
    field("category no key", .invalidValue, "category", "{type: text, category: User Name}"),
    field("category root", .invalidValue, "below `user`", "{type: text, category: person.name}"),
    field("identifier kind", .invalidValue, "identifier", "{type: email, identifier: mail}"),
    field(
      "identifier kind of another type", .identifierKindMismatch, "allowed: email",
      "{type: email, identifier: phone}"),
    field("required as text", .wrongType, "`true` or `false`", "{type: email, required: \"true\"}"),
    field("required as yes", .wrongType, "`true` or `false`", "{type: email, required: yes}"),
    field("path in csv", .invalidValue, "`path` is for jsonl", "{type: email, path: a.b}"),
    field(
      "column in jsonl", .invalidValue, "`column` is for csv", "{type: email, column: a}",
      base: Fixtures.eventText),
    field(
      "path with a hole", .invalidValue, "path", "{type: email, path: a..b}",
      base: Fixtures.eventText),
    field(
      "path too deep", .invalidValue, "path",
      "{type: email, path: \(Array(repeating: "a", count: 33).joined(separator: "."))}",
      base: Fixtures.eventText),
    field("no bytes", .invalidValue, "max_bytes", "{type: email, max_bytes: 0}"),
    field("too many bytes", .invalidValue, "1…65535", "{type: email, max_bytes: 65536}"),
    field("expose no map", .wrongType, "expose", "{type: country, expose: exact}"),
    field(
      "expose unknown key", .unknownKey, "`attribute`",
      "{type: country, expose: {atribute: c, as: exact}}"),
    field("expose without as", .missingKey, "`as`", "{type: country, expose: {attribute: c}}"),
    field(
      "expose attribute", .invalidValue, "attribute",
      "{type: country, expose: {attribute: C d, as: exact}}"),
    field(
      "expose generaliser", .invalidValue, "`exact`",
      "{type: country, expose: {attribute: c, as: exakt}}"),
    field(
      "prefix without length", .missingKey, "`length`",
      "{type: postcode, expose: {attribute: c, as: prefix}}"),
    field(
      "prefix too long", .invalidValue, "1…3",
      "{type: postcode, expose: {attribute: c, as: prefix, length: 4}}"),
    field(
      "length without prefix", .unknownKey, "length",
      "{type: country, expose: {attribute: c, as: exact, length: 2}}"),
    field(
      "bucket without width", .missingKey, "`width`",
      "{type: amount, expose: {attribute: c, as: bucket}}"
    ).with("category: user.financial"),
    field(
      "bucket of one", .invalidValue, "width",
      "{type: amount, expose: {attribute: c, as: bucket, width: 1}}"
    ).with("category: user.financial"),
    field(
      "attribute twice", .duplicateName, "`c`",
      "{type: country, expose: {attribute: c, as: exact}}\n  more: {type: email, expose: {attribute: c, as: present}}"
    ),
    field("name in capitals", .invalidValue, "`Extra`", "{type: email}\n  Extra: {type: email}"),
    field("name twice", .duplicateKey, "twice", "{type: email}\n  extra: {type: email}"),
  ]

  static let yaml: [ContractCase] = [
    .init(
      "alias", .yamlAlias, "line 14", replace: email, with: "email: &e {type: email}\n  more: *e"),
    .init("merge", .yamlAlias, "line 14", replace: email, with: "email: {<<: *x}"),
    .init("tag", .yamlAlias, "tags", replace: "CRM customers", with: "!!str CRM"),
    .init("two documents", .yamlSyntax, "line", replace: born, with: "\(born)\n---\na: 1"),
    .init("tab", .yamlSyntax, "line", replace: "  \(born)", with: "\t\(born)"),
    .init(
      "open bracket", .yamlSyntax, "line", replace: "[essential.service]",
      with: "[essential.service"),
    .init("key is a list", .wrongType, "key", replace: "region: DE", with: "[a]: DE"),
    .init(
      "brackets without end", .yamlTooDeep, "deeper", replace: "CRM customers",
      with: String(repeating: "[", count: 60_000)),
    .init(
      "dashes without end", .yamlTooDeep, "deeper", replace: "CRM customers",
      with: "\n  " + String(repeating: "- ", count: 60_000)),
    .init(
      "questions without end", .yamlTooDeep, "deeper", replace: "CRM customers",
      with: "\n  " + String(repeating: "? ", count: 60_000)),
    .init(
      "indented without end", .yamlTooDeep, "deeper", replace: "title: CRM customers",
      with: "title:\n"
        + (1...40).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")),
    .init(
      "too large", .tooLarge, "bytes", replace: "CRM customers",
      with: String(repeating: "x", count: 262_144)),
  ]

  @Test(
    "are refused with one line that says where and what to do", arguments: topLevel + fields + yaml)
  func refuses(_ example: ContractCase) throws {
    let error = try #require(refusal { _ = try Fixtures.contract(example.text) })
    #expect(error.code == example.code, "\(error)")
    #expect(error.message.contains(example.names), "\(error)")
    #expect(error.message.hasPrefix("test.yaml: "))
    #expect(!error.message.contains("\n"))
    #expect(error.message.utf8.count < 600)
  }

  @Test("are refused when they are empty or not UTF-8")
  func refusesBytes() throws {
    let known = (try Fixtures.retention(), try Fixtures.purposes())
    let examples: [(bytes: [UInt8], code: IntakeError.Code)] = [
      ([], .missingKey), (Array("# nothing\n".utf8), .missingKey),
      (Array("null\n".utf8), .wrongType),
      (Array("- a\n".utf8), .wrongType), ([0x61, 0x3A, 0x20, 0xE9], .notUTF8),
    ]
    for (bytes, code) in examples {
      let error = refusal {
        _ = try Contract(
          yaml: bytes, file: "x", retention: known.0, purposes: known.1, digest: { $0 })
      }
      #expect(error?.code == code)
    }
  }

  @Test(
    "never let a type identify whose values many people share",
    arguments: FieldType.allCases.filter(\.identifierKinds.isEmpty), IdentifierKind.allCases)
  func lowCardinality(_ type: FieldType, _ kind: IdentifierKind) {
    let example = Self.field(
      "", .lowCardinalityIdentifier, "",
      "{type: \(type.rawValue), category: user.name, identifier: \(kind.rawValue)}")
    let error = refusal { _ = try Fixtures.contract(example.text) }
    #expect(error?.code == .lowCardinalityIdentifier)
  }

  @Test("expose a type only in the ways it allows", arguments: FieldType.allCases)
  func exposures(_ type: FieldType) {
    let ways = [
      "exact", "year", "month", "day", "age_band", "prefix", "email_domain", "bucket", "present",
    ]
    for (kind, base) in [(SourceKind.profile, Fixtures.contractText), (.event, Fixtures.eventText)]
    {
      for way in ways {
        let extra = way == "prefix" ? ", length: 2" : way == "bucket" ? ", width: 100" : ""
        let text = Self.field(
          "", .exposureRefused, "",
          "{type: \(type.rawValue), category: user.name, "
            + "expose: {attribute: x, as: \(way)\(extra)}}", base: base
        ).text
        let isAllowed = type.generalisers(in: kind).contains(way)
        let error = refusal { _ = try Fixtures.contract(text) }
        #expect(error?.code == (isAllowed ? nil : .exposureRefused), "\(type) \(way) \(kind)")
      }
    }
    let isShared = [
      FieldType.country, .gender, .language, .boolean, .integer, .amount, .eventName, .segmentList,
    ].contains(type)
    #expect(type.generalisers(in: .event).contains("exact") == isShared)
    #expect(!type.generalisers(in: .profile).contains("day"))
  }

  @Test("give the vault what it needs")
  func profile() throws {
    let contract = try Fixtures.contract()
    #expect(contract.source.name == "crm")
    #expect(contract.source.fields.map(\.number) == [1, 2, 3, 4])
    #expect(contract.source.fields.map(\.name) == ["number", "email", "phone", "born"])
    #expect(contract.source.fields[1].category == "user.contact.email")
    #expect(contract.source.fields[1].identifier == .email)
    #expect(contract.source.retentionClass.number == 1)
    #expect(contract.source.contractDigest == [UInt8(Fixtures.contractText.utf8.count & 0xFF)])
    #expect(contract.record == ["number"])
    #expect(contract.region?.callingCode == "49")
    #expect(contract.collected == nil)
  }

  @Test("of events name the event by a field or a constant")
  func events() throws {
    let byField = try Fixtures.contract(Fixtures.eventText)
    #expect(byField.source.eventNameField == "name")
    #expect(byField.source.eventNameConstant == nil)
    #expect(byField.record == ["anonymous", "message"])
    #expect(byField.fields[4].path == ["properties", "revenue"])
    let constant = try Fixtures.contract(
      Fixtures.eventText.replacingOccurrences(
        of: "event_name: name", with: "event_name: \"=order\""))
    #expect(constant.source.eventNameConstant == "order")
    #expect(constant.source.eventNameField == nil)
  }

  @Test("may say NO and mean Norway")
  func norway() throws {
    let text = Fixtures.contractText.replacingOccurrences(of: "region: DE", with: "region: NO")
    #expect(try Fixtures.contract(text).region?.code == "NO")
  }

  @Test("of this repository are all accepted")
  func ready() throws {
    let policies = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "policies")
    func bytes(_ name: String) throws -> [UInt8] {
      try FileByteSource.contents(of: policies.appending(path: name).path)
    }
    let retention = try RetentionClasses(yaml: try bytes("retention.yaml"), file: "retention.yaml")
    let purposes = try PurposeCatalogue(yaml: try bytes("purposes.yaml"), file: "purposes.yaml")
    let sources = policies.appending(path: "sources").path
    let names = try FileManager.default.contentsOfDirectory(atPath: sources)
      .filter { $0.hasSuffix(".yaml") }.sorted()
    #expect(names.count >= 6)
    for name in names {
      let contract = try Contract(
        yaml: try bytes("sources/\(name)"), file: name, retention: retention, purposes: purposes,
        digest: { $0 })
      #expect("\(contract.source.name).yaml" == name)
    }
  }
}

extension ContractCase {
  /// The same case with something more in the field's map.
  func with(_ more: String) -> ContractCase {
    ContractCase(
      testDescription, code, names, of: text, replace: "type: amount,",
      with: "type: amount, \(more),")
  }
}

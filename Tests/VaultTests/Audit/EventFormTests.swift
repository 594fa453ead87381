import Foundation
import Testing
import Transparency

@testable import Vault

/// The registry of event types: what the log takes, and what it refuses.
@Suite struct EventFormTests {
  private static let digest = CanonicalJSON.string(String(repeating: "0a", count: 32))

  /// Values that are of a kind.
  static let fitting: [(AuditValue, CanonicalJSON)] = [
    (.count, .integer(0)), (.milliseconds, .integer(1_700_000_000_000)), (.flag, .bool(false)),
    (.name, .string("crm.email")), (.name, .string("dmp-30d")), (.names, .array([])),
    (.names, .array([.string("a"), .string("b.c_d")])), (.digest, digest),
    (.optionalDigest, .string("")), (.optionalDigest, digest),
    (.rootHash, .string(TreeHash.emptyRoot.description)), (.reference, .string("C-2026/17 #3")),
    (.choice(["a", "b"]), .string("b")), (.list(.count), .array([.integer(1)])),
  ]

  @Test(arguments: fitting.indices) func takes(index: Int) {
    let (kind, value) = Self.fitting[index]
    #expect(kind.fits(value), "\(kind)")
  }

  /// What a caller could put into the log by mistake, first of all personal data.
  static let unfit: [(AuditValue, CanonicalJSON)] = [
    (.count, .integer(-1)), (.count, .string("1")), (.count, .bool(true)),
    (.milliseconds, .integer(-1)), (.flag, .integer(1)), (.name, .string("")),
    (.name, .string("anna.tester@example.com")), (.name, .string("Anna Tester")),
    (.name, .string("+4930123456")), (.name, .string("Müller")), (.name, .string("a\nb")),
    (.name, .string(String(repeating: "a", count: 201))), (.name, .null),
    (.names, .string("a")), (.names, .array([.string("a b")])), (.names, .array([.integer(1)])),
    (.digest, .string("")), (.digest, .string(String(repeating: "0A", count: 32))),
    (.digest, .string(String(repeating: "0a", count: 31))), (.optionalDigest, .string("x")),
    (.rootHash, .string("AAAA")), (.rootHash, digest), (.reference, .string("Müller")),
    (.reference, .string("anna@example.com")), (.reference, .string("")),
    (.choice(["a"]), .string("b")), (.choice(["a"]), .integer(0)),
    (.list(.count), .array([.string("x")])), (.list(.count), .integer(1)),
  ]

  @Test(arguments: unfit.indices) func refuses(index: Int) {
    let (kind, value) = Self.unfit[index]
    #expect(!kind.fits(value), "\(kind)")
  }

  @Test func namesAndValuesOfAMappingAreChecked() throws {
    let mapping = AuditValue.mapping(.count)
    #expect(mapping.fits(try .members([("a.b", .integer(1))])))
    #expect(!mapping.fits(try .members([("a b", .integer(1))])))
    #expect(!mapping.fits(try .members([("a", .string("x"))])))
    #expect(!mapping.fits(.array([])))
    let object = AuditValue.object([
      AuditMember("n", .count), AuditMember("o", .flag, isOptional: true),
    ])
    #expect(object.fits(try .members([("n", .integer(1))])))
    #expect(object.fits(try .members([("n", .integer(1)), ("o", .bool(true))])))
    #expect(!object.fits(try .members([("o", .bool(true))])))
    #expect(!object.fits(try .members([("n", .integer(1)), ("x", .integer(1))])))
  }

  static let events: [(String, AuditEvent, isFit: Bool)] = [
    ("whole", event([("format", .count(1)), ("policy_set", digest), ("demo", .bool(true))]), true),
    ("a member missing", event([("format", .count(1)), ("policy_set", digest)]), false),
    (
      "a member of another type",
      event([("format", .count(1)), ("policy_set", digest), ("demo", .string("yes"))]), false
    ),
    (
      "a member too many",
      event([
        ("format", .count(1)), ("policy_set", digest), ("demo", .bool(true)),
        ("why", .string("because")),
      ]), false
    ),
    (
      "a member twice",
      event([
        ("format", .count(1)), ("format", .count(1)), ("policy_set", digest), ("demo", .bool(true)),
      ]), false
    ),
    (
      "a member that every event has",
      event([
        ("format", .count(1)), ("policy_set", digest), ("demo", .bool(true)), ("seq", .count(9)),
      ]), false
    ),
  ]

  private static func event(_ details: [(key: String, value: CanonicalJSON)]) -> AuditEvent {
    AuditEvent(.vaultCreated, actor: "op_x", details: details)
  }

  @Test(arguments: events.indices) func anEntryIsOfItsForm(index: Int) throws {
    let (name, event, isFit) = Self.events[index]
    let entry = { try event.entry(sequence: 0, milliseconds: 0, id: [0]) }
    if isFit {
      _ = try entry()
    } else {
      #expect(throws: (any Error).self, "\(name)") { try entry() }
    }
  }

  @Test func everyTypeHasAFormAndANameOfItsOwn() {
    let names = AuditEventType.allCases.map(\.rawValue)
    #expect(Set(names).count == names.count)
    for type in AuditEventType.allCases {
      #expect(type.form.hasRequest || !type.form.members.isEmpty, "\(type.rawValue)")
      #expect(type.rawValue.split(separator: ".").count == 2)
      let own = type.form.members.map(\.name)
      let common = ["actor", "id", "seq", "time", "type", "subjects_not_listed"]
      let request = type.form.hasRequest ? ["policy_set", "purpose", "case"] : []
      #expect(Set(own + common + request).count == own.count + common.count + request.count)
    }
  }

  /// `LETHE_UPDATE_GOLDEN=1` writes the table anew.
  @Test func theFormatPageListsEveryType() throws {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { place.deleteLastPathComponent() }
    place.append(path: "docs/format.md")
    let page = try String(contentsOf: place, encoding: .utf8)
    let (begin, end) = ("<!-- event types -->\n", "\n<!-- end of event types -->")
    let start = try #require(page.range(of: begin)).upperBound
    let stop = try #require(page.range(of: end, range: start..<page.endIndex)).lowerBound
    if ProcessInfo.processInfo.environment["LETHE_UPDATE_GOLDEN"] == "1" {
      try page.replacingCharacters(in: start..<stop, with: AuditEventType.table)
        .write(to: place, atomically: true, encoding: .utf8)
      return
    }
    #expect(page[start..<stop] == AuditEventType.table)
  }
}

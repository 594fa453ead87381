import Foundation
import Testing

@testable import cedar_conformance

/// A directory of tests that goes away with the test.
final class CaseDirectory {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("conformance-tool-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws {
    let file = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  /// Writes the policies, entities and schema that the tests here refer to.
  func writeWorld(_ prefix: String = "") throws {
    try write(
      """
      permit(principal, action, resource) when { principal.level > 1 };
      forbid(principal, action, resource) when { context.note == "stop" };
      """, prefix + "data/policies.cedar")
    try write(
      #"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 2}, "parents": [], "x": null}]"#,
      prefix + "data/entities.json")
    try write(
      "entity User { level: Long }; action view appliesTo { principal: User, resource: User, "
        + "context: { note: String } };", prefix + "data/schema.cedarschema")
  }

  func run(_ names: String...) throws -> Tally {
    var files = CaseFiles()
    for name in names.isEmpty ? [""] : names { try files.add("\(path)/\(name)") }
    var run = ConformanceRun(files)
    run.run()
    files.removeUnpacked()
    #expect(files.unpacked.allSatisfy { !FileManager.default.fileExists(atPath: $0) })
    return run.tally
  }

  /// One test with one request; parts can be replaced and added.
  static func test(
    valid: String = #""shouldValidate": true,"#, decision: String = "allow",
    reason: String = #"["policy0"]"#, errors: String = "[]", note: String = #""go""#,
    user: String = #"{"type": "User", "id": "a"}"#, extra: String = ""
  ) -> String {
    #"""
    {"policies": "data/policies.cedar", "entities": "data/entities.json",
     "schema": "data/schema.cedarschema", \#(valid) \#(extra)
     "requests": [{"description": "a", "principal": \#(user),
       "action": {"type": "Action", "id": "view"}, "resource": {"type": "User", "id": "a"},
       "context": {"note": \#(note)}, "decision": "\#(decision)", "reason": \#(reason),
       "errors": \#(errors)}]}
    """#
  }
}

@Suite("Runs of conformance tests")
struct ConformanceRunTests {
  @Test("count tests and requests and find nothing when nothing differs")
  func conformant() throws {
    let directory = try CaseDirectory()
    try directory.writeWorld()
    try directory.write(CaseDirectory.test(), "tests/one/1.json")
    try directory.write(
      CaseDirectory.test(decision: "deny", reason: #"["policy1"]"#, note: #""stop""#), "2.json")
    let tally = try directory.run()
    #expect(tally.tests == 2 && tally.requests == 2 && tally.isConformant, "\(tally.shown)")
    #expect(tally.report(seconds: 1.25).contains("decision mismatches                    0\n"))
  }

  static let differences: [(String, Tally.Difference)] = [
    (CaseDirectory.test(decision: "deny"), .decision), (CaseDirectory.test(reason: "[]"), .reason),
    (CaseDirectory.test(reason: #"["policy0", "policy1"]"#), .reason),
    (CaseDirectory.test(errors: #"["policy0"]"#), .error),
    (CaseDirectory.test(valid: #""shouldValidate": false,"#), .validation),
    (CaseDirectory.test(user: #"{"type": "Usr", "id": "a"}"#, extra: ""), .request),
    (CaseDirectory.test(note: "1"), .request),
    (CaseDirectory.test(user: #""User::a""#), .unreadable),
    (CaseDirectory.test(note: "1.5"), .unreadable),
    (CaseDirectory.test().replacing("entities.json", with: "no.json"), .unreadable),
    (
      CaseDirectory.test().replacing("data/policies.cedar", with: "data/schema.cedarschema"),
      .unreadable
    ),
  ]

  @Test("find each kind of difference", arguments: differences)
  func differing(_ test: String, _ difference: Tally.Difference) throws {
    let directory = try CaseDirectory()
    try directory.writeWorld()
    try directory.write(test, "tests/1.json")
    let tally = try directory.run()
    #expect(tally.counts[difference] == 1 && !tally.isConformant)
    #expect(tally.shown.first?.contains("tests/1.json: ") == true)
  }

  @Test("do not mind unknown fields, missing ones, older names and other JSON files")
  func tolerance() throws {
    let directory = try CaseDirectory()
    try directory.writeWorld()
    let strange = #""new": [null, 1.5e3, {"a": "\"}]"}], "shape": {"requests": []},"#
    try directory.write(CaseDirectory.test(extra: strange), "1.json")
    try directory.write(
      #"""
      {"policies": "data/policies.cedar", "queries": [{"principal": {"type": "User", "id": "a"},
        "action": {"__entity": {"type": "Action", "id": "view"}}, "decision": "Deny",
        "resource": {"type": "User", "id": "a"}, "reasons": [], "errors": ["policy0", "policy1"]}]}
      """#, "2.json")
    try directory.write(
      #"{"policies": "data/policies.cedar", "requests": []}"#, "3.json")
    try directory.write("[1, 2]", "list.json")
    try directory.write(#"{"other": "file"}"#, "other.json")
    try directory.write(
      CaseDirectory.test(user: #"{"type": "Usr", "id": "a"}"#, extra: "")
        .replacing(#""description""#, with: #""validateRequest": false, "description""#)
        .replacing(#""allow""#, with: #""deny""#).replacing(#"["policy0"]"#, with: "[]")
        .replacing(#""errors": []"#, with: #""errors": ["policy0"]"#), "4.json")
    let tally = try directory.run()
    #expect(tally.tests == 4 && tally.requests == 3 && tally.isConformant, "\(tally.shown)")
  }

  @Test("take single files, a schema in JSON and paths relative to any directory above")
  func singleFile() throws {
    let directory = try CaseDirectory()
    try directory.writeWorld("deep/")
    try directory.write(
      #"""
      {"": {"entityTypes": {"User": {"shape": {"type": "Record",
        "attributes": {"level": {"type": "Long"}}}}}, "actions": {"view": {"appliesTo": {
        "principalTypes": ["User"], "resourceTypes": ["User"], "context": {"type": "Record",
        "attributes": {"note": {"type": "String"}}}}}}}}
      """#, "deep/data/schema.json")
    let test = CaseDirectory.test().replacing("schema.cedarschema", with: "schema.json")
    try directory.write(test, "deep/a/b/c/1.json")
    try directory.write(CaseDirectory.test(decision: "deny"), "deep/a/2.json")
    let tally = try directory.run("deep/a/b/c/1.json")
    #expect(tally.tests == 1 && tally.isConformant, "\(tally.shown)")
    #expect(try !directory.run("deep/a/b/c/1.json", "deep/a/2.json").isConformant)
  }

  @Test("unpack an archive whose contents are not beside it")
  func archives() throws {
    let directory = try CaseDirectory()
    try directory.writeWorld("corpus-tests/")
    let test = CaseDirectory.test().replacing("data/", with: "corpus-tests/data/")
    try directory.write(test, "corpus-tests/1.json")
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-czf", "corpus-tests.tar.gz", "corpus-tests"]
    tar.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    try tar.run()
    tar.waitUntilExit()
    #expect(try directory.run().tests == 1)
    try FileManager.default.removeItem(atPath: "\(directory.path)/corpus-tests")
    let unpacked = try directory.run()
    #expect(unpacked.tests == 1 && unpacked.isConformant, "\(unpacked.shown)")
    #expect(try directory.run("corpus-tests.tar.gz").tests == 1)
    try directory.write("no archive", "broken.tar.gz")
    #expect(throws: CaseFiles.Unusable.self) { try directory.run() }
  }

  @Test("of nothing are no success")
  func nothing() throws {
    let directory = try CaseDirectory()
    let tally = try directory.run()
    #expect(tally.tests == 0 && !tally.isConformant)
    #expect(tally.report(seconds: 0).contains("no test was found"))
    #expect(throws: CaseFiles.Unusable.self) { try directory.run("missing") }
    try directory.write("{", "1.json")
    try directory.write(String(repeating: "[", count: 100_000), "2.json")
    try directory.write(#"{"a" 1}"#, "3.json")
    #expect(try directory.run().counts[.unreadable] == 3)
  }
}

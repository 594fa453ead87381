import Testing
import VaultTesting

@testable import Vault

/// Policy sets that would decide something else than their author meant are refused, with file and
/// line.
@Suite struct PolicyRefusalTests {
  private static func load(
    _ cedar: [(String, String)]? = nil, operators: String? = nil, purposes: String? = nil
  ) throws {
    let base = try PolicyFiles(directory: TestVault.policies)
    _ = try PolicyEngine(
      PolicyFiles(
        cedar: cedar?.map { ($0, Array($1.utf8)) } ?? base.cedar, schema: base.schema,
        operators: operators.map { Array($0.utf8) } ?? base.operators,
        purposes: purposes.map { Array($0.utf8) } ?? base.purposes))
  }

  /// Text after a first line `@id("a") @reason("r")`; what the message must hold.
  static let policies: [(String, [String])] = [
    (#"permit (principal in Role::"analist", action, resource);"#, ["line 2", "`analyst`?"]),
    (#"forbid (principal in Role::"markter", action, resource);"#, ["line 2"]),
    (#"forbid (principal == Operator::"dan", action, resource);"#, ["line 2", "`dana`?"]),
    (
      "forbid (principal, action, resource)\nunless { context.purpose in Purpose::\"marketin\" };",
      ["line 3", "`marketing`?"]
    ),
    (#"forbid (principal, action in [Action::"erase", Action::"eras"], resource);"#, ["`erase`?"]),
    (#"forbid (principal, action, resource in Category::"user contact");"#, ["Category"]),
    (#"forbid (principal is Operatr, action, resource in Kategory::"user");"#, ["Kategory"]),
    (#"permit (principal in ?principal, action, resource);"#, ["templates"]),
    ("@obligation(\"mask:last4\") permit (principal, action, resource);", ["@obligation"]),
    ("permit (principal, action, resource) when { 1 < 2 < 3 };", ["line 2, column"]),
  ]

  @Test(arguments: policies)
  func aPolicyThatNamesNothingIsRefused(text: String, parts: [String]) throws {
    let error = try #require(throws: VaultError.self) {
      try Self.load([("house.cedar", "@id(\"a\") @reason(\"r\")\n" + text)])
    }
    #expect(error.code == .policyFile)
    for part in ["house.cedar: line"] + parts {
      #expect(error.message.contains(part), "\(error.message)")
    }
    #expect(!error.message.contains("\n"))
  }

  @Test(arguments: [
    #"@id("") @reason("r")"#, #"@id @reason("r")"#, #"@id("Big") @reason("r")"#,
    #"@id("a b") @reason("r")"#, #"@id("a") @reason("")"#, #"@id("a") @reason"#,
    "@id(\"a\") @reason(\"two\nlines\")",
    "@id(\"a\") @reason(\"\(String(repeating: "r", count: 201))\")",
    "@id(\"\(String(repeating: "a", count: 65))\") @reason(\"r\")",
  ])
  func aPolicyWithoutNameOrReasonIsRefused(head: String) throws {
    let error = try #require(throws: VaultError.self) {
      try Self.load([("house.cedar", head + " permit (principal, action, resource);")])
    }
    #expect(error.code == .policyFile)
    #expect(error.message.hasPrefix("house.cedar: line 1"))
  }

  /// What a comment or a text says names nothing.
  @Test func wordsThatAreNoNamesAreLeftAlone() throws {
    try Self.load([
      (
        "house.cedar",
        """
        // forbid (principal in Role::"nobody", action, resource);
        @id("a") @reason("see Role::'nobody' // and more")
        permit (principal in Role :: "dpo", action, resource)
        when { resource.legalBasis like "Role::*" && "Purpose::" != "//" };
        """
      )
    ])
  }

  private static let permit = #"@id("a") @reason("r") permit (principal, action, resource);"#

  @Test func setsThatAreNoSetsAreRefused() throws {
    let refused: [([(String, String)], String)] = [
      ([], "Cedar files"), ([("x.cedar", Self.permit), ("x.cedar", "")], "x.cedar"),
      ([("b.cedar", Self.permit), ("a.cedar", "\n\n" + Self.permit)], "taken by a.cedar: line 3"),
      ([("x.cedar", String(repeating: " ", count: PolicyFiles.maximumByteCount + 1))], "larger"),
      ((0...64).map { ("\($0).cedar", "") }, "Cedar files"),
    ]
    for (files, part) in refused {
      let error = try #require(throws: VaultError.self) { try Self.load(files) }
      #expect(error.code == .policyFile)
      #expect(error.message.contains(part), "\(error.message)")
    }
  }

  @Test(arguments: [
    ("operators:\n  - !!map {name: a, roles: [dpo]}", "line 3"),
    ("operators:\n  - {name: a, roles: [analist]}", "`analyst`?"),
    ("operators:\n  - {name: a, roles: []}", "empty"),
    ("operators:\n  - {name: a, roles: [dpo, dpo]}", "twice"),
    ("operators:\n  - {name: a}", "`roles` is missing"), ("operators:\n  - a", "line 3"),
    ("operators:\n  - {name: A, roles: [dpo]}", "small letters"),
    ("operators:\n  - {name: a, rolls: [dpo]}", "`roles`?"),
    ("# see\r\noperators: &x []", "line 3"), ("# see\u{2028}operators: *x", "line 3"),
    ("operators: [\"a # b\", &x 1, *x]", "line 2"), ("operators: {\"a\":&x 1}", "line 2"),
    ("operators: [[[[[[[[[1]]]]]]]]]", "nested"), ("operators: [\r\n[[[[[[[[\r\n", "line 3"),
    ("operators:\n  - - - - 1", "nested"),
    ("operators: []\n---\noperators: []", "operators.yaml"),
    ("operators: [] #" + String(repeating: "x", count: StrictYAML.maximumByteCount), "larger"),
  ])
  func operatorsAreRefusedWithTheirPlace(text: String, part: String) throws {
    let error = try #require(throws: VaultError.self) {
      try Self.load(operators: "lethe_operators: 1\n" + text)
    }
    #expect(error.code == .policyFile)
    #expect(error.message.hasPrefix("operators.yaml: "), "\(error.message)")
    #expect(error.message.contains(part), "\(error.message)")
  }

  /// Nesting that the scan does not count must not exhaust the stack either.
  @Test func deepNestingDoesNotCrash() throws {
    var stairs = "operators:"
    for level in 1..<700 { stairs += "\n" + String(repeating: " ", count: level) + "a:" }
    let quoted = "operators: " + String(repeating: "[\"]\", ", count: 20_000)
    for text in [stairs, quoted] {
      let error = try #require(throws: VaultError.self) {
        try Self.load(operators: "lethe_operators: 1\n" + text)
      }
      #expect(error.code == .policyFile)
    }
  }

  @Test func everyFileIsInTheDigestAndTheirOrderIsNot() throws {
    func digest(_ cedar: [(String, String)], _ tail: [String] = ["s", "o", "p"]) -> [UInt8] {
      PolicyFiles(
        cedar: cedar.map { ($0, Array($1.utf8)) }, schema: Array(tail[0].utf8),
        operators: Array(tail[1].utf8), purposes: Array(tail[2].utf8)
      ).digest
    }
    let base = digest([("a", "1"), ("b", "2")])
    #expect(base == digest([("b", "2"), ("a", "1")]))
    let others = [
      digest([("a", "1"), ("b", "3")]), digest([("a", "1"), ("c", "2")]), digest([("a", "1")]),
      digest([("a", "2"), ("b", "1")]), digest([("a", "1b"), ("", "2")]),
      digest([("a", "1"), ("b", "2")], ["S", "o", "p"]),
      digest([("a", "1"), ("b", "2")], ["s", "O", "p"]),
      digest([("a", "1"), ("b", "2")], ["s", "o", "P"]),
      digest([("a", "1"), ("b", "2")], ["so", "", "p"]),
    ]
    #expect(Set(others + [base]).count == others.count + 1)
  }
}

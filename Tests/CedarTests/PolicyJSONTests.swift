import CedarFuzzing
import Testing

@testable import Cedar

@Suite("Policies as JSON")
struct PolicyJSONTests {
  /// A policy with one condition around a body.
  private static func policy(_ body: String) -> String {
    document(conditions: #"[{"kind":"when","body":\#(body)}]"#)
  }

  private static let all = #"{"op":"All"}"#

  private static func document(
    effect: String = "permit", principal: String = all, action: String = all,
    conditions: String = "[]", more: String = ""
  ) -> String {
    #"{"effect":"\#(effect)","principal":\#(principal),"action":\#(action),"resource":\#(all),"#
      + #""conditions":\#(conditions)\#(more)}"#
  }

  static let bodies: [(text: String, json: String)] = [
    ("true", #"{"Value":true}"#), ("-5", #"{"Value":-5}"#),
    ("-(5)", #"{"neg":{"arg":{"Value":5}}}"#),
    (#""a\n""#, #"{"Value":"a\n"}"#),
    (#"A::B::"x""#, #"{"Value":{"__entity":{"type":"A::B","id":"x"}}}"#),
    ("context", #"{"Var":"context"}"#),
    ("!true", #"{"!":{"arg":{"Value":true}}}"#),
    ("[].isEmpty()", #"{"isEmpty":{"arg":{"Set":[]}}}"#),
    ("1 >= 2", #"{">=":{"left":{"Value":1},"right":{"Value":2}}}"#),
    ("1 != 2", #"{"!=":{"left":{"Value":1},"right":{"Value":2}}}"#),
    (
      "true && false && true",
      #"{"&&":{"left":{"&&":{"left":{"Value":true},"right":{"Value":false}}},"#
        + #""right":{"Value":true}}}"#
    ),
    (
      "true || (false || true)",
      #"{"||":{"left":{"Value":true},"right":{"||":{"left":{"Value":false},"#
        + #""right":{"Value":true}}}}}"#
    ),
    ("context.a", #"{".":{"left":{"Var":"context"},"attr":"a"}}"#),
    ("context has a", #"{"has":{"left":{"Var":"context"},"attr":"a"}}"#),
    (
      #"context.s like "a*\*""#,
      #"{"like":{"left":{".":{"left":{"Var":"context"},"attr":"s"}},"#
        + #""pattern":[{"Literal":"a"},"Wildcard",{"Literal":"*"}]}}"#
    ),
    ("principal is A", #"{"is":{"left":{"Var":"principal"},"entity_type":"A"}}"#),
    (
      "principal is A in resource",
      #"{"is":{"left":{"Var":"principal"},"entity_type":"A","in":{"Var":"resource"}}}"#
    ),
    (
      "if true then 1 else 2",
      #"{"if-then-else":{"if":{"Value":true},"then":{"Value":1},"else":{"Value":2}}}"#
    ),
    (#"{a: [1], "b c": 2}"#, #"{"Record":{"a":{"Set":[{"Value":1}]},"b c":{"Value":2}}}"#),
    (#"ip("1.1.1.1")"#, #"{"ip":[{"Value":"1.1.1.1"}]}"#), ("ip()", #"{"ip":[]}"#),
    (
      #"principal.getTag("a")"#,
      #"{"getTag":{"left":{"Var":"principal"},"right":{"Value":"a"}}}"#
    ),
    (
      "context.d.lessThan(context.e)",
      #"{"lessThan":[{".":{"left":{"Var":"context"},"attr":"d"}},"#
        + #"{".":{"left":{"Var":"context"},"attr":"e"}}]}"#
    ),
  ]

  @Test("are written and read both ways", arguments: bodies)
  func bothWays(_ text: String, _ json: String) throws {
    let policy = try Policy(
      parsing: "permit(principal, action, resource) when { \(text) };", id: "p")
    #expect(policy.json == Self.policy(json))
    #expect(try Policy(json: policy.json, id: "p") == policy)
  }

  @Test("write a path of `has` as the chain it stands for")
  func hasPath() throws {
    let policy = try Policy(
      parsing: "permit(principal, action, resource) when { context has a.b };", id: "p")
    let chain =
      #"{"&&":{"left":{"has":{"left":{"Var":"context"},"attr":"a"}},"#
      + #""right":{"has":{"left":{".":{"left":{"Var":"context"},"attr":"a"}},"attr":"b"}}}}"#
    #expect(policy.json == Self.policy(chain))
    let list = Self.policy(#"{"has":{"left":{"Var":"context"},"attr":["a","b"]}}"#)
    #expect(try Policy(json: list, id: "p") == policy)
    // Paths inside paths would grow without bound when written out.
    var body = "context has a.b"
    for _ in 0..<200 { body = "(\(body)) has a.b" }
    let nested = try Policy(
      parsing: "permit(principal, action, resource) when { \(body) };", id: "p")
    #expect(nested.json.utf8.count < 4_000_000)
    _ = try Policy(json: nested.json, id: "p")
  }

  static let readable: [(json: String, text: String)] = [
    (#"{"Value":[1,[true],{"a":"x"}]}"#, #"[1, [true], {a: "x"}]"#),
    (#"{"Value":{"__extn":{"fn":"ip","arg":"bad"}}}"#, #"ip("bad")"#),
    (
      #"{"Value":{"__extn":{"fn":"offset","args":[{"__extn":{"fn":"datetime","#
        + #""arg":"2020-01-01"}},{"__extn":{"fn":"duration","arg":"1d"}}]}}}"#,
      #"datetime("2020-01-01").offset(duration("1d"))"#
    ),
    (#"{"Value":{"type":"A","id":"x"}}"#, #"{type: "A", id: "x"}"#),
    (
      #"{"is":{"left":{"Var":"principal"},"entity_type":"A","in":null}}"#, "principal is A"
    ),
    (
      #"{"like":{"left":{"Value":"a"},"pattern":[{"Literal":"ab"},"Wildcard","Wildcard"]}}"#,
      #""a" like "ab**""#
    ),
    (#"{"neg":{"arg":{"Value":-5}}}"#, "--5"),
  ]

  @Test("are read in every form", arguments: readable)
  func reads(_ json: String, _ text: String) throws {
    let policy = try Policy(json: Self.policy(json), id: "p")
    #expect(
      policy
        == (try Policy(parsing: "permit(principal, action, resource) when { \(text) };", id: "p")))
    // What is written once is written the same from then on.
    #expect(try Policy(json: policy.json, id: "p").json == policy.json)
  }

  static let refusedBodies = [
    (#"1"#, "body"), (#"{}"#, "body"), (#"{"Value":1,"Var":"context"}"#, "body"),
    (#"{"Value":null}"#, "body.Value"), (#"{"Var":"other"}"#, "body.Var"),
    (#"{"Slot":"?principal"}"#, "body.Slot"),
    (#"{"!":{"arg":{"Value":true},"x":1}}"#, #"body["!"]"#),
    (#"{"==":{"left":{"Value":1}}}"#, #"body["=="]"#),
    (#"{"==":{"left":{"Value":1},"right":{"Nope":1}}}"#, #"body["=="].right.Nope"#),
    (#"{"&&":{"left":{"&&":{"left":{"Value":1}}},"right":{"Value":1}}}"#, #"["&&"].left["&&"]"#),
    (#"{"has":{"left":{"Var":"context"},"attr":[]}}"#, "has.attr"),
    (#"{"has":{"left":{"Var":"context"},"attr":["a b","c"]}}"#, "has.attr"),
    (#"{".":{"left":{"Var":"context"},"attr":1}}"#, ".attr"),
    (#"{"like":{"left":{"Value":"a"},"pattern":"a*"}}"#, "like.pattern"),
    (#"{"like":{"left":{"Value":"a"},"pattern":["wildcard"]}}"#, "like.pattern[0]"),
    (#"{"like":{"left":{"Value":"a"},"pattern":[{"Lit":"x"}]}}"#, "like.pattern[0]"),
    (#"{"is":{"left":{"Var":"principal"},"entity_type":"if"}}"#, "is.entity_type"),
    (#"{"is":{"left":{"Var":"principal"},"entity_type":"A :: B"}}"#, "is.entity_type"),
    (#"{"if-then-else":{"if":{"Value":true},"then":{"Value":1}}}"#, #"["if-then-else"]"#),
    (#"{"ip":{"Value":"1"}}"#, "body.ip"), (#"{"isIpv4":[]}"#, "body.isIpv4"),
    (#"{"foo":[{"Value":1}]}"#, "body.foo"), (#"{"a::ip":[{"Value":"1"}]}"#, "body"),
    (#"{"Unknown":[{"Value":"x"}]}"#, "body.Unknown"),
    (#"{"Value":{"__extn":{"fn":"nope","arg":"x"}}}"#, "__extn.fn"),
    (#"{"Value":{"__extn":{"fn":"ip"}}}"#, "__extn"),
    (#"{"Value":{"__entity":"A::\"x\""}}"#, "Value"),
    (#"{"Value":{"__expr":"1"}}"#, "__expr"), (#"{"Record":[]}"#, "body.Record"),
    (#"{"Set":{}}"#, "body.Set"), (#"{"-":{"arg":{"Value":1}}}"#, #"body["-"]"#),
  ]

  @Test("are refused with the place in the document", arguments: refusedBodies)
  func refusesBody(_ body: String, _ place: String) throws {
    let error = #expect(throws: CedarError.self) {
      try Policy(json: Self.policy(body), id: "p")
    }
    #expect(error?.code == .invalidPolicy)
    #expect(error?.message.contains("conditions[0]") == true)
    #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
  }

  static let refusedPolicies = [
    ("[]", "$"), (#"{"effect":"permit"}"#, "$"), (document(effect: "Permit"), "$.effect"),
    (document(more: #","x":1"#), "$"), (document(conditions: "{}"), "$.conditions"),
    (document(conditions: #"[{"kind":"when"}]"#), "$.conditions[0]"),
    (
      document(conditions: #"[{"kind":"if","body":{"Value":true}}]"#), "$.conditions[0].kind"
    ),
    (document(more: #","annotations":{"a b":"x"}"#), "a b"),
    (document(more: #","annotations":{"a":1}"#), "$.annotations.a"),
    (document(principal: #"{"op":"!="}"#), "$.principal.op"),
    (document(principal: #"{"op":"=="}"#), "$.principal"),
    (document(principal: #"{"op":"All","slot":"?principal"}"#), "$.principal"),
    (
      document(
        principal: #"{"op":"==","slot":"?principal","entity":{"type":"A","id":"a"}}"#),
      "$.principal"
    ),
    (document(principal: #"{"op":"==","slot":"?resource"}"#), "$.principal.slot"),
    (document(principal: #"{"op":"==","entity":"A::\"x\""}"#), "$.principal.entity"),
    (document(principal: #"{"op":"is","entity_type":"1"}"#), "$.principal.entity_type"),
    (document(action: #"{"op":"is","entity_type":"Action"}"#), "$.action"),
    (document(action: #"{"op":"==","slot":"?principal"}"#), "$.action"),
    (
      document(action: #"{"op":"in","entities":[{"type":"User","id":"x"}]}"#),
      "$.action.entities[0]"
    ),
    (document(action: #"{"op":"in"}"#), "$.action"),
  ]

  @Test("are refused as a whole with the place in the document", arguments: refusedPolicies)
  func refusesPolicy(_ json: String, _ place: String) throws {
    let error = #expect(throws: CedarError(.invalidPolicy, "")) { try Policy(json: json, id: "p") }
    #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
  }

  @Test("are refused when the text is not JSON")
  func refusesText() throws {
    for (text, code) in [
      ("", CedarError.Code.invalidJSON), ("{", .invalidJSON), (#"{"a":1.5}"#, .invalidPolicy),
      (Self.policy(#"{"Value":9223372036854775808}"#), .invalidPolicy),
      (Self.policy(#"{"Value":1.0}"#), .invalidPolicy),
      (#"{"effect":"permit","effect":"permit"}"#, .invalidJSON),
      (Self.policy(#"{"Record":{"a":{"Value":1},"\u0061":{"Value":2}}}"#), .invalidJSON),
      (String(repeating: "[", count: 100_000), .limitExceeded),
      (String(repeating: " ", count: JSONReader.byteCountLimit + 1), .limitExceeded),
    ] {
      #expect(try Fixture.code { _ = try Policy(json: text, id: "p") } == code)
    }
    var deep = #"{"Value":true}"#
    for _ in 0..<300 { deep = #"{"!":{"arg":\#(deep)}}"# }
    #expect(throws: CedarError(.limitExceeded, "")) {
      try Policy(json: Self.policy(deep), id: "p")
    }
  }

  @Test("read back equal for generated policies", arguments: 0..<40)
  func generated(_ block: Int) throws {
    for seed in 0..<25 {
      let item = FuzzCase(seed: UInt64(2_000 + block * 25 + seed))
      guard var set = try? PolicySet(parsing: item.policies) else { continue }
      for link in item.links { try set.add(link) }
      let read = try PolicySet(json: set.json)
      #expect(read.json == set.json, "seed \(item.seed)")
      // A path of `has` comes back as the chain it stands for; everything else is equal.
      if !item.policies.contains("has") { #expect(read == set, "seed \(item.seed)") }
    }
  }
}

import Testing

@testable import Cedar

@Suite("Schema JSON")
struct SchemaJSONTests {
  /// Text and JSON that mean the same.
  static let pairs: [(String, String)] = [
    ("", "{}"), ("", #"{"": {"entityTypes": {}, "actions": {}}}"#),
    ("entity A;", #"{"": {"entityTypes": {"A": {}}, "actions": {}}}"#),
    (
      "entity A, B in [A]; entity C enum [\"x\", \"y\"];",
      #"""
      {"": {"entityTypes": {"A": {"memberOfTypes": ["A"]}, "B": {"memberOfTypes": ["A"]},
        "C": {"enum": ["x", "y", "x"]}}, "actions": {}}}
      """#
    ),
    (
      "entity A { s: String, l?: Long, b: Bool, e: A, t: Set<Set<Long>>, r: { x: ipaddr } } tags decimal;",
      #"""
      {"": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {
        "s": {"type": "String"}, "l": {"type": "Long", "required": false},
        "b": {"type": "Boolean", "required": true, "annotations": {"doc": "x", "flag": null}},
        "e": {"type": "Entity", "name": "A"},
        "t": {"type": "Set", "element": {"type": "Set", "element": {"type": "Long"}}},
        "r": {"type": "Record", "attributes": {"x": {"type": "Extension", "name": "ipaddr"}},
          "additionalAttributes": false}}}, "tags": {"type": "decimal"},
        "annotations": {"doc": "text"}}}, "actions": {}}}
      """#
    ),
    (
      "type T = Long; type R = { t: T }; entity A { t: T, e: EntityOrCommonName } ; "
        + "type EntityOrCommonName = Bool;",
      #"""
      {"": {"commonTypes": {"T": {"type": "Long", "annotations": {"a": "b"}},
        "R": {"type": "Record", "attributes": {"t": {"type": "T"}}},
        "EntityOrCommonName": {"type": "Bool"}},
        "entityTypes": {"A": {"shape": {"type": "Record", "attributes": {
          "t": {"type": "EntityOrCommon", "name": "T"}, "e": {"type": "EntityOrCommonName"}}}}},
        "actions": {}}}
      """#
    ),
    (
      "type R = { x: Long }; entity A = { x: Long }; "
        + "action a appliesTo { principal: A, resource: A, context: R };",
      #"""
      {"": {"commonTypes": {"R": {"type": "Record", "attributes": {"x": {"type": "Long"}}}},
        "entityTypes": {"A": {"shape": {"type": "R"}}},
        "actions": {"a": {"appliesTo": {"principalTypes": ["A"], "resourceTypes": ["A", "A"],
          "context": {"type": "EntityOrCommon", "name": "R"}}}}}}
      """#
    ),
    (
      "namespace N::M { entity A { l: __cedar::Long, o: B }; action a in [b, Action::\"c d\"]; "
        + "action b; action \"c d\"; } entity B; entity Long;",
      #"""
      {"N::M": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {
          "l": {"type": "__cedar::Long"}, "o": {"type": "Entity", "name": "B"}}}}},
        "actions": {"a": {"memberOf": [{"id": "b"}, {"id": "c d", "type": "N::M::Action"}],
          "appliesTo": null, "attributes": null},
          "b": {"memberOf": []}, "c d": {"memberOf": null, "annotations": {}}},
        "annotations": {"doc": "x"}},
       "": {"entityTypes": {"B": {}, "Long": {}}, "actions": {}}}
      """#
    ),
    (
      "action a; entity A { x: Action, y: Long };",
      #"""
      {"": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {
        "x": {"type": "EntityOrCommon", "name": "Action"},
        "y": {"type": "EntityOrCommon", "name": "__cedar::Long"}}}}}, "actions": {"a": {}}}}
      """#
    ),
  ]

  @Test("gives the same schema as text", arguments: pairs)
  func equalsText(_ text: String, _ json: String) throws {
    let expected = try Schema(parsing: text)
    let schema = try Schema(json: json)
    #expect(schema.entityTypes == expected.entityTypes)
    #expect(schema.actions == expected.actions)
    #expect(schema.actionStore.count == expected.actionStore.count)
    #expect(schema.actionAncestorTypes == expected.actionAncestorTypes)
  }

  @Test(
    "gives the same schema as text, for every schema of the other tests",
    arguments: SchemaTests.accepted + [ValidationFixture.text, SchemaConformanceTests.text])
  func equalsEmitted(_ text: String) throws {
    let namespaces = try SchemaParser.namespaces(in: Array(text.utf8))
    let schema = try Schema(json: SchemaEmitter.json(namespaces))
    let expected = try Schema(parsing: text)
    #expect(schema.entityTypes == expected.entityTypes && schema.actions == expected.actions)
  }

  @Test("may let an action apply to nothing, which text cannot say")
  func emptyLists() throws {
    let schema = try Schema(
      json: #"""
        {"": {"entityTypes": {}, "actions": {"a": {"appliesTo":
          {"principalTypes": [], "resourceTypes": []}}}}}
        """#)
    let action = try #require(schema.actions[EntityUID(type: "Action", id: "a")])
    #expect(action.principalTypes.isEmpty && action.resourceTypes.isEmpty)
  }

  /// One wrong part each, put where it belongs in an otherwise good schema.
  static let rejected: [String] =
    [
      #"[]"#, #"1"#, #"{"": 1}"#, #"{"": {"entityTypes": {}}}"#, #"{"": {"actions": {}}}"#,
      #"{"": {"entityTypes": {}, "actions": {}, "x": 1}}"#,
      #"{"": {"entityTypes": [], "actions": {}}}"#,
      #"{"1": {"entityTypes": {}, "actions": {}}}"#, #"{"in": {"entityTypes": {}, "actions": {}}}"#,
      #"{"A :: B": {"entityTypes": {}, "actions": {}}}"#,
      #"{"__cedar": {"entityTypes": {}, "actions": {}}}"#,
      #"{"__cedar::N": {"entityTypes": {}, "actions": {}}}"#,
      #"{"": {"entityTypes": {}, "actions": {}, "annotations": {"a": "b"}}}"#,
      #"{"N": {"entityTypes": {}, "actions": {}, "annotations": {"a b": "c"}}}"#,
      #"{"N": {"entityTypes": {}, "actions": {}, "annotations": {"a": 1}}}"#,
      #"{"N": {"entityTypes": {}, "actions": {}, "annotations": null}}"#,
      #"{"": {"entityTypes": {}, "actions": {}, "commonTypes": null}}"#,
    ]
    + ["Action", "in", "1a", "A b", "__cedar", "A::B", ""].map {
      #"{"": {"entityTypes": {"\#($0)": {}}, "actions": {}}}"#
    }
    + ["Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String", "in", "A::B"]
    .map {
      #"{"": {"entityTypes": {}, "actions": {}, "commonTypes": {"\#($0)": {"type": "Long"}}}}"#
    }
    + [
      #"{"type": "U"}"#, #"{"type": "Zork"}"#, #"{"type": "Entity", "name": "T"}"#,
      #"{"type": "Entity", "name": "Long"}"#, #"{"type": "Entity"}"#,
      #"{"type": "Entity", "name": 1}"#,
      #"{"type": "Entity", "name": "Action"}"#, #"{"type": "EntityOrCommon", "name": "Zork"}"#,
      #"{"type": "EntityOrCommon"}"#, #"{"type": "Extension", "name": "zork"}"#,
      #"{"type": "Extension", "name": "Long"}"#, #"{"type": "Extension"}"#, #"{"type": "Set"}"#,
      #"{"type": "Set", "element": "Long"}"#, #"{"type": "Set", "element": {"type": "Zork"}}"#,
      #"{"type": "Set", "element": {"type": "Long", "required": true}}"#, #"{"type": "Record"}"#,
      #"{"type": "Record", "attributes": {}, "additionalAttributes": true}"#,
      #"{"type": "Record", "attributes": {}, "additionalAttributes": 0}"#,
      #"{"type": "Record", "attributes": []}"#, #"{"type": "Record", "attributes": {"a": "Long"}}"#,
      #"{"type": "Record", "attributes": {"a": {"type": "Long", "required": 1}}}"#,
      #"{"type": "Record", "attributes": {"a": {"type": "Long", "required": null}}}"#,
      #"{"type": "Record", "attributes": {"a": {"type": "Long", "annotations": {"b": 1}}}}"#,
      #"{"type": "Long", "name": "x"}"#, #"{"type": "Long", "element": {"type": "Long"}}"#,
      #"{"type": "Long", "zork": 1}"#, #"{"name": "x"}"#, #""Long""#, "null", "1.5",
      #"{"type": "U ::X"}"#, #"{"type": "__cedar::Zork"}"#, #"{"type": 1}"#,
    ].map {
      #"""
      {"": {"entityTypes": {"U": {}, "V": {"shape": {"type": "Record", "attributes": {
        "r": {"type": "Set", "element": \#($0)}}}}}, "actions": {},
        "commonTypes": {"T": {"type": "Long"}}}}
      """#
    }
    + [
      #"{"enum": []}"#, #"{"enum": "a"}"#, #"{"enum": [1]}"#,
      #"{"enum": ["a"], "memberOfTypes": []}"#,
      #"{"enum": ["a"], "shape": {"type": "Record", "attributes": {}}}"#,
      #"{"enum": ["a"], "tags": {"type": "Long"}}"#, #"{"tags": null}"#,
      #"{"tags": {"type": "Long", "required": true}}"#, #"{"memberOfTypes": null}"#,
      #"{"memberOfTypes": "U"}"#, #"{"memberOfTypes": ["Zork"]}"#, #"{"memberOfTypes": ["T"]}"#,
      #"{"memberOfTypes": ["Action"]}"#, #"{"memberOfTypes": [1]}"#, #"{"shape": null}"#,
      #"{"shape": {"type": "T"}}"#, #"{"shape": {"type": "Entity", "name": "U"}}"#, #"{"zork": 1}"#,
      #"{"annotations": null}"#, "1",
    ].map {
      #"""
      {"": {"entityTypes": {"U": {}, "V": \#($0)}, "actions": {},
        "commonTypes": {"T": {"type": "Long"}}}}
      """#
    }
    + [
      #"{"attributes": {}}"#, #"{"attributes": {"x": 1}}"#, #"{"appliesTo": {}}"#,
      #"{"appliesTo": {"principalTypes": ["U"]}}"#,
      #"{"appliesTo": {"principalTypes": ["U"], "resourceTypes": ["U"], "zork": 1}}"#,
      #"{"appliesTo": {"principalTypes": ["Zork"], "resourceTypes": ["U"]}}"#,
      #"{"appliesTo": {"principalTypes": ["Action"], "resourceTypes": ["U"]}}"#,
      #"{"appliesTo": {"principalTypes": null, "resourceTypes": ["U"]}}"#,
      #"{"appliesTo": {"principalTypes": ["U"], "resourceTypes": ["U"], "context": null}}"#,
      #"{"appliesTo": {"principalTypes": ["U"], "resourceTypes": ["U"], "context": {"type": "T"}}}"#,
      #"{"memberOf": [{"id": "a"}]}"#, #"{"memberOf": [{"id": "z"}]}"#, #"{"memberOf": ["b"]}"#,
      #"{"memberOf": [{"id": "b", "type": "N::Action"}]}"#,
      #"{"memberOf": [{"id": "b", "type": "U"}]}"#,
      #"{"memberOf": [{"id": "b", "x": 1}]}"#, #"{"memberOf": [{"type": "Action"}]}"#,
      #"{"memberOf": [{"id": 1}]}"#, #"{"memberOf": [{"id": "b", "type": 1}]}"#, #"{"zork": 1}"#,
      "null",
    ].map {
      #"""
      {"": {"entityTypes": {"U": {}}, "actions": {"a": \#($0), "b": {}},
        "commonTypes": {"T": {"type": "Long"}}}}
      """#
    }

  @Test("is refused", arguments: rejected)
  func rejects(_ json: String) throws {
    #expect(try Fixture.code { _ = try Schema(json: json) } == .invalidSchema)
  }

  @Test(
    "that is not JSON, or has a key twice, is refused with a position",
    arguments: [
      "", "{", "{}x", #"{"": {"entityTypes": {"A": {}, "A": {}}, "actions": {}}}"#,
      #"{"": {"entityTypes": {}, "entityTypes": {}, "actions": {}}}"#,
      #"{"N": {"entityTypes": {}, "actions": {}}, "N": {"entityTypes": {}, "actions": {}}}"#,
    ])
  func rejectsJSON(_ json: String) {
    let error = #expect(throws: CedarError(.invalidJSON, "")) { try Schema(json: json) }
    #expect(error?.position != nil)
  }

  @Test("that fails says at which member")
  func errorPlaces() {
    for (json, message) in [
      (
        #"{"N": {"entityTypes": {"A": {"shape": {"type": "Record", "attributes": {"x": {"type": "Lng"}}}}}, "actions": {}}}"#,
        "at `N/entityTypes/A/shape/x`: the type `Lng` is not declared; did you mean `Long`?"
      ),
      (
        #"{"": {"entityTypes": {"A": {"tags": {"type": "Set"}}}, "actions": {}}}"#,
        "at `entityTypes/A/tags`: a set needs `element`"
      ),
      (
        #"{"": {"entityTypes": {}, "actions": {"a": {"appliesTo": {"principalTypes": []}}}}}"#,
        "at `actions/a/appliesTo`: `resourceTypes` is missing"
      ),
    ] {
      let error = #expect(throws: CedarError.self) { try Schema(json: json) }
      #expect(error?.message == message)
    }
  }
}

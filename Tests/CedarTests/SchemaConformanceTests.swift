import Testing

@testable import Cedar

@Suite("Conformance to a schema")
struct SchemaConformanceTests {
  static let text = #"""
    entity Root;
    entity Group in [Root];
    entity Kind enum ["a", "b"];
    entity User in [Group] {
      name: String, ip?: ipaddr, boss?: User, kinds?: Set<Kind>, score?: decimal,
      home?: { street: String, since?: datetime }
    } tags Long;
    entity Doc;
    action base, top;
    action mid in [top];
    action view in [base, mid] appliesTo {
      principal: User, resource: [Doc, Kind], context: { at: datetime, note?: String }
    };
    """#

  private func store(_ entity: String) throws -> EntityStore {
    try EntityStore(json: "[\(entity)]", schema: try Schema(parsing: Self.text))
  }

  @Test("reads plain values where the schema gives the type")
  func readsPlainValues() throws {
    let store = try store(
      #"""
      {"uid": {"type": "User", "id": "u"}, "parents": [{"type": "Root", "id": "r"}],
       "attrs": {"name": "Ada", "ip": "10.0.0.1", "boss": {"type": "User", "id": "u"},
         "kinds": [{"type": "Kind", "id": "a"}], "score": {"fn": "decimal", "arg": "0.5"},
         "home": {"street": "x", "since": "2024-01-01"}}, "tags": {"n": 1}}
      """#)
    let attributes = try #require(store[Fixture.user]?.attributes)
    #expect(attributes["ip"] == .ip(try CedarIPAddress(parsing: "10.0.0.1")))
    #expect(attributes["boss"] == .entity(Fixture.user))
    #expect(attributes["kinds"] == [.entity(EntityUID(type: "Kind", id: "a"))])
    #expect(attributes["score"] == .decimal(CedarDecimal(scaled: 5_000)))
  }

  @Test("adds the actions of the schema with their hierarchy")
  func addsActions() throws {
    let store = try EntityStore(entities: [], schema: try Schema(parsing: Self.text))
    #expect(store.count == 4)
    #expect(store.isMember(Fixture.view, of: EntityUID(type: "Action", id: "top")))
    let given = #"""
      {"uid": {"type": "Action", "id": "view"}, "attrs": {}, "parents": [
        {"type": "Action", "id": "base"}, {"type": "Action", "id": "mid"},
        {"type": "Action", "id": "top"}]}
      """#
    #expect(try self.store(given).count == 4)
  }

  static let refused = [
    #""type": "Nope", "id": "u"}, "attrs": {}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": 1}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x", "extra": 1}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x", "aaa": 1}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x", "zzz": 1}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x"}, "parents": [{"type": "Doc", "id": "d"}]"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x"}, "parents": [], "tags": {"n": "x"}"#,
    #""type": "Doc", "id": "u"}, "attrs": {}, "parents": [], "tags": {"n": 1}"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x", "kinds": [1]}, "parents": []"#,
    #""type": "User", "id": "u"}, "attrs": {"name": "x", "home": {}}, "parents": []"#,
    #""type": "Kind", "id": "c"}, "attrs": {}, "parents": []"#,
    #""type": "Kind", "id": "a"}, "attrs": {"x": 1}, "parents": []"#,
    #""type": "Kind", "id": "a"}, "attrs": {}, "parents": [{"type": "Root", "id": "r"}]"#,
    #""type": "User", "id": "u"}, "parents": [], "#
      + #""attrs": {"name": "x", "boss": {"__entity": {"type": "Doc", "id": "d"}}}"#,
    #""type": "User", "id": "u"}, "parents": [], "#
      + #""attrs": {"name": "x", "kinds": [{"type": "Kind", "id": "c"}]}"#,
    #""type": "Action", "id": "other"}, "attrs": {}, "parents": []"#,
    #""type": "Action", "id": "view"}, "attrs": {}, "parents": []"#,
    #""type": "Action", "id": "top"}, "attrs": {"x": 1}, "parents": []"#,
  ]

  @Test("refuses an entity", arguments: refused)
  func refusesEntity(_ inner: String) throws {
    #expect(try Fixture.code { _ = try store("{\"uid\": {\(inner)}") } == .invalidEntity)
  }

  @Test("refuses a text that the expected extension type cannot read")
  func refusesExtensionText() throws {
    let user = #"{"uid": {"type": "User", "id": "u"}, "attrs": {"ip": "x"}, "parents": []}"#
    #expect(try Fixture.code { _ = try store(user) } == .extensionFormat)
  }

  @Test("accepts a request that fits and refuses every other")
  func requests() throws {
    let schema = try Schema(parsing: Self.text)
    let doc = EntityUID(type: "Doc", id: "d")
    let kind = EntityUID(type: "Kind", id: "b")
    let unknownKind = EntityUID(type: "Kind", id: "z")
    let at: CedarRecord = ["at": .datetime(CedarDateTime(milliseconds: 0))]
    var noted = at
    noted["note"] = "x"
    let good: [(EntityUID, EntityUID, EntityUID, CedarRecord)] = [
      (Fixture.user, Fixture.view, doc, at), (Fixture.user, Fixture.view, kind, noted),
    ]
    for (principal, action, resource, context) in good {
      try schema.validate(
        Request(principal: principal, action: action, resource: resource, context: context))
    }
    var extra = at
    extra["x"] = 1
    let bad: [(EntityUID, EntityUID, EntityUID, CedarRecord)] = [
      (doc, Fixture.view, doc, at), (Fixture.user, Fixture.view, Fixture.user, at),
      (Fixture.user, EntityUID(type: "Action", id: "nope"), doc, at),
      (Fixture.user, EntityUID(type: "Action", id: "base"), doc, at),
      (Fixture.user, Fixture.view, unknownKind, at), (Fixture.user, Fixture.view, doc, [:]),
      (Fixture.user, Fixture.view, doc, extra), (Fixture.user, Fixture.view, doc, ["at": "1970"]),
    ]
    for (principal, action, resource, context) in bad {
      #expect(throws: CedarError(.invalidRequest, "")) {
        try schema.validate(
          Request(principal: principal, action: action, resource: resource, context: context))
      }
    }
    #expect(throws: CedarError(.invalidRequest, "")) {
      try CedarRecord(contextJSON: "{}", schema: schema, action: Fixture.user)
    }
    let read = try CedarRecord(
      contextJSON: #"{"at": "1970-01-01"}"#, schema: schema, action: Fixture.view)
    #expect(read == at)
  }

  /// Parts of an entity `User::"u"` behind its uid, each with what is expected of it.
  static let attributes: [(String, CedarError.Code?)] = [
    (#""attrs": {"name": "x"}, "parents": []"#, nil),
    (#""attrs": {"name": "x"}, "parents": [], "extra": null, "other": 1.5, "more": [1e3]"#, nil),
    (#""attrs": {"name": "x"}, "parents": [], "tags": {}"#, nil),
    (
      #""attrs": {"name": "x", "ip": {"__extn": {"fn": "ip", "arg": "::1", "note": 1}}}, "parents": []"#,
      nil
    ),
    (#""attrs": {"name": "x", "ip": {"fn": "ip", "args": ["::1"]}}, "parents": []"#, nil),
    (
      #""attrs": {"name": "x", "boss": {"type": "User", "id": "b", "note": 1}}, "parents": []"#, nil
    ),
    (
      #""attrs": {"name": "x", "boss": {"__entity": {"type": "User", "id": "b"}}}, "parents": []"#,
      nil
    ),
    (#""attrs": {"name": "x", "kinds": []}, "parents": []"#, nil),
    (
      #""attrs": {"name": "x"}, "parents": [{"type": "Group", "id": "g"}, {"type": "Root", "id": "r"}]"#,
      nil
    ),
    (#""attrs": {"name": null}, "parents": []"#, .invalidJSON),
    (#""attrs": {"name": "x", "score": 1.5}, "parents": []"#, .invalidJSON),
    (#""attrs": {"name": "x"}"#, .invalidJSON), (#""parents": []"#, .invalidJSON),
    (#""attrs": [], "parents": []"#, .invalidJSON),
    (#""attrs": {"name": "x"}, "parents": {}"#, .invalidJSON),
    (#""attrs": {"name": "x"}, "parents": [], "tags": null"#, .invalidJSON),
    (#""attrs": {"name": "x"}, "parents": [], "tags": []"#, .invalidJSON),
    (#""attrs": {"name": "x"}, "parents": ["Group::\"g\""]"#, .invalidJSON),
    (#""attrs": {"name": "x", "boss": "User::\"b\""}, "parents": []"#, .invalidEntity),
    (#""attrs": {"name": "x", "boss": {"type": "User"}}, "parents": []"#, .invalidJSON),
    (#""attrs": {"name": "x", "boss": {"type": "User ", "id": "b"}}, "parents": []"#, .invalidName),
    (#""attrs": {"name": "x", "ip": "10.0.0.256"}, "parents": []"#, .extensionFormat),
    (
      #""attrs": {"name": "x", "ip": {"fn": "decimal", "arg": "1.0"}}, "parents": []"#,
      .invalidEntity
    ),
    (#""attrs": {"name": "x", "ip": {"fn": "nope", "arg": "1.0"}}, "parents": []"#, .invalidJSON),
    (#""attrs": {"name": {"__expr": "1"}}, "parents": []"#, .invalidJSON),
    (
      #""attrs": {"name": "x", "home": {"street": "x", "extra": 1}}, "parents": []"#, .invalidEntity
    ),
    (
      #""attrs": {"name": "x", "home": {"street": "x", "since": 1}}, "parents": []"#, .invalidEntity
    ),
    (#""attrs": {"name": "x"}, "parents": [{"type": "Kind", "id": "a"}]"#, .invalidEntity),
    (#""attrs": {"name": "x"}, "parents": [{"type": "User", "id": "v"}]"#, .invalidEntity),
    (#""attrs": {"name": "x"}, "parents": [{"type": "Action", "id": "view"}]"#, .invalidEntity),
    (#""attrs": {"name": "x"}, "parents": [], "tags": {"t": 1, "u": "x"}"#, .invalidEntity),
    (#""attrs": {"name": "x", "name": "x"}, "parents": []"#, .invalidJSON),
  ]

  @Test("checks every part of an entity", arguments: attributes)
  func checksParts(_ parts: String, _ code: CedarError.Code?) throws {
    let entity = #"{"uid": {"type": "User", "id": "u"}, \#(parts)}"#
    #expect(try Fixture.code { _ = try store(entity) } == code)
  }

  @Test("reads an attribute that the schema names like an escape")
  func escapesAsNames() throws {
    let schema = try Schema(parsing: #"entity User { r: { "__entity": Long, x?: Long } };"#)
    let entity =
      #"[{"uid": {"type": "User", "id": "u"}, "attrs": {"r": {"__entity": 1, "x": 2}}, "parents": []}]"#
    let store = try EntityStore(json: entity, schema: schema)
    #expect(store[Fixture.user]?.attributes["r"] == ["__entity": 1, "x": 2])
  }
}

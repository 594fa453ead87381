import Testing

@testable import Cedar

@Suite("Schema text")
struct SchemaTests {
  static let accepted = [
    "", "// nothing", "entity A;", "entity A, B in [A];", "entity A in A;", "entity A in [];",
    "entity A { x: Long };", "entity A = { x?: Long, \"y z\": String, };", "entity A tags Long;",
    "entity A = {} tags Set<String>;", #"entity A enum ["x", "y", "x"];"#, "entity Long;",
    "entity Set { s: Set<Set<Long>> };", "type T = Long; entity A { t: T };",
    "type T = { a: U }; type U = Set<A>; entity A { t: T };", "namespace N { entity A; }",
    "namespace N::M { entity A { b: A, c: N::M::A, d: __cedar::Long }; }",
    "entity B; namespace N { entity A { b: B }; }", "action a;",
    #"action "a b", c; action d in ["a b", c];"#,
    #"action a in [Action::"b"]; action b;"#,
    #"entity A; action a appliesTo { principal: A, resource: [A] };"#,
    "entity A; action a appliesTo { resource: A, principal: A, context: { x: Long }, };",
    "type C = { x: Long }; entity A; action a appliesTo { principal: A, resource: A, context: C };",
    #"namespace N { action a; } namespace M { action b in N::Action::"a"; }"#,
    #"@doc("x") entity A { @doc("y") x: Long }; @doc namespace N {}"#,
    "entity A { i: ipaddr, d: decimal, t: datetime, u: duration, b: Bool };",
    "entity A { type: Long, entity: Long, \"in\": Long };", "action x; entity A { a: Action };",
    "entity A { ip: Long }; entity ipaddr;",
  ]

  @Test("is accepted", arguments: accepted)
  func accepts(_ text: String) {
    #expect(throws: Never.self) { try Schema(parsing: text) }
  }

  static let rejected: [(String, CedarError.Code)] = [
    ("entity A", .syntax), ("entity;", .syntax), ("entity A;;", .syntax), ("entity if;", .syntax),
    ("entity A in;", .syntax), ("entity A { x Long };", .syntax), ("entity A { x: };", .syntax),
    ("entity A { x: Long, x: Long };", .syntax), ("entity A enum [];", .syntax),
    (#"entity A enum ["x",];"#, .syntax), (#"entity A enum ["x"] in A;"#, .syntax),
    ("entity A { x: Set };", .invalidSchema), ("entity A { x: Set<> };", .syntax),
    ("entity A { x: Set<Long };", .syntax), ("type T;", .syntax), ("type T = ;", .syntax),
    ("namespace N { entity A; ", .syntax), ("namespace { }", .syntax),
    ("namespace N { namespace M {} }", .syntax), ("namespace N {} namespace N {}", .syntax),
    ("namespace __cedar {}", .syntax), ("entity A; action a appliesTo {};", .syntax),
    ("entity A; action a appliesTo { principal: A };", .syntax),
    ("entity A; action a appliesTo { principal: [], resource: A };", .syntax),
    ("entity A; action a appliesTo { principal: A, principal: A, resource: A };", .syntax),
    ("action a attributes {};", .syntax), ("@doc @doc entity A;", .syntax), ("Entity A;", .syntax),
    ("entity A { if: Long };", .syntax),
    ("entity B; entity A in [B,];", .syntax), ("action b; action a in [b,];", .syntax),
    ("action a in [];", .syntax), ("entity A { a: Action };", .invalidSchema),
    ("entity A; entity A;", .invalidSchema), ("entity A, A;", .invalidSchema),
    ("type T = Long; type T = Long;", .invalidSchema), ("action a, a;", .invalidSchema),
    ("entity Action;", .invalidSchema), ("type Long = Bool;", .invalidSchema),
    ("type Record = Bool;", .invalidSchema), ("entity A { x: Nope };", .invalidSchema),
    ("entity A in Nope;", .invalidSchema), ("type T = T;", .invalidSchema),
    ("type T = Set<U>; type U = { t: T };", .invalidSchema), ("type T = Nope;", .invalidSchema),
    ("entity A { x: __cedar::Nope };", .invalidSchema),
    ("entity A { x: N::Long };", .invalidSchema),
    ("action a in b;", .invalidSchema), ("action a in a;", .invalidSchema),
    ("action b, c in b;", .invalidSchema),
    ("action a in b; action b in a;", .invalidSchema),
    ("entity A; namespace N { entity A; }", .invalidSchema),
    ("type T = Long; namespace N { type T = Bool; }", .invalidSchema),
    ("action a; namespace N { action a; }", .invalidSchema),
    ("action a appliesTo { principal: X, resource: X };", .invalidSchema),
    ("type T = Long; action a appliesTo { principal: T, resource: T };", .invalidSchema),
    ("entity A; action a appliesTo { principal: A, resource: A, context: Long };", .invalidSchema),
    ("entity A; action a appliesTo { principal: A, resource: A, context: A };", .invalidSchema),
    ("namespace N { entity A; } entity B { a: A };", .invalidSchema),
  ]

  @Test("is rejected", arguments: rejected)
  func rejects(_ text: String, _ code: CedarError.Code) throws {
    #expect(try Fixture.code { _ = try Schema(parsing: text) } == code)
  }

  @Test("nested beyond the limit is refused")
  func nestingLimit() {
    let open = String(repeating: "Set<", count: 10_000)
    #expect(throws: CedarError(.limitExceeded, "")) { try Schema(parsing: "type T = \(open)") }
    let chain = (0..<1_000).map { "type T\($0) = T\($0 + 1);" }.joined() + "type T1000 = Long;"
    #expect(throws: CedarError(.limitExceeded, "")) { try Schema(parsing: chain) }
  }

  /// Declarations, and what the attribute `a` of the entity type `N::X` is then.
  static let resolutions: [(String, SchemaType)] = [
    ("namespace N { entity X { a: Long }; }", .long),
    ("namespace N { entity X { a: Bool }; }", .bool),
    ("namespace N { entity X { a: decimal }; }", .extension(.decimal)),
    ("namespace N { entity X { a: Set<ipaddr> }; }", .set(.extension(.ipaddr))),
    ("entity A; type A = Long; namespace N { entity X { a: A }; }", .long),
    ("namespace N { entity A; type A = Long; entity X { a: A }; }", .long),
    ("entity Long; namespace N { entity X { a: Long }; }", .entity("Long")),
    ("entity Set; namespace N { entity X { a: Set }; }", .entity("Set")),
    ("entity Long; namespace N { entity X { a: __cedar::Long }; }", .long),
    ("type ipaddr = String; namespace N { entity X { a: ipaddr }; }", .string),
    ("type ipaddr = String; namespace N { entity X { a: __cedar::ipaddr }; }", .extension(.ipaddr)),
    ("namespace N { entity Long; entity X { a: Long }; }", .entity("N::Long")),
    ("namespace N { entity X { a: M::Q }; } namespace M { type Q = Long; entity Q; }", .long),
    ("namespace N { type Q = B; entity X { a: Q }; } entity B;", .entity("B")),
    (
      "namespace N { type Q = B; entity B, X { a: Q }; } namespace M { entity B; }", .entity("N::B")
    ),
    (
      "type Q = { q: Long }; namespace N { entity X { a: Q }; }",
      .record(RecordType([.init(name: "q", isRequired: true, type: .long)]))
    ),
    ("namespace N { action v; entity X { a: Action }; }", .entity("N::Action")),
    ("action v; namespace N { entity X { a: Action }; }", .entity("Action")),
  ]

  @Test("resolves names by the rules of the language", arguments: resolutions)
  func resolves(_ text: String, _ type: SchemaType) throws {
    let schema = try Schema(parsing: text)
    #expect(schema.entityTypes["N::X"]?.attributes["a"]?.type == type)
  }

  @Test("closes the hierarchies of entity types and actions")
  func hierarchies() throws {
    let schema = try Schema(
      parsing: """
        entity A in B; entity B in [C, A]; entity C; entity D;
        action a in b; action b in [c]; action c; namespace N { action d in Action::"a"; }
        """)
    #expect(schema.entityTypes["A"]?.parentTypes == ["A", "B", "C"])
    #expect(schema.entityTypes["D"]?.parentTypes == [])
    let deep = EntityUID(type: "N::Action", id: "d")
    #expect(schema.actionStore.ancestors(of: deep).map(\.id).sorted() == ["a", "b", "c"])
    #expect(schema.actionAncestorTypes["N::Action"] == ["Action"])
  }

  @Test(
    "that is rejected says where and what would help",
    arguments: [
      (
        "entity User;\nentity Doc { o: Usr };",
        "2:17: the type `Usr` is not declared; did you mean `User`?"
      ),
      ("entity A;\nentity A;", "2:8: the entity type `A` is declared twice"),
      ("entity A in [B];", "1:14: the entity type `B` is not declared"),
      (
        "action read;\naction edit in [reed];",
        "2:17: the action `reed` is not declared; did you mean `read`?"
      ),
      ("action a in [a];", "1:8: the parents of the action `Action::\"a\"` lead back to it"),
      ("type Set = Long;", "1:6: a common type cannot be named `Set`"),
      ("type T = Set<T>;", "1:14: the type `T` is defined by itself"),
      (
        "entity A;\nnamespace N { entity A; }",
        "2:22: `A` in the namespace `N` hides one outside it; rename either"
      ),
      (
        "entity A; action a appliesTo { principal: A, resource: A, context: Long };",
        "1:18: the context of the action `a` must be a record"
      ),
      ("entity A\n{ x: Long", "2:10: expected `,` or `}`, found the end of the text"),
    ])
  func errorMessages(_ text: String, _ message: String) {
    let error = #expect(throws: CedarError.self) { try Schema(parsing: text) }
    #expect(error?.description == message)
  }
}

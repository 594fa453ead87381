import Testing

@testable import Cedar

@Suite("Entity store")
struct EntityStoreTests {
  private func uid(_ id: String) -> EntityUID { EntityUID(type: "Node", id: id) }

  private func node(_ id: String, in parents: String...) -> Entity {
    Entity(uid(id), parents: Set(parents.map { uid($0) }))
  }

  @Test("closes the hierarchy over any number of levels and orders")
  func closure() throws {
    let entities = [node("c", in: "b"), node("a"), node("d", in: "c", "x"), node("b", in: "a")]
    for rotation in 0..<entities.count {
      let order = Array(entities[rotation...] + entities[..<rotation])
      let store = try EntityStore(entities: order)
      #expect(store.ancestors(of: uid("d")) == [uid("c"), uid("b"), uid("a"), uid("x")])
      #expect(store.isMember(uid("d"), of: uid("a")))
      #expect(!store.isMember(uid("a"), of: uid("d")))
      #expect(store.isMember(uid("nobody"), of: uid("nobody")))
      #expect(!store.isMember(uid("nobody"), of: uid("a")))
    }
  }

  @Test("handles deep chains without recursion")
  func deepChain() throws {
    let store = try EntityStore(entities: (1...2_000).map { node("\($0)", in: "\($0 - 1)") })
    #expect(store.ancestors(of: uid("2000")).count == 2_000)
  }

  static let cycles = [["a>a"], ["a>b", "b>a"], ["a>b", "b>c", "c>a"], ["d>a", "a>b", "b>a"]]

  @Test("refuses cycles", arguments: cycles)
  func refusesCycles(_ edges: [String]) {
    let entities = edges.map { edge in
      node(String(edge.prefix(1)), in: String(edge.suffix(1)))
    }
    #expect(throws: CedarError(.cyclicHierarchy, "")) { try EntityStore(entities: entities) }
  }

  @Test("accepts an entity twice only when both are the same")
  func duplicates() throws {
    let ada = Entity(uid("a"), attributes: ["n": 1], parents: [uid("b")], tags: ["t": 1])
    #expect(try EntityStore(entities: [ada, ada]).count == 1)
    var changed = [ada, ada, ada]
    changed[0].attributes = ["n": 2]
    changed[1].parents = []
    changed[2].tags = [:]
    for other in changed {
      #expect(throws: CedarError(.duplicateEntity, "")) {
        try EntityStore(entities: [ada, other])
      }
    }
  }

  @Test("refuses an action below something that is not an action")
  func actionParents() throws {
    let action = EntityUID(type: "N::Action", id: "a")
    _ = try EntityStore(entities: [Entity(action, parents: [EntityUID(type: "Action", id: "b")])])
    #expect(throws: CedarError(.invalidEntity, "")) {
      try EntityStore(entities: [Entity(action, parents: [uid("a")])])
    }
  }

  @Test("links added entities to the ones before, also when they were missing parents")
  func adding() throws {
    let base = try EntityStore(entities: [node("b", in: "a"), node("c", in: "b")])
    let below = try base.adding([node("d", in: "c")])
    #expect(below.ancestors(of: uid("d")) == [uid("c"), uid("b"), uid("a")])
    let above = try base.adding([node("a", in: "root")])
    #expect(above.isMember(uid("c"), of: uid("root")))
    #expect(!base.isMember(uid("c"), of: uid("root")))
    #expect(throws: CedarError(.cyclicHierarchy, "")) { try base.adding([node("a", in: "c")]) }
    #expect(throws: CedarError(.duplicateEntity, "")) { try base.adding([node("c", in: "x")]) }
  }
}

@Suite("Values")
struct ValueTests {
  @Test("strings compare by bytes, not by canonical equivalence")
  func stringEquality() throws {
    let composed = CedarString("\u{e9}")
    let decomposed = CedarString("e\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    let record: CedarRecord = ["\u{e9}": 1, "e\u{301}": 2]
    #expect(record[composed] == 1 && record[decomposed] == 2)
    #expect(EntityUID(type: "U", id: composed) != EntityUID(type: "U", id: decomposed))
    #expect(throws: CedarError(.invalidText, "")) { try CedarString(utf8: [0xC3]) }
    #expect(try CedarString(utf8: [0xC3, 0xA9]) == composed)
  }

  @Test("records read, set and remove attributes and refuse repeated keys")
  func records() {
    var record: CedarRecord = ["b": 2, "a": 1]
    record["c"] = 3
    record["a"] = nil
    record["b"] = 5
    #expect(record == ["c": 3, "b": 5])
    #expect(record.elements.map(\.key) == ["b", "c"])
    #expect(record["a"] == nil)
    #expect(CedarRecord([("a", 1), ("a", 1)]) == nil)
    #expect(CedarValue.entities([Fixture.user, Fixture.user]) == [.entity(Fixture.user)])
  }

  @Test("type names must be normalised paths", arguments: ["A", "_a1", "A::B", "principal::when"])
  func typeNames(_ path: String) throws {
    #expect(try EntityTypeName(path).description == path)
  }

  @Test(
    "type names refuse",
    arguments: [
      "", "1A", "A::", "::A", "A:B", "A :: B", "A::if", "__cedar::A", "in", "A-B", "\u{c4}", "A::1",
    ])
  func badTypeNames(_ path: String) {
    #expect(throws: CedarError(.invalidName, "")) { try EntityTypeName(path) }
  }
}

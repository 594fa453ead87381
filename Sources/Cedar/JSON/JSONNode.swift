/// A place in a JSON document, for messages.
indirect enum JSONPath {
  case root
  case member(JSONPath, CedarString)
  case element(JSONPath, Int)

  /// The most steps that a message shows; the ones in the middle are left out.
  private static let shownStepCount = 24

  /// The path as `$.templates.t.conditions[0].body`.
  var text: String {
    var steps: [String] = []
    var path = self
    while true {
      switch path {
      case .root:
        let all = Array(steps.reversed())
        guard all.count > JSONPath.shownStepCount else { return "$" + all.joined() }
        let half = JSONPath.shownStepCount / 2
        return "$" + all.prefix(half).joined() + "…" + all.suffix(half).joined()
      case .member(let parent, let key):
        steps.append(Identifier.isWhole(key.bytes) ? ".\(key)" : "[\"\(key)\"]")
        path = parent
      case .element(let parent, let index):
        steps.append("[\(index)]")
        path = parent
      }
    }
  }
}

/// A value of a policy document together with its place.
struct JSONNode {
  let value: JSONValue
  let path: JSONPath

  /// Makes an error about this value.
  func failure(_ message: String) -> CedarError {
    CedarError(.invalidPolicy, "at `\(path.text)`: \(message)")
  }

  /// Runs a conversion and puts the place before its message.
  func converting<Result>(
    _ body: (JSONValue) throws(CedarError) -> Result
  ) throws(CedarError) -> Result {
    do throws(CedarError) {
      return try body(value)
    } catch {
      throw failure(error.message)
    }
  }

  /// Reads an object with exactly these keys, some of which may be absent.
  func object(
    required: [CedarString], optional: [CedarString] = []
  ) throws(CedarError) -> JSONObject {
    guard let members = value.members else { throw failure("expected an object") }
    for member in members {
      guard required.contains(member.key) || optional.contains(member.key) else {
        let known = (required + optional).map { "`\($0)`" }.joined(separator: ", ")
        throw failure("the key `\(member.key)` is not expected here; known are \(known)")
      }
    }
    for key in required where value[key] == nil { throw failure("the key `\(key)` is missing") }
    return JSONObject(node: self)
  }

  /// Reads the members of an object whose keys are free.
  func members() throws(CedarError) -> [(key: CedarString, node: JSONNode)] {
    guard let members = value.members else { throw failure("expected an object") }
    return members.map { ($0.key, JSONNode(value: $0.value, path: .member(path, $0.key))) }
  }

  /// Reads an object with one member.
  func single() throws(CedarError) -> (key: CedarString, node: JSONNode) {
    let members = try members()
    guard members.count == 1 else {
      throw failure("an expression must be an object with one key, found \(members.count)")
    }
    return members[0]
  }

  /// Reads an array.
  func elements() throws(CedarError) -> [JSONNode] {
    guard let elements = value.elements else { throw failure("expected an array") }
    return elements.enumerated().map {
      JSONNode(value: $0.element, path: .element(path, $0.offset))
    }
  }

  /// Reads a string.
  func string() throws(CedarError) -> CedarString {
    guard let text = value.string else { throw failure("expected a string") }
    return text
  }

  /// Reads the path of an entity type.
  func typeName() throws(CedarError) -> EntityTypeName {
    let path = try string()
    return try converting { (_) throws(CedarError) in try EntityTypeName(path: path) }
  }

  /// Reads `{"type", "id"}`, bare or below `__entity`.
  func uid() throws(CedarError) -> EntityUID {
    try converting { (json) throws(CedarError) in try ValueDecoder.uid(json) }
  }
}

/// An object whose keys were checked.
struct JSONObject {
  let node: JSONNode

  /// The value of a key that is present.
  subscript(key: CedarString) -> JSONNode {
    JSONNode(value: node.value[key] ?? .null, path: .member(node.path, key))
  }

  /// The value of a key that may be absent; null counts as absent.
  func optional(_ key: CedarString) -> JSONNode? {
    guard let value = node.value[key], !value.isNull else { return nil }
    return JSONNode(value: value, path: .member(node.path, key))
  }
}

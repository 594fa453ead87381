@testable import Cedar

/// Writes parsed declarations in the JSON form, to compare the two readers.
enum SchemaEmitter {
  static func json(_ namespaces: [NamespaceSyntax]) -> String {
    object(namespaces.map { ($0.name, namespace($0)) })
  }

  private static func namespace(_ syntax: NamespaceSyntax) -> String {
    object([
      ("commonTypes", object(syntax.commonTypes.map { ($0.name, type($0.type)) })),
      ("entityTypes", object(syntax.entities.map { ($0.name, entity($0)) })),
      ("actions", object(syntax.actions.map { ($0.name, action($0)) })),
    ])
  }

  private static func entity(_ syntax: EntityTypeSyntax) -> String {
    if let ids = syntax.enumeration { return object([("enum", array(ids.map(string)))]) }
    var members: [(CedarString, String)] = [
      ("memberOfTypes", array(syntax.parents.map { string($0.path.path) })),
      ("shape", type(syntax.shape)),
    ]
    if let tags = syntax.tags { members.append(("tags", type(tags))) }
    return object(members)
  }

  private static func action(_ syntax: ActionSyntax) -> String {
    var members: [(CedarString, String)] = []
    let parents = syntax.parents.map { parent -> String in
      var members: [(CedarString, String)] = [("id", string(parent.id))]
      if let type = parent.type { members.append(("type", string(type.path))) }
      return object(members)
    }
    members.append(("memberOf", array(parents)))
    if let principals = syntax.appliesTo.principals, let resources = syntax.appliesTo.resources {
      var appliesTo: [(CedarString, String)] = [
        ("principalTypes", array(principals.map { string($0.path.path) })),
        ("resourceTypes", array(resources.map { string($0.path.path) })),
      ]
      if let context = syntax.appliesTo.context { appliesTo.append(("context", type(context))) }
      members.append(("appliesTo", object(appliesTo)))
    }
    return object(members)
  }

  private static func type(_ syntax: TypeSyntax, isRequired: Bool = true) -> String {
    var members: [(CedarString, String)]
    switch syntax {
    case .named(let reference):
      members = [("type", #""EntityOrCommon""#), ("name", string(reference.path.path))]
    case .builtIn: members = []
    case .set(let element): members = [("type", #""Set""#), ("element", type(element))]
    case .record(let attributes):
      let fields = attributes.map { ($0.name, type($0.type, isRequired: $0.isRequired)) }
      members = [("type", #""Record""#), ("attributes", object(fields))]
    }
    if !isRequired { members.append(("required", "false")) }
    return object(members)
  }

  private static func object(_ members: [(CedarString, String)]) -> String {
    "{\(members.map { "\(string($0.0)): \($0.1)" }.joined(separator: ", "))}"
  }

  private static func array(_ elements: [String]) -> String {
    "[\(elements.joined(separator: ", "))]"
  }

  private static func string(_ text: CedarString) -> String {
    var result = "\""
    for scalar in text.text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// The `action` declarations.
extension SchemaParser {
  mutating func actions() throws(CedarError) -> [ActionSyntax] {
    var names: [(name: CedarString, offset: Int)] = []
    repeat {
      let start = cursor.current.start
      names.append((try actionName(), start))
    } while cursor.accept(.comma)
    let parents = cursor.accept(word: "in") ? try actionReferences() : []
    let appliesTo = cursor.accept(word: "appliesTo") ? try appliesTo() : AppliesToSyntax()
    return names.map {
      ActionSyntax(name: $0.name, parents: parents, appliesTo: appliesTo, place: .offset($0.offset))
    }
  }

  private mutating func actionName() throws(CedarError) -> CedarString {
    cursor.current.kind == .string ? try cursor.string() : try cursor.identifier()
  }

  private mutating func actionReferences() throws(CedarError) -> [ActionReferenceSyntax] {
    guard cursor.accept(.leftBracket) else { return [try actionReference()] }
    var references = [try actionReference()]
    while cursor.accept(.comma) { references.append(try actionReference()) }
    try cursor.expect(.rightBracket)
    return references
  }

  /// Parses `name`, `"name"` or `Path::"name"`.
  private mutating func actionReference() throws(CedarError) -> ActionReferenceSyntax {
    let start = cursor.current.start
    if cursor.current.kind == .string {
      return ActionReferenceSyntax(type: nil, id: try cursor.string(), place: .offset(start))
    }
    var parts = [try cursor.identifier()]
    while cursor.accept(.doubleColon) {
      if cursor.current.kind == .string {
        let type = EntityTypeName(identifiers: parts)
        return ActionReferenceSyntax(type: type, id: try cursor.string(), place: .offset(start))
      }
      parts.append(try cursor.identifier())
    }
    guard parts.count == 1 else { throw cursor.unexpected("expected the name of an action") }
    return ActionReferenceSyntax(type: nil, id: parts[0], place: .offset(start))
  }

  private mutating func appliesTo() throws(CedarError) -> AppliesToSyntax {
    let start = cursor.current.start
    var result = AppliesToSyntax()
    try cursor.expect(.leftBrace)
    repeat {
      if result.principals == nil, cursor.accept(word: "principal") {
        try cursor.expect(.colon)
        result.principals = try typeNames(allowsEmpty: false)
      } else if result.resources == nil, cursor.accept(word: "resource") {
        try cursor.expect(.colon)
        result.resources = try typeNames(allowsEmpty: false)
      } else if result.context == nil, cursor.accept(word: "context") {
        try cursor.expect(.colon)
        result.context = try type()
      } else {
        throw cursor.unexpected("expected `principal`, `resource` or `context`, each once")
      }
    } while try continuesList(until: .rightBrace)
    guard result.principals != nil, result.resources != nil else {
      throw cursor.failure("`appliesTo` needs both `principal` and `resource`", at: start)
    }
    return result
  }
}

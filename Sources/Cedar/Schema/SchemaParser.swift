/// Parses the human schema form into declarations.
struct SchemaParser {
  /// The deepest nesting of types.
  static let nestingLimit = 64

  var cursor: TokenCursor
  var nesting = 0

  /// Parses every namespace of a text; declarations outside any come first.
  static func namespaces(in source: [UInt8]) throws(CedarError) -> [NamespaceSyntax] {
    var parser = SchemaParser(cursor: try TokenCursor(source))
    var outside = NamespaceSyntax(name: "")
    var namespaces: [NamespaceSyntax] = []
    var names: Set<CedarString> = []
    while parser.cursor.current.kind != .end {
      try parser.annotations()
      guard parser.cursor.accept(word: "namespace") else {
        try parser.declaration(into: &outside)
        continue
      }
      let start = parser.cursor.current.start
      let name = try parser.cursor.path().path
      guard names.insert(name).inserted else {
        throw parser.cursor.failure("the namespace `\(name)` is given twice", at: start)
      }
      namespaces.append(try parser.namespaceBody(name))
    }
    return [outside] + namespaces
  }

  private mutating func namespaceBody(
    _ name: CedarString
  ) throws(CedarError) -> NamespaceSyntax {
    var namespace = NamespaceSyntax(name: name)
    try cursor.expect(.leftBrace)
    while !cursor.accept(.rightBrace) {
      try annotations()
      try declaration(into: &namespace)
    }
    return namespace
  }

  /// Reads annotations, which have no meaning for evaluation.
  mutating func annotations() throws(CedarError) {
    var keys: Set<CedarString> = []
    while cursor.current.kind == .at {
      let start = cursor.advance().start
      let key = try cursor.anyIdentifier()
      guard keys.insert(key).inserted else {
        throw cursor.failure("the annotation `\(key)` is given twice", at: start)
      }
      guard cursor.accept(.leftParenthesis) else { continue }
      _ = try cursor.string()
      try cursor.expect(.rightParenthesis)
    }
  }

  private mutating func declaration(into namespace: inout NamespaceSyntax) throws(CedarError) {
    if cursor.accept(word: "entity") {
      namespace.entities += try entityTypes()
    } else if cursor.accept(word: "action") {
      namespace.actions += try actions()
    } else if cursor.accept(word: "type") {
      namespace.commonTypes.append(try commonType())
    } else {
      throw cursor.unexpected("expected `entity`, `action` or `type`")
    }
    try cursor.expect(.semicolon)
  }

  private mutating func commonType() throws(CedarError) -> CommonTypeSyntax {
    let start = cursor.current.start
    let name = try cursor.identifier()
    try cursor.expect(.assign)
    return CommonTypeSyntax(name: name, type: try type(), place: .offset(start))
  }

  private mutating func entityTypes() throws(CedarError) -> [EntityTypeSyntax] {
    var names: [(name: CedarString, offset: Int)] = []
    repeat {
      let start = cursor.current.start
      names.append((try cursor.identifier(), start))
    } while cursor.accept(.comma)
    if cursor.accept(word: "enum") {
      let ids = try enumeration()
      return names.map {
        EntityTypeSyntax(name: $0.name, enumeration: ids, place: .offset($0.offset))
      }
    }
    let parents = cursor.accept(word: "in") ? try typeNames(allowsEmpty: true) : []
    let hasRecord = cursor.accept(.assign) || cursor.current.kind == .leftBrace
    let attributes = hasRecord ? try attributes() : []
    let tags = cursor.accept(word: "tags") ? try type() : nil
    return names.map {
      EntityTypeSyntax(
        name: $0.name, parents: parents, shape: .record(attributes), tags: tags,
        place: .offset($0.offset))
    }
  }

  private mutating func enumeration() throws(CedarError) -> [CedarString] {
    try cursor.expect(.leftBracket)
    var ids = [try cursor.string()]
    while cursor.accept(.comma) { ids.append(try cursor.string()) }
    try cursor.expect(.rightBracket)
    return ids
  }

  /// Parses one type name or a list of them in brackets.
  mutating func typeNames(allowsEmpty: Bool) throws(CedarError) -> [TypeReference] {
    guard cursor.accept(.leftBracket) else { return [try typeReference()] }
    if allowsEmpty, cursor.accept(.rightBracket) { return [] }
    var names = [try typeReference()]
    while cursor.accept(.comma) { names.append(try typeReference()) }
    try cursor.expect(.rightBracket)
    return names
  }

  private mutating func typeReference() throws(CedarError) -> TypeReference {
    let start = cursor.current.start
    return TypeReference(path: try cursor.path(), place: .offset(start))
  }

  /// Moves over a comma, or the closing token with an optional comma before it; false when the list
  /// has ended.
  mutating func continuesList(until end: Token.Kind) throws(CedarError) -> Bool {
    let hasComma = cursor.accept(.comma)
    if cursor.accept(end) { return false }
    guard hasComma else { throw cursor.unexpected("expected `,` or `\(end.rawValue)`") }
    return true
  }
}

// MARK: - Types

extension SchemaParser {
  mutating func type() throws(CedarError) -> TypeSyntax {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= SchemaParser.nestingLimit else {
      throw CedarError(
        .limitExceeded, "a type is nested more than \(SchemaParser.nestingLimit) levels deep",
        at: cursor.position(of: cursor.current.start))
    }
    if cursor.current.kind == .leftBrace { return .record(try attributes()) }
    if cursor.isWord("Set"), cursor.following.kind == .less {
      cursor.advance()
      cursor.advance()
      let element = try type()
      try cursor.expect(.greater)
      return .set(element)
    }
    let start = cursor.current.start
    return .named(TypeReference(path: try typePath(), place: .offset(start)))
  }

  /// Parses a path that may start with `__cedar`.
  private mutating func typePath() throws(CedarError) -> EntityTypeName {
    guard cursor.accept(word: "__cedar") else { return try cursor.path() }
    try cursor.expect(.doubleColon)
    return EntityTypeName(identifiers: ["__cedar", try cursor.identifier()])
  }

  mutating func attributes() throws(CedarError) -> [AttributeSyntax] {
    try cursor.expect(.leftBrace)
    if cursor.accept(.rightBrace) { return [] }
    var attributes: [AttributeSyntax] = []
    var names: Set<CedarString> = []
    repeat {
      try annotations()
      let start = cursor.current.start
      let name =
        cursor.current.kind == .string ? try cursor.string() : try cursor.identifier()
      guard names.insert(name).inserted else {
        throw cursor.failure("the attribute `\(name)` is declared twice", at: start)
      }
      let isRequired = !cursor.accept(.question)
      try cursor.expect(.colon)
      attributes.append(AttributeSyntax(name: name, isRequired: isRequired, type: try type()))
    } while try continuesList(until: .rightBrace)
    return attributes
  }
}

/// Names an entity type by its normalised path, such as `Photos::Album`.
public struct EntityTypeName: Hashable, Sendable {
  /// The path with `::` between its identifiers and no spaces.
  public let path: CedarString

  /// Creates a name from its normalised path.
  ///
  /// - Throws: ``CedarError`` – `.invalidName` when a part is not an identifier or is a reserved
  ///   word.
  public init(_ path: some StringProtocol) throws(CedarError) {
    try self.init(path: CedarString(path))
  }

  /// Creates a name from its normalised path.
  ///
  /// - Throws: ``CedarError`` – `.invalidName` when a part is not an identifier or is a reserved
  ///   word.
  public init(path: CedarString) throws(CedarError) {
    guard EntityTypeName.isValid(path.bytes) else {
      throw CedarError(.invalidName, "an entity type name must be identifiers joined by `::`")
    }
    self.path = path
  }

  /// Creates a name from identifiers that the parser has checked.
  init(identifiers: [CedarString]) {
    self.path = CedarString(trusting: Array(identifiers.map(\.bytes).joined(separator: [58, 58])))
  }

  /// Creates a name from a path that the schema has built from checked identifiers.
  init(declared path: CedarString) { self.path = path }

  /// Tells whether the last identifier is `Action`, which only action entities have.
  var isAction: Bool {
    let bytes = path.bytes
    return self == EntityTypeName.action
      || bytes.suffix(EntityTypeName.actionSuffix.count) == EntityTypeName.actionSuffix[...]
  }

  /// The identifiers before the last one, joined; empty for a name without a namespace.
  var namespace: CedarString {
    let bytes = path.bytes
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return "" }
    return CedarString(trusting: Array(bytes[..<(colon - 1)]))
  }

  /// The identifier after the namespace.
  var lastIdentifier: CedarString {
    guard let colon = path.bytes.lastIndex(of: UInt8(ascii: ":")) else { return path }
    return CedarString(trusting: Array(path.bytes[(colon + 1)...]))
  }

  private static let action: EntityTypeName = "Action"
  private static let actionSuffix = Array("::Action".utf8)

  private static func isValid(_ bytes: [UInt8]) -> Bool {
    var start = 0
    while true {
      var end = start
      while end < bytes.count, Identifier.isPart(bytes[end]) { end += 1 }
      let part = CedarString(trusting: Array(bytes[start..<end]))
      guard end > start, Identifier.isStart(bytes[start]), !Identifier.isReserved(part) else {
        return false
      }
      if end == bytes.count { return true }
      guard end + 1 < bytes.count, bytes[end] == 58, bytes[end + 1] == 58 else { return false }
      start = end + 2
    }
  }
}

extension EntityTypeName: ExpressibleByStringLiteral {
  /// Creates a name from a literal; a literal that is not a valid path is a programmer error.
  public init(stringLiteral value: String) {
    let path = CedarString(value)
    precondition(EntityTypeName.isValid(path.bytes), "an entity type literal must be a valid path")
    self.path = path
  }
}

extension EntityTypeName: CustomStringConvertible {
  /// The path as a Swift string.
  public var description: String { path.text }
}

extension EntityTypeName: Comparable {
  /// Orders by the bytes of the path.
  public static func < (left: EntityTypeName, right: EntityTypeName) -> Bool {
    left.path < right.path
  }
}

/// Identifies an entity by its type and id.
public struct EntityUID: Sendable {
  /// The entity type.
  public let type: EntityTypeName
  /// The id, unique within the type.
  public let id: CedarString

  /// Creates a uid.
  public init(type: EntityTypeName, id: CedarString) {
    self.type = type
    self.id = id
  }

  /// Creates a uid from Swift text.
  public init(type: EntityTypeName, id: String) {
    self.init(type: type, id: CedarString(id))
  }
}

extension EntityUID: Hashable {
  /// Compares id and type; the id first, because it differs more often.
  public static func == (left: EntityUID, right: EntityUID) -> Bool {
    left.id == right.id && left.type == right.type
  }
}

extension EntityUID: Comparable {
  /// Orders by type, then id.
  public static func < (left: EntityUID, right: EntityUID) -> Bool {
    left.type == right.type ? left.id < right.id : left.type < right.type
  }
}

/// Knows which bytes make an identifier and which identifiers are reserved.
enum Identifier {
  static func isStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

  static func isPart(_ byte: UInt8) -> Bool { isStart(byte) || isDigit(byte) }

  /// Tells whether a text can stand where the grammar wants an identifier that is not reserved.
  static func isUsable(_ text: CedarString) -> Bool {
    isWhole(text.bytes) && !isReserved(text)
  }

  /// Tells whether the bytes are one identifier, reserved or not.
  static func isWhole(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return false }
    return isStart(first) && bytes.allSatisfy { isPart($0) }
  }

  static func isReserved(_ text: CedarString) -> Bool { reserved.contains(text) }

  private static let reserved: Set<CedarString> = [
    "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar",
  ]
}

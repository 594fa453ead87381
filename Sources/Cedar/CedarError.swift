/// Describes why text, data or an evaluation was refused.
///
/// Two errors are equal when their codes are equal. Messages name operators, policy words,
/// attribute names of the policy text and type names; they never contain entity ids, attribute
/// values or keys of the data.
public struct CedarError: Error, Sendable {
  /// Names the kind of failure.
  public enum Code: String, Sendable, CaseIterable {
    /// The policy or schema text is not well formed.
    case syntax
    /// A limit of this library (nesting, size) was exceeded.
    case limitExceeded
    /// The bytes are not valid UTF-8.
    case invalidText
    /// An entity type name is not a normalised path of identifiers.
    case invalidName
    /// An operand has the wrong type.
    case type
    /// Integer, decimal, datetime or duration arithmetic left its range.
    case overflow
    /// The entity whose attribute or tag was asked for is not in the store.
    case missingEntity
    /// The record or entity has no such attribute.
    case missingAttribute
    /// The entity has no such tag.
    case missingTag
    /// An extension function was called with the wrong number of arguments.
    case arity
    /// The text given to an extension constructor cannot be read.
    case extensionFormat
    /// The JSON text is malformed or uses a value Cedar does not have.
    case invalidJSON
    /// An entity is malformed or does not conform to the schema.
    case invalidEntity
    /// Two different entities have the same uid.
    case duplicateEntity
    /// The parents of an entity lead back to it.
    case cyclicHierarchy
    /// Two policies of one set have the same id.
    case duplicatePolicy
    /// No policy or template of the set has the id.
    case unknownPolicy
    /// The values of a link are not those of the template's slots.
    case invalidLink
    /// The policy JSON is well formed but is no policy.
    case invalidPolicy
    /// The schema is well formed but contradicts itself or names unknown things.
    case invalidSchema
    /// The request does not conform to the schema.
    case invalidRequest
  }

  /// The kind of failure.
  public let code: Code

  /// A sentence fragment for people, lower case and without a final stop.
  public let message: String

  /// The place in the policy, schema or JSON text, when the failure belongs to one.
  public let position: SourcePosition?

  /// Creates an error.
  public init(_ code: Code, _ message: String, at position: SourcePosition? = nil) {
    self.code = code
    self.message = message
    self.position = position
  }
}

extension CedarError: Equatable {
  /// Compares the codes only.
  public static func == (left: CedarError, right: CedarError) -> Bool { left.code == right.code }
}

extension CedarError: CustomStringConvertible {
  /// The message, preceded by line and column when the position is known.
  public var description: String {
    guard let position else { return message }
    return "\(position.line):\(position.column): \(message)"
  }
}

/// Locates a byte of a policy, schema or JSON text.
public struct SourcePosition: Hashable, Sendable {
  /// The distance in bytes from the start of the text.
  public let offset: Int
  /// The line, counted from 1.
  public let line: Int
  /// The column in bytes, counted from 1.
  public let column: Int

  /// Creates a position whose line and column are known.
  init(offset: Int, line: Int, column: Int) {
    self.offset = offset
    self.line = line
    self.column = column
  }

  /// Finds line and column of a byte offset.
  ///
  /// - Complexity: O(n) in the offset; only error paths call it.
  init(offset: Int, in source: [UInt8]) {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, source.count) where source[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    self.offset = offset
    self.line = line
    self.column = offset - lineStart + 1
  }
}

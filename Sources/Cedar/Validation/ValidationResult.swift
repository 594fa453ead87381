/// Says whether policies fit a schema, and everything that is wrong or odd about them.
public struct ValidationResult: Sendable {
  /// What makes the policies invalid, in the order of the policies and of their text.
  public let errors: [ValidationError]

  /// What is allowed but hardly meant, in the order of the policies.
  public let warnings: [ValidationWarning]

  /// Tells whether there is no error; warnings do not count.
  public var isValid: Bool { errors.isEmpty }

  /// The errors of one policy.
  public func errors(ofPolicy id: CedarString) -> [ValidationError] {
    errors.filter { $0.policyID == id }
  }
}

/// Describes why a policy does not fit the schema.
///
/// Two errors are equal when all their parts are. Messages name what the policy text and the
/// schema contain.
public struct ValidationError: Error, Hashable, Sendable {
  /// Names the kind of error.
  public enum Code: String, Sendable, CaseIterable {
    /// The policy names an entity type that is not declared.
    case unknownEntityType
    /// The policy names an action that is not declared.
    case unknownAction
    /// The policy names an entity whose id its enumerated type does not list.
    case unknownEntity
    /// No action with its principal and resource types passes the scope.
    case inapplicableScope
    /// An expression has a type its place does not allow.
    case unexpectedType
    /// Two expressions that must have types with something in common have not.
    case incompatibleTypes
    /// The type has no such attribute.
    case unknownAttribute
    /// The attribute is optional and nothing has checked that it is there.
    case unsafeAttribute
    /// The tag need not be there and nothing has checked that it is.
    case unsafeTag
    /// The entity type has no tags.
    case noTags
    /// A set without elements has no type.
    case emptySet
    /// An extension function is called with the wrong number of arguments.
    case arity
    /// The text given to an extension constructor cannot be read.
    case extensionFormat
    /// An extension constructor is called with something that is not a literal.
    case computedArgument
    /// Entities are dereferenced more often than the level allows.
    case levelExceeded
    /// An entity literal is dereferenced, which no level allows.
    case literalDereferenced
    /// A limit of this library was exceeded before the policy was checked to its end.
    case limitExceeded
  }

  /// The id of the policy.
  public let policyID: CedarString
  /// The kind of error.
  public let code: Code
  /// A sentence fragment for people, lower case and without a final stop.
  public let message: String
  /// What would help, when that can be said.
  public let hint: String?
  /// The place in the policy text; nil for a policy that was not read from text.
  public let position: SourcePosition?
}

extension ValidationError: CustomStringConvertible {
  /// Place, policy, message and hint in one line.
  public var description: String {
    let place = position.map { "\($0.line):\($0.column): " } ?? ""
    return "\(place)policy `\(policyID)`: \(message)" + (hint.map { "; \($0)" } ?? "")
  }
}

/// Describes what is odd about a policy that may still be valid.
public struct ValidationWarning: Hashable, Sendable {
  /// Names the kind of warning.
  public enum Code: String, Sendable, CaseIterable {
    /// The policy cannot be satisfied by any request that fits the schema.
    case impossiblePolicy
  }

  /// The id of the policy.
  public let policyID: CedarString
  /// The kind of warning.
  public let code: Code
  /// A sentence fragment for people, lower case and without a final stop.
  public let message: String
  /// The place in the policy text; nil for a policy that was not read from text.
  public let position: SourcePosition?
}

extension ValidationWarning: CustomStringConvertible {
  /// Place, policy and message in one line.
  public var description: String {
    let place = position.map { "\($0.line):\($0.column): " } ?? ""
    return "\(place)policy `\(policyID)`: \(message)"
  }
}

/// An error before it is known to which text its offset belongs.
struct ValidationProblem: Hashable {
  let code: ValidationError.Code
  let offset: Int
  let message: String
  let hint: String?
}

/// Holds one parsed policy: its effect, annotations, scope and conditions.
public struct Policy: Sendable {
  /// Says what a satisfied policy does.
  public enum Effect: String, Sendable {
    /// Allows the request unless a forbid is satisfied too.
    case permit
    /// Denies the request, whatever else is satisfied.
    case forbid
  }

  /// The id: `policy0`, `policy1`, … by place in the text, templates included.
  public let id: CedarString
  /// What the policy does when it is satisfied.
  public let effect: Effect
  /// The annotations in the order of the text.
  public let annotations: [PolicyAnnotation]
  /// The place of the first byte of the policy in its text.
  public let position: SourcePosition

  let principal: ScopeConstraint
  let action: ActionConstraint
  let resource: ScopeConstraint
  let conditions: [PolicyCondition]
  /// The lines of the text the policy was read from; expressions know their offsets in it.
  var lines = SourceLines()

  /// Tells whether the policy has slots; a template is kept but not evaluated until it is linked.
  public var isTemplate: Bool { principal.hasSlot || resource.hasSlot }

  /// Reads an annotation.
  ///
  /// - Returns: The value, empty for an annotation written without one; nil when there is no such
  ///   annotation.
  public func annotation(_ key: CedarString) -> CedarString? {
    annotations.first { $0.key == key }.map { $0.value ?? "" }
  }
}

/// Holds one `@key("value")` of a policy.
public struct PolicyAnnotation: Hashable, Sendable {
  /// The key.
  public let key: CedarString
  /// The value; nil when the annotation was written without one.
  public let value: CedarString?
}

/// Limits the principal or the resource of a policy.
enum ScopeConstraint: Sendable {
  case any
  case equal(EntityReference)
  case memberOf(EntityReference)
  case isType(EntityTypeName)
  case isTypeIn(EntityTypeName, EntityReference)

  var hasSlot: Bool {
    switch self {
    case .equal(.slot), .memberOf(.slot), .isTypeIn(_, .slot): true
    default: false
    }
  }
}

/// Names an entity in a scope, or leaves it open in a template.
enum EntityReference: Sendable {
  case uid(EntityUID)
  case slot
}

/// Limits the action of a policy; the JSON form tells one entity from a list of one.
enum ActionConstraint: Sendable {
  case any
  case equal(EntityUID)
  case memberOf(EntityUID)
  case memberOfAny([EntityUID])
}

/// Holds one `when` or `unless` clause.
struct PolicyCondition: Sendable {
  enum Kind: String, Sendable {
    case when, unless
  }

  let kind: Kind
  let body: Expression
}

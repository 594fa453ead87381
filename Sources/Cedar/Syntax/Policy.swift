/// Holds one parsed policy: its effect, annotations, scope and conditions.
public struct Policy: Sendable {
  /// Says what a satisfied policy does.
  public enum Effect: String, Sendable {
    /// Allows the request unless a forbid is satisfied too.
    case permit
    /// Denies the request, whatever else is satisfied.
    case forbid
  }

  /// The id; a set has each id once.
  ///
  /// Policies of a text are `policy0`, `policy1`, … by place, templates included.
  public let id: CedarString
  /// What the policy does when it is satisfied.
  public let effect: Effect
  /// The annotations in the order of the text.
  public let annotations: [PolicyAnnotation]
  /// The place of the first byte of the policy in its text; the start for a policy read from JSON.
  public let position: SourcePosition
  /// The template and the values it was made from; nil for a policy that was written out.
  public let link: TemplateLink?

  let principal: ScopeConstraint
  let action: ActionConstraint
  let resource: ScopeConstraint
  let conditions: [PolicyCondition]
  /// The lines of the text the policy was read from; expressions know their offsets in it.
  let lines: SourceLines

  init(
    id: CedarString, effect: Effect, annotations: [PolicyAnnotation], position: SourcePosition,
    principal: ScopeConstraint, action: ActionConstraint, resource: ScopeConstraint,
    conditions: [PolicyCondition], lines: SourceLines = SourceLines(), link: TemplateLink? = nil
  ) {
    self.id = id
    self.effect = effect
    self.annotations = annotations
    self.position = position
    self.principal = principal
    self.action = action
    self.resource = resource
    self.conditions = conditions
    self.lines = lines
    self.link = link
  }

  /// Parses text that is one policy or template.
  ///
  /// - Parameters:
  ///   - text: The policy text; comments may stand around the policy.
  ///   - id: The id of the policy.
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.limitExceeded`.
  public init(parsing text: String, id: CedarString) throws(CedarError) {
    self = try PolicyParser.policy(in: Array(text.utf8), id: id)
  }

  /// Tells whether the policy has slots; a template is kept but not evaluated until it is linked.
  public var isTemplate: Bool { principal.hasSlot || resource.hasSlot }

  /// Reads an annotation.
  ///
  /// - Returns: The value, empty for an annotation written without one; nil when there is no such
  ///   annotation.
  public func annotation(_ key: CedarString) -> CedarString? {
    annotations.first { $0.key == key }.map { $0.value ?? "" }
  }

  /// Makes the same policy under another id.
  public func renamed(_ id: CedarString) -> Policy {
    Policy(
      id: id, effect: effect, annotations: annotations, position: position, principal: principal,
      action: action, resource: resource, conditions: conditions, lines: lines, link: link)
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
enum ScopeConstraint: Hashable, Sendable {
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

  /// Puts an entity where the slot is.
  func filled(with uid: EntityUID) -> ScopeConstraint {
    switch self {
    case .equal(.slot): .equal(.uid(uid))
    case .memberOf(.slot): .memberOf(.uid(uid))
    case .isTypeIn(let type, .slot): .isTypeIn(type, .uid(uid))
    default: self
    }
  }
}

/// Names an entity in a scope, or leaves it open in a template.
enum EntityReference: Hashable, Sendable {
  case uid(EntityUID)
  case slot
}

/// Limits the action of a policy.
///
/// The text `in [a]` is kept as `in a`, as the JSON form of Cedar has it; a list of one comes from
/// JSON only.
enum ActionConstraint: Hashable, Sendable {
  case any
  case equal(EntityUID)
  case memberOf(EntityUID)
  case memberOfAny([EntityUID])
}

/// Holds one `when` or `unless` clause.
struct PolicyCondition: Hashable, Sendable {
  enum Kind: String, Sendable {
    case when, unless
  }

  let kind: Kind
  let body: Expression
}

extension Policy: Equatable {
  /// Compares everything but the position and the order of the annotations.
  public static func == (left: Policy, right: Policy) -> Bool {
    left.id == right.id && left.link == right.link && left.hasSameContent(as: right)
  }

  /// Compares what the policies say, whatever they are called.
  public func hasSameContent(as other: Policy) -> Bool {
    effect == other.effect && principal == other.principal && action == other.action
      && resource == other.resource && conditions == other.conditions
      && Set(annotations) == Set(other.annotations)
  }
}

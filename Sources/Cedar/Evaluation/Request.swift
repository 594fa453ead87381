/// Asks whether a principal may do an action on a resource in a context.
public struct Request: Hashable, Sendable {
  /// Who acts.
  public let principal: EntityUID
  /// What is done.
  public let action: EntityUID
  /// What it is done to.
  public let resource: EntityUID
  /// The circumstances.
  public let context: CedarRecord

  /// Creates a request; ``Schema/validate(_:)-(Request)`` checks it against a schema.
  public init(
    principal: EntityUID, action: EntityUID, resource: EntityUID, context: CedarRecord = [:]
  ) {
    self.principal = principal
    self.action = action
    self.resource = resource
    self.context = context
  }
}

/// Holds an entity: its attributes, tags and direct parents.
public struct Entity: Hashable, Sendable {
  /// The uid.
  public let uid: EntityUID
  /// The attributes.
  public var attributes: CedarRecord
  /// The tags, a namespace of its own beside the attributes.
  public var tags: CedarRecord
  /// The direct parents; they need not be in the store.
  public var parents: Set<EntityUID>

  /// Creates an entity.
  public init(
    _ uid: EntityUID, attributes: CedarRecord = [:], parents: Set<EntityUID> = [],
    tags: CedarRecord = [:]
  ) {
    self.uid = uid
    self.attributes = attributes
    self.parents = parents
    self.tags = tags
  }
}

/// Says that an attribute or a tag is known to be there, because a `has` or `hasTag` before it was
/// true.
enum Capability: Hashable {
  /// The expression with this key has the attribute.
  case attribute(of: Int, CedarString)
  /// The entity with the first key has the tag with the second.
  case tag(of: Int, Int)
}

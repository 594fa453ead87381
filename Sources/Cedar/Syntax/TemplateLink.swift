/// Names the places a template may leave open; the raw value is how the language writes them.
public enum Slot: String, Hashable, Sendable, CaseIterable {
  /// The entity in the principal's part of the scope.
  case principal = "?principal"
  /// The entity in the resource's part of the scope.
  case resource = "?resource"
}

/// Says which template a linked policy was made from, and with which entities.
public struct TemplateLink: Hashable, Sendable {
  /// The id of the template.
  public let templateID: CedarString
  /// The entity for each slot of the template.
  public let values: [Slot: EntityUID]
}

extension Policy {
  /// The slots of the scope; empty for a policy that is no template.
  public var slots: Set<Slot> {
    var slots: Set<Slot> = []
    if principal.hasSlot { slots.insert(.principal) }
    if resource.hasSlot { slots.insert(.resource) }
    return slots
  }

  /// Makes a policy from this template by filling its slots.
  ///
  /// - Parameters:
  ///   - id: The id of the new policy.
  ///   - values: An entity for every slot of the template, and no other.
  /// - Returns: The policy, which knows the template and the values.
  /// - Throws: ``CedarError`` – `.invalidLink` when this is no template, a slot is left open or a
  ///   value is for a slot the template does not have.
  public func linked(
    as id: CedarString, values: [Slot: EntityUID]
  ) throws(CedarError) -> Policy {
    let slots = slots
    guard !slots.isEmpty else {
      throw CedarError(.invalidLink, "the policy has no slots, so it cannot be linked")
    }
    for slot in Slot.allCases where slots.contains(slot) != (values[slot] != nil) {
      throw CedarError(
        .invalidLink,
        slots.contains(slot)
          ? "the link gives no entity for the slot `\(slot.rawValue)`; every slot needs one"
          : "the template has no slot `\(slot.rawValue)`; leave the entity out")
    }
    return Policy(
      id: id, effect: effect, annotations: annotations, position: position,
      principal: values[.principal].map(principal.filled) ?? principal, action: action,
      resource: values[.resource].map(resource.filled) ?? resource, conditions: conditions,
      lines: lines, link: TemplateLink(templateID: self.id, values: values))
  }
}

extension PolicySet {
  /// Says what a merge does with an id that both sets use.
  public enum DuplicatePolicy: Sendable {
    /// Refuses the merge.
    case refuse
    /// Gives the policy of the other set a new id of the form `policy7`.
    case rename
  }

  /// Adds everything of another set, templates and links included, or nothing.
  ///
  /// - Parameters:
  ///   - other: The other set.
  ///   - duplicates: What to do with an id that both sets use; refusing is the default.
  /// - Returns: The new ids of renamed policies by their old ids.
  /// - Throws: ``CedarError`` – `.duplicatePolicy`.
  @discardableResult
  public mutating func merge(
    _ other: PolicySet, duplicates: DuplicatePolicy = .refuse
  ) throws(CedarError) -> [CedarString: CedarString] {
    let incoming = other.templates + other.policies
    var renamed: [CedarString: CedarString] = [:]
    var number = 0
    for policy in incoming where self.policy(id: policy.id) != nil {
      guard duplicates == .rename else {
        throw CedarError(
          .duplicatePolicy, "the id `\(policy.id)` is taken in both sets; rename one of them")
      }
      var candidate: CedarString
      repeat {
        candidate = CedarString("policy\(number)")
        number += 1
      } while self.policy(id: candidate) != nil || other.policy(id: candidate) != nil
      renamed[policy.id] = candidate
    }
    for policy in incoming { insert(PolicySet.renaming(policy, by: renamed)) }
    return renamed
  }

  private static func renaming(
    _ policy: Policy, by ids: [CedarString: CedarString]
  ) -> Policy {
    let link = policy.link.map { link in
      TemplateLink(templateID: ids[link.templateID] ?? link.templateID, values: link.values)
    }
    return Policy(
      id: ids[policy.id] ?? policy.id, effect: policy.effect, annotations: policy.annotations,
      position: policy.position, principal: policy.principal, action: policy.action,
      resource: policy.resource, conditions: policy.conditions, lines: policy.lines, link: link)
  }
}

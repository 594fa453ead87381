/// Holds policies, templates and links, each under an id of its own.
///
/// A value: changing a copy leaves the original as it is. Compile it with ``CompiledPolicySet`` to
/// evaluate it many times.
public struct PolicySet: Sendable {
  /// The policies without slots, in the order they were added; those linked from templates too.
  public private(set) var policies: [Policy] = []
  /// The policies with slots, in the order they were added; they are not evaluated.
  public private(set) var templates: [Policy] = []

  private var places: [CedarString: Place] = [:]

  private enum Place {
    case policy(Int)
    case template(Int)
  }

  /// The deepest nesting of a condition, in levels of the expression tree.
  ///
  /// The Cedar language sets no figure; this one keeps the evaluator inside a small thread stack.
  public static let nestingLimit = 256

  /// The longest policy text that is read, in bytes.
  public static let byteCountLimit = 4 << 20

  /// Creates an empty set.
  public init() {}

  /// Parses policy text.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.limitExceeded` beyond
  ///   ``nestingLimit`` or ``byteCountLimit``, `.invalidText`.
  public init(parsing text: String) throws(CedarError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Parses policy text given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.limitExceeded` beyond
  ///   ``nestingLimit`` or ``byteCountLimit``, `.invalidText`.
  public init(parsing bytes: [UInt8]) throws(CedarError) {
    for policy in try PolicyParser.policies(in: bytes) { insert(policy) }
  }

  /// The number of policies and templates.
  public var count: Int { places.count }

  /// Tells whether there is neither a policy nor a template.
  public var isEmpty: Bool { places.isEmpty }

  /// Finds a policy or template by its id.
  public func policy(id: CedarString) -> Policy? {
    switch places[id] {
    case .policy(let index): policies[index]
    case .template(let index): templates[index]
    case nil: nil
    }
  }

  /// The policies linked from a template, in the order they were linked.
  public func links(of templateID: CedarString) -> [Policy] {
    policies.filter { $0.link?.templateID == templateID }
  }

  /// Adds a policy or a template.
  ///
  /// - Throws: ``CedarError`` – `.duplicatePolicy` when the id is taken, `.invalidLink` for a
  ///   policy linked from a template that this set does not have.
  public mutating func add(_ policy: Policy) throws(CedarError) {
    try requireFree(policy.id)
    if let link = policy.link {
      let expected = try template(link.templateID).linked(as: policy.id, values: link.values)
      guard expected == policy else {
        throw CedarError(.invalidLink, "the policy differs from what its template gives")
      }
    }
    insert(policy)
  }

  /// Makes a policy from a template of the set and adds it.
  ///
  /// - Parameters:
  ///   - templateID: The id of the template, which stays in the set.
  ///   - id: The id of the new policy.
  ///   - values: An entity for every slot of the template, and no other.
  /// - Throws: ``CedarError`` – `.unknownPolicy` when there is no such template,
  ///   `.duplicatePolicy` when the id is taken, `.invalidLink` when the values are not those of the
  ///   slots.
  public mutating func link(
    _ templateID: CedarString, as id: CedarString, values: [Slot: EntityUID]
  ) throws(CedarError) {
    let policy = try template(templateID).linked(as: id, values: values)
    try requireFree(id)
    insert(policy)
  }

  /// Removes a policy that was linked from a template.
  ///
  /// - Returns: The removed policy.
  /// - Throws: ``CedarError`` – `.unknownPolicy` when no linked policy has the id.
  @discardableResult
  public mutating func unlink(_ id: CedarString) throws(CedarError) -> Policy {
    guard let policy = policy(id: id), policy.link != nil else {
      throw CedarError(.unknownPolicy, "no policy `\(id)` was linked from a template")
    }
    return try remove(id)
  }

  /// Removes a policy or a template.
  ///
  /// - Returns: The removed policy.
  /// - Throws: ``CedarError`` – `.unknownPolicy` when there is none, `.invalidLink` for a template
  ///   that still has links.
  /// - Complexity: O(size of the set).
  @discardableResult
  public mutating func remove(_ id: CedarString) throws(CedarError) -> Policy {
    switch places[id] {
    case nil: throw CedarError(.unknownPolicy, "there is no policy `\(id)`")
    case .policy(let index):
      let removed = policies.remove(at: index)
      renumber()
      return removed
    case .template(let index):
      guard !policies.contains(where: { $0.link?.templateID == id }) else {
        throw CedarError(.invalidLink, "the template `\(id)` still has links; unlink them first")
      }
      let removed = templates.remove(at: index)
      renumber()
      return removed
    }
  }
}

// MARK: - Parts

extension PolicySet {
  func template(_ id: CedarString) throws(CedarError) -> Policy {
    guard case .template(let index) = places[id] else {
      throw CedarError(.unknownPolicy, "there is no template `\(id)`")
    }
    return templates[index]
  }

  func requireFree(_ id: CedarString) throws(CedarError) {
    guard places[id] == nil else {
      throw CedarError(.duplicatePolicy, "the id `\(id)` is taken by another policy of the set")
    }
  }

  /// Adds a policy whose id the caller knows to be free.
  mutating func insert(_ policy: Policy) {
    if policy.isTemplate {
      places[policy.id] = .template(templates.count)
      templates.append(policy)
    } else {
      places[policy.id] = .policy(policies.count)
      policies.append(policy)
    }
  }

  private mutating func renumber() {
    places = [:]
    for (index, policy) in policies.enumerated() { places[policy.id] = .policy(index) }
    for (index, template) in templates.enumerated() { places[template.id] = .template(index) }
  }
}

extension PolicySet: Equatable {
  /// Compares policies, templates and links by id, whatever their order.
  public static func == (left: PolicySet, right: PolicySet) -> Bool {
    left.count == right.count
      && (left.policies + left.templates).allSatisfy { right.policy(id: $0.id) == $0 }
  }
}

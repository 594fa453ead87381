extension Policy {
  /// The policy in the JSON form of Cedar.
  ///
  /// The id is not part of it. `has a.b` is written as the chain of `&&` it stands for. Equal
  /// policies of the same text give equal bytes.
  public var json: String {
    var json = JSONText()
    json.policy(self)
    return json.text
  }
}

extension PolicySet {
  /// The set in the JSON form of Cedar: `{staticPolicies, templates, templateLinks}`, with ids.
  public var json: String {
    var json = JSONText()
    json.raw(#"{"staticPolicies":"#)
    json.object(policies.filter { $0.link == nil }, key: \.id) { $0.policy($1) }
    json.raw(#","templates":"#)
    json.object(templates, key: \.id) { $0.policy($1) }
    json.raw(#","templateLinks":"#)
    json.array(policies.filter { $0.link != nil }) { $0.link($1) }
    json.raw("}")
    return json.text
  }
}

extension JSONText {
  fileprivate mutating func policy(_ policy: Policy) {
    raw(#"{"effect":"\#(policy.effect.rawValue)","principal":"#)
    scope(policy.principal, slot: .principal)
    raw(#","action":"#)
    scope(policy.action)
    raw(#","resource":"#)
    scope(policy.resource, slot: .resource)
    raw(#","conditions":"#)
    array(policy.conditions) { json, condition in
      json.raw(#"{"kind":"\#(condition.kind.rawValue)","body":"#)
      json.expression(condition.body)
      json.raw("}")
    }
    if !policy.annotations.isEmpty {
      raw(#","annotations":"#)
      object(policy.annotations, key: \.key) { json, annotation in
        if let value = annotation.value { json.string(value) } else { json.raw("null") }
      }
    }
    raw("}")
  }

  fileprivate mutating func link(_ policy: Policy) {
    guard let link = policy.link else { return }
    raw(#"{"templateId":"#)
    string(link.templateID)
    raw(#","newId":"#)
    string(policy.id)
    raw(#","values":"#)
    let values = Slot.allCases.compactMap { slot in link.values[slot].map { (slot, $0) } }
    object(values, key: { CedarString($0.0.rawValue) }) { json, value in
      json.raw(#"{"__entity":"#)
      json.uid(value.1)
      json.raw("}")
    }
    raw("}")
  }

  private mutating func scope(_ constraint: ScopeConstraint, slot: Slot) {
    switch constraint {
    case .any: raw(#"{"op":"All"}"#)
    case .equal(let reference):
      raw(#"{"op":"==","#)
      entity(reference, slot: slot)
      raw("}")
    case .memberOf(let reference):
      raw(#"{"op":"in","#)
      entity(reference, slot: slot)
      raw("}")
    case .isType(let type):
      raw(#"{"op":"is","entity_type":"#)
      string(type.path)
      raw("}")
    case .isTypeIn(let type, let reference):
      raw(#"{"op":"is","entity_type":"#)
      string(type.path)
      raw(#","in":{"#)
      entity(reference, slot: slot)
      raw("}}")
    }
  }

  private mutating func entity(_ reference: EntityReference, slot: Slot) {
    switch reference {
    case .slot: raw(#""slot":"\#(slot.rawValue)""#)
    case .uid(let uid):
      raw(#""entity":"#)
      self.uid(uid)
    }
  }

  private mutating func scope(_ constraint: ActionConstraint) {
    switch constraint {
    case .any: raw(#"{"op":"All"}"#)
    case .equal(let uid):
      raw(#"{"op":"==","entity":"#)
      self.uid(uid)
      raw("}")
    case .memberOf(let uid):
      raw(#"{"op":"in","entity":"#)
      self.uid(uid)
      raw("}")
    case .memberOfAny(let uids):
      raw(#"{"op":"in","entities":"#)
      array(uids) { $0.uid($1) }
      raw("}")
    }
  }
}

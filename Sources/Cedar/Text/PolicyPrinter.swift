/// Writes policies as text that parses back to equal policies.
///
/// One layout, without options: annotations on lines of their own, then the scope, then one line
/// for each condition. Parentheses stand only where the grammar needs them.
struct PolicyPrinter {
  private(set) var bytes: [UInt8] = []

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Writes one policy without a line end.
  mutating func write(_ policy: Policy) {
    for annotation in policy.annotations { write(annotation) }
    write("\(policy.effect.rawValue)(principal")
    write(policy.principal, slot: .principal)
    write(", action")
    write(policy.action)
    write(", resource")
    write(policy.resource, slot: .resource)
    write(")")
    for condition in policy.conditions {
      write("\n\(condition.kind.rawValue) { ")
      write(condition.body, atLeast: .branch)
      write(" }")
    }
    write(";")
  }

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func write(_ text: CedarString) { bytes.append(contentsOf: text.bytes) }

  /// Writes a string literal.
  mutating func write(quoted text: CedarString) {
    write("\"")
    StringLiteral.escape(text.bytes, isPattern: false, into: &bytes)
    write("\"")
  }

  mutating func write(_ uid: EntityUID) {
    write(uid.type.path)
    write("::")
    write(quoted: uid.id)
  }

  private mutating func write(_ annotation: PolicyAnnotation) {
    write("@")
    write(annotation.key)
    if let value = annotation.value {
      write("(")
      write(quoted: value)
      write(")")
    }
    write("\n")
  }

  private mutating func write(_ constraint: ScopeConstraint, slot: Slot) {
    switch constraint {
    case .any: break
    case .equal(let reference):
      write(" == ")
      write(reference, slot: slot)
    case .memberOf(let reference):
      write(" in ")
      write(reference, slot: slot)
    case .isType(let type):
      write(" is ")
      write(type.path)
    case .isTypeIn(let type, let reference):
      write(" is ")
      write(type.path)
      write(" in ")
      write(reference, slot: slot)
    }
  }

  private mutating func write(_ reference: EntityReference, slot: Slot) {
    switch reference {
    case .uid(let uid): write(uid)
    case .slot: write(slot.rawValue)
    }
  }

  private mutating func write(_ constraint: ActionConstraint) {
    switch constraint {
    case .any: break
    case .equal(let uid):
      write(" == ")
      write(uid)
    case .memberOf(let uid):
      write(" in ")
      write(uid)
    case .memberOfAny(let uids):
      write(" in [")
      for (index, uid) in uids.enumerated() {
        if index > 0 { write(", ") }
        write(uid)
      }
      write("]")
    }
  }
}

extension Policy {
  /// The policy as text, which parses back to an equal policy.
  ///
  /// A policy linked from a template is written with its entities in place of the slots.
  public var text: String {
    var printer = PolicyPrinter()
    printer.write(self)
    return printer.text
  }
}

extension PolicySet {
  /// The policies and templates as text, policies first.
  ///
  /// Policy text has neither ids nor links: what is read back is numbered by place, and linked
  /// policies become policies of their own. ``json`` keeps both.
  public var text: String {
    var printer = PolicyPrinter()
    for policy in policies + templates {
      printer.write(policy)
      printer.write("\n")
    }
    return printer.text
  }
}

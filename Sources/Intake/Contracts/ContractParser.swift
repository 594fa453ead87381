import Vault

/// Turns the top node of a contract into a ``Contract``, checking each part against the others.
struct ContractParser {
  private static let required = [
    "lethe_contract", "source", "title", "format", "kind", "party", "subject", "purposes",
    "legal_basis", "retention", "fields",
  ]
  private static let optional = ["record", "collected", "event_name", "region"]
  private static let legalBases = [
    "consent", "contract", "legal_obligation", "vital_interests", "public_task",
    "legitimate_interests",
  ]

  private let top: PolicyNode
  private let keys: [String: PolicyNode]
  private var fields: [FieldContract] = []

  init(_ node: PolicyNode) throws {
    top = node
    // The version first: a newer contract may have keys this program does not know.
    for (key, value) in try node.entries() where key == "lethe_contract" {
      try value.requireVersion(1)
    }
    keys = try node.map(allowed: Self.required + Self.optional, required: Self.required)
  }

  mutating func contract(
    retention: RetentionClasses, purposes: PurposeCatalogue, digest: [UInt8]
  ) throws -> Contract {
    let kind = try key("kind").choice(from: [("profile", SourceKind.profile), ("event", .event)])
    let party = try key("party").choice(from: [("first", Party.first), ("third", .third)])
    let format = try key("format").choice(Contract.Format.self)
    try readFields(format: format, kind: kind)
    let eventName = try eventName(kind: kind)
    let subject = try subject()
    let source = SourceDescription(
      name: try key("source").name(maximumByteCount: 32, also: "-"),
      title: try key("title").text(), kind: kind, party: party,
      purposes: try purposeKeys(purposes),
      legalBasis: try key("legal_basis").choice(from: Self.legalBases.map { ($0, $0) }),
      retentionClass: try retentionClass(retention, party: party),
      fields: fields.map(\.description), contractDigest: digest,
      eventNameField: eventName.field, eventNameConstant: eventName.constant)
    return Contract(
      source: source, format: format, subject: subject,
      record: try record(kind: kind, subject: subject), collected: try collected(),
      region: try region(), fields: fields)
  }

  /// A required key; ``init(_:)`` has checked that it is there.
  private func key(_ name: String) throws -> PolicyNode {
    guard let node = keys[name] else {
      throw top.refused(.missingKey, "`\(name)` is missing", fix: "add `\(name):`")
    }
    return node
  }

  private mutating func readFields(format: Contract.Format, kind: SourceKind) throws {
    let list = try key("fields")
    let entries = try list.entries()
    guard (1...IntakeLimit.fieldCount).contains(entries.count) else {
      throw list.refused(
        .invalidValue, "\(entries.count) fields", fix: "name 1…\(IntakeLimit.fieldCount)")
    }
    var attributes: Set<String> = []
    for (index, (name, node)) in entries.enumerated() {
      try Self.checkName(name, of: node)
      let field = try FieldContract(
        name: name, number: index + 1, node: node, format: format, kind: kind)
      if let attribute = field.description.exposure?.attribute,
        !attributes.insert(attribute).inserted
      {
        throw node.refused(
          .duplicateName, "attribute `\(attribute)` is exposed twice", fix: "rename one")
      }
      fields.append(field)
    }
  }

  private static func checkName(_ name: String, of node: PolicyNode) throws {
    let content = PolicyNode.Content.scalar(text: name, isPlain: false)
    let key = PolicyNode(content: content, file: node.file, path: node.path, line: node.line)
    _ = try key.name(maximumByteCount: 64, also: "_")
  }

  private func field(_ node: PolicyNode) throws -> FieldContract {
    let name = try node.text()
    guard let field = fields.first(where: { $0.name == name }) else {
      throw node.refused(
        .unknownField, "\(quoted(name)) is not in `fields`",
        fix: Spelling.advice(for: name, in: fields.map(\.name)))
    }
    return field
  }

  private func subject() throws -> String {
    let node = try key("subject")
    let field = try field(node)
    try checkCanName(field, node)
    guard field.isRequired else {
      throw node.refused(
        .subjectNotRequired, "the subject field `\(field.name)` may be empty",
        fix: "set `required: true` on it")
    }
    return field.name
  }

  private func record(kind: SourceKind, subject: String) throws -> [String] {
    guard let node = keys["record"] else {
      if kind == .profile { return [subject] }
      throw top.refused(
        .missingKey, "`record` is missing, events of one subject need names of their own",
        fix: "add `record:` with the field or fields that name an event")
    }
    let nodes = if case .list(let items) = node.content { items } else { [node] }
    var names: [String] = []
    for item in nodes {
      let field = try field(item)
      try checkCanName(field, item)
      guard !names.contains(field.name) else {
        throw item.refused(.duplicateName, "`\(field.name)` is named twice", fix: "name it once")
      }
      names.append(field.name)
    }
    guard !names.isEmpty else {
      throw node.refused(.invalidValue, "the list is empty", fix: "name a field")
    }
    return names
  }

  private func checkCanName(_ field: FieldContract, _ node: PolicyNode) throws {
    let type = field.description.type
    let isSubject = node.path == "subject"
    guard isSubject ? !type.identifierKinds.isEmpty : type != .segmentList else {
      throw node.refused(
        isSubject ? .lowCardinalityIdentifier : .invalidValue,
        "type `\(type.rawValue)` cannot name \(isSubject ? "a subject" : "a record")",
        fix: "name a field of an identifier type")
    }
  }

  private func collected() throws -> String? {
    guard let node = keys["collected"] else { return nil }
    let field = try field(node)
    guard field.description.type.isDay else {
      throw node.refused(
        .invalidValue, "`\(field.name)` has type `\(field.description.type.rawValue)`",
        fix: "name a field of type `date` or `datetime`")
    }
    return field.name
  }

  private func eventName(kind: SourceKind) throws -> (field: String?, constant: String?) {
    guard let node = keys["event_name"] else {
      if kind == .profile { return (nil, nil) }
      throw top.refused(
        .missingKey, "`event_name` is missing",
        fix: "add the field that names the event, or a constant such as `=order`")
    }
    guard kind == .event else {
      throw node.refused(
        .unknownKey, "`event_name` is for `kind: event`", fix: "remove it")
    }
    let text = try node.text()
    guard text.hasPrefix("=") else { return (try field(node).name, nil) }
    let constant = String(text.dropFirst())
    guard (1...EventNameNormaliser.maximumByteCount).contains(constant.utf8.count) else {
      throw node.refused(.invalidValue, "the constant is empty or too long", fix: "write `=order`")
    }
    return (nil, constant)
  }

  private func purposeKeys(_ catalogue: PurposeCatalogue) throws -> [String] {
    let list = try key("purposes")
    var names: [String] = []
    for item in try list.items() {
      let name = try item.text()
      guard catalogue.keys.contains(name) else {
        throw item.refused(
          .unknownPurpose, "purpose \(quoted(name)) is not in the purpose catalogue",
          fix: Spelling.advice(for: name, in: catalogue.keys.sorted()))
      }
      guard !names.contains(name) else {
        throw item.refused(.duplicateName, "purpose `\(name)` is named twice", fix: "name it once")
      }
      names.append(name)
    }
    guard !names.isEmpty else {
      throw list.refused(
        .invalidValue, "no purpose, data without one must not be kept", fix: "name one")
    }
    return names
  }

  private func retentionClass(_ classes: RetentionClasses, party: Party) throws -> RetentionClass {
    let node = try key("retention")
    let name = try node.text()
    guard let found = classes[name] else {
      throw node.refused(
        .unknownRetentionClass, "retention class \(quoted(name)) is not defined",
        fix: Spelling.advice(for: name, in: classes.classes.map(\.name)))
    }
    guard party == .first || found.idleDays != nil || found.capDays != nil else {
      throw node.refused(
        .thirdPartyWithoutTerm, "class `\(name)` has no term, third-party data must expire",
        fix: "choose a class with `idle` or `cap`")
    }
    return found
  }

  private func region() throws -> PhoneRegion? {
    guard let node = keys["region"] else { return nil }
    let code = try node.text()
    guard let region = PhoneRegion(code: code) else {
      throw node.refused(
        .unknownRegion, "the phone rules of \(quoted(code)) are not known",
        fix: Spelling.advice(for: code, in: PhoneRegion.codes))
    }
    return region
  }
}

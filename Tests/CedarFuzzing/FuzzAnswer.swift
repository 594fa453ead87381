public import Cedar

/// What the library says about a case.
public struct FuzzAnswer: Sendable {
  /// What it says about one request.
  public struct Outcome: Sendable {
    /// `allow` or `deny`.
    public let decision: String
    /// The ids that determined the decision, in order of their texts.
    public let reasons: [String]
    /// The ids of policies that failed, in order of their texts.
    public let errors: [String]
    /// Whether the request conforms to the schema.
    public let conforms: Bool
  }

  /// What it says about policies that parse.
  public struct Verdicts: Sendable {
    /// The policies as JSON, without the links.
    public let json: String
    /// The policies as text, without the links.
    public let text: String
    /// Whether the entities conform to the schema.
    public let entitiesConform: Bool
    /// The ids of policies that the strict validator refuses, in order of their texts.
    public let invalid: [String]
    /// One outcome for each request.
    public let outcomes: [Outcome]
  }

  /// The verdicts; nil when the policy text does not parse.
  public let verdicts: Verdicts?

  /// Answers a case.
  ///
  /// - Throws: ``CedarError`` when the schema, the entities or a link is refused, which the cases
  ///   are made to avoid.
  public init(_ item: FuzzCase) throws {
    guard let policies = try? PolicySet(parsing: item.policies) else {
      verdicts = nil
      return
    }
    let schema = try Schema(parsing: item.schema)
    var linked = policies
    for link in item.links { try linked.add(link) }
    let entities = try EntityStore(json: item.entities)
    let compiled = CompiledPolicySet(linked)
    let outcomes = try item.requests.map { request in
      try Self.outcome(request, compiled, entities, schema)
    }
    verdicts = Verdicts(
      json: policies.json, text: policies.text,
      entitiesConform: (try? EntityStore(json: item.entities, schema: schema)) != nil,
      invalid: Self.invalid(policies, schema), outcomes: outcomes)
  }

  private static func outcome(
    _ item: FuzzRequest, _ policies: CompiledPolicySet, _ entities: EntityStore, _ schema: Schema
  ) throws -> Outcome {
    let request = try item.request(nil)
    let response = Authorizer.isAuthorized(request, policies: policies, entities: entities)
    var conforms = false
    if let typed = try? item.request(schema) {
      conforms = (try? schema.validate(typed)) != nil
    }
    return Outcome(
      decision: response.decision.rawValue, reasons: response.reasons.map(\.text).sorted(),
      errors: response.errors.map(\.policyID.text).sorted(), conforms: conforms)
  }

  private static func invalid(_ policies: PolicySet, _ schema: Schema) -> [String] {
    let errors = Validator(schema: schema).validate(policies).errors
    return Set(errors.map(\.policyID.text)).sorted()
  }
}

extension FuzzRequest {
  /// The request as the library takes it; with a schema the context is read by it.
  public func request(_ schema: Schema?) throws -> Request {
    func uid(_ pair: (type: String, id: String)) throws -> EntityUID {
      EntityUID(type: try EntityTypeName(pair.type), id: pair.id)
    }
    let action = try uid(action)
    return Request(
      principal: try uid(principal), action: action, resource: try uid(resource),
      context: try CedarRecord(contextJSON: context, schema: schema, action: action))
  }
}

extension PolicySet {
  /// Adds the policy of a link.
  public mutating func add(_ link: FuzzCase.Link) throws {
    var values: [Slot: EntityUID] = [:]
    for value in link.values {
      guard let slot = Slot(rawValue: value.slot) else { continue }
      values[slot] = EntityUID(type: try EntityTypeName(value.type), id: value.id)
    }
    try self.link(CedarString(link.templateID), as: CedarString(link.newID), values: values)
  }
}

extension FuzzAnswer {
  /// The answer as one line of JSON.
  public var json: String {
    guard let verdicts else { return "{\"parsed\":false}" }
    let outcomes = verdicts.outcomes.map { outcome in
      "{\"decision\":\"\(outcome.decision)\",\"reasons\":\(Self.list(outcome.reasons)),"
        + "\"errors\":\(Self.list(outcome.errors)),\"conforms\":\(outcome.conforms)}"
    }
    return "{\"parsed\":true,\"json\":\(verdicts.json),\"text\":\(FuzzText.json(verdicts.text)),"
      + "\"entities\":\(verdicts.entitiesConform),\"invalid\":\(Self.list(verdicts.invalid)),"
      + "\"requests\":[\(outcomes.joined(separator: ","))]}"
  }

  /// The answer in few letters, for the corpus: a mark of the JSON form, the invalid policies,
  /// whether the entities conform, and for each request decision, reasons, errors and whether it
  /// conforms.
  public var summary: String {
    guard let verdicts else { return "-" }
    let outcomes = verdicts.outcomes.map { outcome in
      [
        outcome.decision == "allow" ? "A" : "D", Self.short(outcome.reasons),
        Self.short(outcome.errors), outcome.conforms ? "y" : "n",
      ].joined(separator: ":")
    }
    let head = [
      FuzzCase.digest(verdicts.json), Self.short(verdicts.invalid),
      verdicts.entitiesConform ? "y" : "n",
    ]
    return (head + outcomes).joined(separator: " ")
  }

  private static func list(_ ids: [String]) -> String {
    "[\(ids.map { "\"\($0)\"" }.joined(separator: ","))]"
  }

  /// Writes `policy3` as `3` and `link0` as `l0`.
  private static func short(_ ids: [String]) -> String {
    guard !ids.isEmpty else { return "-" }
    return ids.map { id in
      id.hasPrefix("policy") ? String(id.dropFirst(6)) : "l" + id.dropFirst(4)
    }.joined(separator: ",")
  }
}

import Cedar

/// One test file: policies, entities and a schema to read, and requests with their outcomes.
struct ConformanceCase {
  /// One request with what is expected of it.
  struct Query {
    let description: String
    let principal: EntityUID
    let action: EntityUID
    let resource: EntityUID
    /// The context as it stands in the file.
    let context: [UInt8]
    let isValidated: Bool
    /// The outcome; nil when the file does not say.
    let decision: Response.Decision?
    let reasons: Set<CedarString>?
    let errors: Set<CedarString>?
  }

  let policies: String
  let entities: String?
  let schema: String?
  /// Whether the policies pass strict validation; nil when the file does not say.
  let isValid: Bool?
  let queries: [Query]

  /// Reads a file; nil when it is JSON but no test.
  ///
  /// Newer and older spellings of the fields are known; other fields are ignored.
  init?(_ bytes: [UInt8]) throws {
    guard let members = try JSONSlice(bytes[...]).members(),
      let policies = try members["policies"]?.string(),
      let requests = try (members["requests"] ?? members["queries"])?.elements()
    else { return nil }
    self.policies = policies
    entities = try members["entities"]?.string()
    schema = try members["schema"]?.string()
    isValid = (members["shouldValidate"] ?? members["should_validate"])?.bool
    var queries: [Query] = []
    for (index, request) in requests.enumerated() {
      guard let fields = try request.members() else {
        throw JSONSlice.Malformed(message: "request \(index) is not an object")
      }
      queries.append(try Query(fields, index: index))
    }
    self.queries = queries
  }
}

extension ConformanceCase.Query {
  init(_ fields: [String: JSONSlice], index: Int) throws {
    let given = try (fields["description"] ?? fields["desc"])?.string() ?? ""
    description = given.isEmpty ? "request \(index)" : "request \(index), \(given)"
    principal = try Self.uid(fields["principal"], "principal", index)
    action = try Self.uid(fields["action"], "action", index)
    resource = try Self.uid(fields["resource"], "resource", index)
    let object = fields["context"]
    context = object.map { Array($0.bytes) } ?? Array("{}".utf8)
    isValidated = (fields["validateRequest"] ?? fields["validate_request"])?.bool ?? true
    decision = try fields["decision"]?.string().flatMap { .init(rawValue: $0.lowercased()) }
    reasons = try Self.ids(fields["reason"] ?? fields["reasons"])
    errors = try Self.ids(fields["errors"])
  }

  private static func ids(_ slice: JSONSlice?) throws -> Set<CedarString>? {
    guard let elements = try slice?.elements() else { return nil }
    return Set(try elements.compactMap { try $0.string() }.map { CedarString($0) })
  }

  /// Reads `{"type", "id"}`, bare or below `__entity`.
  private static func uid(_ slice: JSONSlice?, _ name: String, _ index: Int) throws -> EntityUID {
    var members = try slice?.members()
    if let inner = try members?["__entity"]?.members() { members = inner }
    guard let type = try members?["type"]?.string(), let id = try members?["id"]?.string() else {
      throw JSONSlice.Malformed(message: "request \(index) has no \(name) with `type` and `id`")
    }
    return EntityUID(type: try EntityTypeName(type), id: id)
  }
}

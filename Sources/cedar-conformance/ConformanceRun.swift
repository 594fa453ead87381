import Cedar

/// Runs test files and compares.
struct ConformanceRun {
  private(set) var tally = Tally()
  private var files: CaseFiles

  init(_ files: CaseFiles) { self.files = files }

  /// Runs every test.
  mutating func run() {
    for file in files.files { run(file) }
  }

  private mutating func run(_ file: String) {
    do {
      guard let test = try ConformanceCase(try CaseFiles.bytes(file)) else { return }
      tally.tests += 1
      try run(test, file)
    } catch {
      tally.note(.unreadable, file, Self.message(error))
    }
  }

  private mutating func run(_ test: ConformanceCase, _ file: String) throws {
    let schema = try test.schema.map { try self.schema($0, file) }
    let policies = try PolicySet(parsing: files.bytes(test.policies, namedBy: file))
    var entities = try EntityStore(entities: [], schema: schema)
    if let path = test.entities {
      entities = try EntityStore(json: files.bytes(path, namedBy: file), schema: schema)
    }
    if let schema, let expected = test.isValid {
      let result = Validator(schema: schema).validate(policies)
      if result.isValid != expected {
        let first = result.errors.first.map { ": \($0)" } ?? ""
        tally.note(.validation, file, "validation is \(result.isValid)\(first)")
      }
    }
    for query in test.queries {
      tally.requests += 1
      do {
        try run(query, schema, policies, entities, file)
      } catch {
        tally.note(.unreadable, file, "\(query.description): \(Self.message(error))")
      }
    }
  }

  /// Reads a schema, in the JSON form when the name says so.
  private mutating func schema(_ path: String, _ file: String) throws -> Schema {
    let bytes = try files.bytes(path, namedBy: file)
    return try path.hasSuffix(".json") ? Schema(json: bytes) : Schema(parsing: bytes)
  }

  private mutating func run(
    _ query: ConformanceCase.Query, _ schema: Schema?, _ policies: PolicySet,
    _ entities: EntityStore, _ file: String
  ) throws {
    let isDeclared = schema?.actionUIDs.contains(query.action) == true
    let request = Request(
      principal: query.principal, action: query.action, resource: query.resource,
      context: try CedarRecord(
        contextJSON: query.context, schema: isDeclared ? schema : nil, action: query.action))
    if let schema, query.isValidated {
      do {
        try schema.validate(request)
      } catch {
        tally.note(.request, file, "\(query.description): \(Self.message(error))")
      }
    }
    let response = Authorizer.isAuthorized(request, policySet: policies, entities: entities)
    compare(response, query, file)
  }

  private mutating func compare(
    _ response: Response, _ query: ConformanceCase.Query, _ file: String
  ) {
    if let expected = query.decision, response.decision != expected {
      let found = response.decision.rawValue
      tally.note(
        .decision, file, "\(query.description): \(found), expected \(expected.rawValue)")
    }
    let reasons = Set(response.reasons)
    if let expected = query.reasons, reasons != expected {
      tally.note(
        .reason, file,
        "\(query.description): reasons \(Self.list(reasons)), expected \(Self.list(expected))")
    }
    let errors = Set(response.errors.map(\.policyID))
    if let expected = query.errors, errors != expected {
      tally.note(
        .error, file,
        "\(query.description): errors \(Self.list(errors)), expected \(Self.list(expected))")
    }
  }

  private static func list(_ ids: Set<CedarString>) -> String {
    "[\(ids.sorted().map(\.text).joined(separator: ", "))]"
  }

  /// What an error says, without the names of types.
  private static func message(_ error: any Error) -> String {
    switch error {
    case let error as CedarError: error.description
    case let error as JSONSlice.Malformed: error.message
    case let error as CaseFiles.Unusable: error.message
    default: "\(error)"
    }
  }
}

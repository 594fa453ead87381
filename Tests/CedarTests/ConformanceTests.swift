import Testing

@testable import Cedar

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Finds the shared conformance data: by environment variable, or beside the repository.
enum SharedData {
  static let cedar: String? = {
    if let root = ProcessInfo.processInfo.environment["LETHE_SHARED"] {
      return existing(root + "/conformance/cedar")
    }
    var folder = #filePath
    while let slash = folder.lastIndex(of: "/"), slash != folder.startIndex {
      folder = String(folder[..<slash])
      if let found = existing(folder + "/shared/conformance/cedar") { return found }
    }
    return nil
  }()

  private static func existing(_ path: String) -> String? {
    FileManager.default.fileExists(atPath: path + "/tests") ? path : nil
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    Array(try #require(FileManager.default.contents(atPath: "\(cedar ?? "")/\(path)")))
  }
}

@Suite(
  "Hand-written conformance tests of the Cedar project",
  .enabled(
    if: SharedData.cedar != nil,
    "needs shared/conformance/cedar beside the repository, or LETHE_SHARED"))
struct ConformanceTests {
  static let files =
    (1...2).map { "tests/decimal/\($0).json" } + (1...3).map { "tests/ip/\($0).json" }
    + (1...5).map { "tests/multi/\($0).json" }
    + ["1a", "2a", "2b", "2c", "3a", "3b", "3c", "4a", "4d", "4e", "4f", "5b"].map {
      "tests/example_use_cases/\($0).json"
    }

  @Test("gives the expected decision, reasons and errors", arguments: files)
  func conforms(_ file: String) throws {
    let test = try JSONReader.read(try SharedData.bytes(file))
    func text(_ key: CedarString) throws -> [UInt8] {
      try SharedData.bytes(try #require(test[key]?.string).text)
    }
    let schema = try Schema(parsing: try text("schema"))
    let policies = try PolicySet(parsing: try text("policies"))
    let entities = try EntityStore(json: try text("entities"), schema: schema)
    if case .bool(let isValid) = test["shouldValidate"] {
      #expect(Validator(schema: schema).validate(policies).isValid == isValid)
    }
    let requests = try #require(test["requests"]?.elements)
    #expect(!requests.isEmpty)
    for item in requests {
      let action = try ValueDecoder.uid(try #require(item["action"]))
      let context = try ValueDecoder.record(
        try #require(item["context"]?.members), expecting: schema.actions[action]?.context)
      let request = Request(
        principal: try ValueDecoder.uid(try #require(item["principal"])), action: action,
        resource: try ValueDecoder.uid(try #require(item["resource"])), context: context)
      var validates = true
      if case .bool(let flag) = item["validateRequest"] { validates = flag }
      if validates { try schema.validate(request) }
      let response = Authorizer.isAuthorized(request, policySet: policies, entities: entities)
      let expectedReasons = item["reason"]?.elements?.compactMap(\.string)
      let expectedErrors = item["errors"]?.elements?.compactMap(\.string)
      #expect(response.decision.rawValue == item["decision"]?.string?.text)
      #expect(Set(response.reasons) == Set(try #require(expectedReasons)))
      #expect(Set(response.errors.map(\.policyID)) == Set(try #require(expectedErrors)))
    }
  }
}

import Testing

@testable import Cedar

/// The request, entities and helpers that the tables of this target share.
enum Fixture {
  static let user = EntityUID(type: "User", id: "u")
  static let view = EntityUID(type: "Action", id: "view")
  static let photo = EntityUID(type: "Photo", id: "p")

  static let context: CedarRecord = [
    "n": 7, "s": "text", "t": true, "set": [1, 2], "r": ["a": ["b": 1]], "if": 1,
    "min": .long(.min), "max": .long(.max),
  ]

  static let request = Request(principal: user, action: view, resource: photo, context: context)

  static func store() throws -> EntityStore {
    let group = EntityUID(type: "Group", id: "g")
    let everyone = EntityUID(type: "Group", id: "everyone")
    return try EntityStore(entities: [
      Entity(
        user, attributes: ["name": "Ada", "level": 5, "boss": .entity(user)], parents: [group],
        tags: ["team": "red"]),
      Entity(group, parents: [everyone]),
      Entity(photo, attributes: ["owner": .entity(user), "private": false]),
    ])
  }

  /// Computes an expression for the fixture request.
  static func value(_ expression: String) throws -> CedarValue {
    let set = try PolicySet(parsing: "permit(principal, action, resource) when { \(expression) };")
    let body = try #require(set.policies.first?.conditions.first?.body)
    return try Evaluator(request: request, entities: store()).value(body)
  }

  /// The code of the error that an expression ends in; nil when it has a value.
  static func failure(_ expression: String) throws -> CedarError.Code? {
    let set = try PolicySet(parsing: "permit(principal, action, resource) when { \(expression) };")
    let body = try #require(set.policies.first?.conditions.first?.body)
    let evaluator = Evaluator(request: request, entities: try store())
    do throws(CedarError) {
      _ = try evaluator.value(body)
      return nil
    } catch {
      return error.code
    }
  }

  /// The code of the error that a body throws; nil when it throws none.
  static func code(_ body: () throws -> Void) throws -> CedarError.Code? {
    do {
      try body()
      return nil
    } catch let error as CedarError {
      return error.code
    }
  }

  static func decide(_ policies: String, _ request: Request = request) throws -> Response {
    Authorizer.isAuthorized(
      request, policySet: try PolicySet(parsing: policies), entities: try store())
  }
}

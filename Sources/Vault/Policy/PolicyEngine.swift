internal import Cedar

/// Decides what an operator may do and how much of a field they may see.
///
/// Cedar decides; the engine makes the decision fail closed: a `forbid` that cannot be evaluated
/// refuses, and so does a request that does not conform to the schema. It holds no state and asks
/// nobody: equal files, operators and contexts give equal decisions.
public struct PolicyEngine: Sendable {
  /// SHA-256 of everything that can change a decision; the log names it with every decision.
  public let digest: [UInt8]

  let catalogue: PolicyCatalogue
  let world: PolicyWorld
  let operators: OperatorDirectory
  let purposes: PurposeTree

  /// Loads a policy set, all of it or none.
  ///
  /// - Parameter files: The files.
  /// - Throws: ``VaultError`` `.policyFile`, one line with file, place, what and what to do, for
  ///   text that does not parse, a policy without id or reason, and a name that nothing else in the
  ///   set knows.
  public init(_ files: PolicyFiles) throws {
    try files.check()
    let schema = try PolicyWorld.schema(files.schema)
    let catalogue = try PolicyCatalogue(files.cedar)
    let roles = catalogue.references.filter { $0.reference.type == "Role" }.map(\.reference.id)
    purposes = try PurposeTree(files.purposes)
    operators = try OperatorDirectory(
      files.operators, isRole: { PolicyWorld.isRole($0, in: schema) }, suggestions: Set(roles))
    world = try PolicyWorld(schema: schema, operators: operators, purposes: purposes)
    self.catalogue = catalogue
    digest = files.digest
    try resolveReferences()
  }

  /// Finds an operator by name.
  ///
  /// - Throws: ``VaultError`` `.unknownOperator`.
  public func identify(_ name: String) throws -> OperatorIdentity {
    guard let roles = operators.operators[name] else {
      let advice = NearestWord.advice(
        for: name, in: operators.operators.keys, otherwise: "operators are listed in operators.yaml"
      )
      throw VaultError(.unknownOperator, "unknown operator \(name.inMessage); \(advice)")
    }
    return OperatorIdentity(name: name, roles: roles)
  }

  /// Names of the operators whose only role is that of the vault's own jobs.
  public var serviceOperators: [String] {
    operators.operators.filter { $0.value == [Self.serviceRole] }.keys.sorted()
  }

  private static let serviceRole = "service"

  /// What people call a purpose.
  ///
  /// - Parameters:
  ///   - key: Key of the purpose.
  ///   - language: Language code, `en` or `ru`.
  /// - Returns: The title, or the key when the file has none in the language.
  public func title(ofPurpose key: String, language: String) -> String {
    purposes.titles[key]?[language] ?? key
  }

  /// Checks that a purpose exists.
  ///
  /// - Throws: ``VaultError`` `.unknownPurpose`.
  public func checkPurpose(_ key: String) throws {
    guard !purposes.keys.contains(key) else { return }
    let advice = NearestWord.advice(
      for: key, in: purposes.keys, otherwise: "purposes are listed in purposes.yaml")
    throw VaultError(.unknownPurpose, "unknown purpose \(key.inMessage); \(advice)")
  }
}

extension PolicyEngine {
  /// Refuses policies that name what is not there.
  private func resolveReferences() throws {
    let types = Set(world.schema.entityTypeNames.map(\.path.text))
    let actions = world.schema.actionUIDs.map(\.id.text)
    for (file, reference) in catalogue.references {
      let known: [String]?
      switch reference.type {
      case "Action": known = actions
      case "Purpose": known = Array(purposes.keys)
      case "Operator": known = Array(operators.operators.keys)
      case "Role" where !PolicyWorld.isRole(reference.id, in: world.schema):
        known = Array(Set(operators.operators.values.joined()))
      case "Category": known = DottedKey.isWellFormed(reference.id) ? nil : []
      case "Role", "Source", "Field", "Vault": known = nil
      default: known = types.contains(reference.type) ? nil : []
      }
      guard let known, !known.contains(reference.id) else { continue }
      let advice = NearestWord.advice(
        for: reference.id, in: known, otherwise: "correct the name or declare it")
      throw PolicyCatalogue.refused(
        file, reference.line,
        "unknown \(reference.type.inMessage.dropLast())::"
          + "\"\(reference.id.inMessage.dropFirst().dropLast())\"`; \(advice)")
    }
  }
}

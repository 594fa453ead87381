/// Who may use the vault, as `operators.yaml` says.
struct OperatorDirectory: Sendable {
  /// Most operators of a vault.
  static let maximumCount = 10_000
  /// Longest name of an operator or role, in bytes.
  static let maximumNameByteCount = 64
  /// The file's name in messages.
  static let file = "operators.yaml"

  /// Roles of every operator by name.
  let operators: [String: [String]]

  /// Reads the file strictly: unknown or repeated names, keys and roles are refused.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - isRole: Whether the schema declares a role.
  ///   - suggestions: Roles to propose for a mistyped one.
  /// - Throws: ``VaultError`` `.policyFile`.
  init(_ bytes: [UInt8], isRole: (String) -> Bool, suggestions: Set<String>) throws {
    let top = try StrictYAML.map(in: bytes, file: Self.file)
    try top.checkFormat("lethe_operators", is: 1)
    try top.allowOnly(["lethe_operators", "operators"])
    let entries = try top.value("operators").list()
    guard entries.count <= Self.maximumCount else {
      throw StrictYAML.refused(Self.file, nil, "more than \(Self.maximumCount) operators")
    }
    var operators: [String: [String]] = [:]
    for entry in entries {
      let (name, roles) = try Self.entry(entry)
      for role in roles where !isRole(role) {
        throw entry.refused(
          "operator `\(name)`: unknown role `\(role)`; "
            + NearestWord.advice(
              for: role, in: suggestions, otherwise: "the roles are listed in the schema"))
      }
      guard operators.updateValue(roles, forKey: name) == nil else {
        throw entry.refused("operator `\(name)` occurs twice; keep one")
      }
    }
    self.operators = operators
  }

  private static func entry(_ value: YAMLValue) throws -> (name: String, roles: [String]) {
    let map = try value.map()
    try map.allowOnly(["name", "roles"])
    let name = try map.value("name").key(maximumByteCount: maximumNameByteCount)
    return (name, try distinctKeys(map.value("roles")))
  }

  /// A list of keys, at least one and none twice.
  private static func distinctKeys(_ value: YAMLValue) throws -> [String] {
    let keys = try value.list().map { try $0.key(maximumByteCount: maximumNameByteCount) }
    guard !keys.isEmpty else { throw value.refused("the list is empty; name at least one role") }
    guard Set(keys).count == keys.count else {
      throw value.refused("a role occurs twice; keep one")
    }
    return keys
  }
}

/// An operator as the policy knows them; only ``PolicyEngine/identify(_:)`` makes one.
public struct OperatorIdentity: Hashable, Sendable {
  /// Name in `operators.yaml`.
  public let name: String
  /// Names of the roles the operator holds, at least one.
  public let roles: [String]

  init(name: String, roles: [String]) {
    self.name = name
    self.roles = roles
  }
}

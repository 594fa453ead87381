import Foundation

extension PolicyFiles {
  /// Reads the policy files of a directory.
  ///
  /// - Throws: ``VaultError`` `.policyFile` naming the file that is missing or too large.
  public init(directory: String) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    let cedar = names.filter { $0.hasSuffix(".cedar") }.sorted()
    guard !cedar.isEmpty else {
      throw VaultError(
        .policyFile, "`\(directory)` holds no `.cedar` policy; copy the `policies` directory anew")
    }
    self.init(
      cedar: try cedar.map { ($0, try Self.read(directory, $0)) },
      schema: try Self.read(directory, "vault.cedarschema"),
      operators: try Self.read(directory, "operators.yaml"),
      purposes: try Self.read(directory, "purposes.yaml"))
  }

  private static func read(_ directory: String, _ name: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: directory + "/" + name) else {
      throw VaultError(
        .policyFile, "`\(name)` is missing in `\(directory)`; copy the `policies` directory anew")
    }
    return [UInt8](data)
  }
}

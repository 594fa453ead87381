internal import Sealing

/// The files that make a policy set, as bytes; the caller does the reading.
public struct PolicyFiles: Sendable {
  /// The policies: name of the file for messages, and text.
  public let cedar: [(name: String, text: [UInt8])]
  /// `vault.cedarschema`.
  public let schema: [UInt8]
  /// `operators.yaml`.
  public let operators: [UInt8]
  /// `purposes.yaml`.
  public let purposes: [UInt8]

  /// Largest policy file, in bytes.
  static let maximumByteCount = 1_048_576
  /// Most policy files.
  static let maximumFileCount = 64
  /// The schema's name in messages.
  static let schemaName = "vault.cedarschema"

  /// Creates a set of files.
  public init(
    cedar: [(name: String, text: [UInt8])], schema: [UInt8], operators: [UInt8], purposes: [UInt8]
  ) {
    self.cedar = cedar.sorted { $0.name < $1.name }
    self.schema = schema
    self.operators = operators
    self.purposes = purposes
  }

  /// SHA-256 over every file: domain label, then for each file its name and text, each behind its
  /// length.
  ///
  /// Everything that can change a decision is covered, so equal digests mean equal decisions.
  var digest: [UInt8] {
    var message = Array("lethe policy set v1\n".utf8)
    let fixed = [
      (name: Self.schemaName, text: schema), (OperatorDirectory.file, operators),
      (PurposeTree.file, purposes),
    ]
    for (name, text) in cedar + fixed {
      for part in [Array(name.utf8), text] {
        for shift in stride(from: 56, through: 0, by: -8) {
          message.append(UInt8(truncatingIfNeeded: part.count >> shift))
        }
        message += part
      }
    }
    return SHA256.hash(message)
  }

  /// Refuses sets that are no policy set at all.
  func check() throws {
    guard (1...Self.maximumFileCount).contains(cedar.count) else {
      throw VaultError(
        .policyFile, "1…\(Self.maximumFileCount) Cedar files are needed; found \(cedar.count)")
    }
    for (previous, next) in zip(cedar, cedar.dropFirst()) where previous.name == next.name {
      throw VaultError(.policyFile, "\(next.name): the file is given twice")
    }
    for (name, text) in cedar + [(Self.schemaName, schema)]
    where text.count > Self.maximumByteCount {
      throw VaultError(
        .policyFile, "\(name): larger than \(Self.maximumByteCount) bytes; split the file")
    }
  }
}

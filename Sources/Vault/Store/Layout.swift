import Foundation

/// Where the parts of a vault lie; every path of a vault directory is made here.
public struct VaultLayout: Sendable {
  /// The vault directory.
  public let directory: String

  /// Names the parts of a vault directory.
  public init(directory: String) {
    self.directory = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
  }

  /// Settings, without any secret.
  public var settings: String { directory + "/lethe.yaml" }
  /// Sealed records, persons and the sequenced log.
  public var vault: String { directory + "/vault.sqlite" }
  /// The key tree.
  public var keys: String { directory + "/keys.sqlite" }
  /// Match index and tokens; never backed up.
  public var index: String { directory + "/index.sqlite" }
  /// The analysts' store; never backed up.
  public var analytics: String { directory + "/analytics.sqlite" }
  /// The published log.
  public var audit: String { directory + "/audit" }
  /// Cedar policies, purposes, operators, retention rules, source contracts.
  public var policies: String { directory + "/policies" }
}

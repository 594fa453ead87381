import Foundation
import Yams

/// How a vault is unsealed.
public enum UnsealMethod: Hashable, Sendable {
  /// By a file of 32 bytes.
  case file(path: String)
  /// By a passphrase that is asked for.
  case passphrase

  /// Reads `file:PATH` or `passphrase`.
  ///
  /// - Throws: ``VaultError`` `.invalidInput` for anything else.
  public init(_ text: String) throws {
    if text == "passphrase" {
      self = .passphrase
    } else if text.hasPrefix("file:"), text.count > 5 {
      self = .file(path: String(text.dropFirst(5)))
    } else {
      throw VaultError(.invalidInput, "unseal method `\(text)` is not `file:PATH` or `passphrase`")
    }
  }

  /// The text form.
  public var text: String {
    switch self {
    case .file(let path): "file:\(path)"
    case .passphrase: "passphrase"
    }
  }
}

/// The settings of a vault, kept in `lethe.yaml`; a secret is never among them.
public struct VaultSettings: Sendable, Hashable {
  /// Format of the settings file.
  public static let format = 1
  /// Largest settings file in bytes.
  static let maximumByteCount = 64 * 1024

  /// Name of the log in its checkpoints.
  public let origin: String
  /// How the vault is unsealed.
  public let unseal: UnsealMethod
  /// Path of the epoch slot, outside the vault.
  public let slot: String
  /// Whether this is a vault for demonstration, which alone may use the published demo key.
  public let isDemo: Bool
  /// Smallest group an analyst may learn the size of.
  public let segmentThreshold: Int

  /// Creates settings.
  public init(
    origin: String, unseal: UnsealMethod, slot: String, isDemo: Bool, segmentThreshold: Int
  ) {
    self.origin = origin
    self.unseal = unseal
    self.slot = slot
    self.isDemo = isDemo
    self.segmentThreshold = segmentThreshold
  }

  /// Reads the settings of a vault directory.
  ///
  /// - Throws: ``VaultError`` `.vaultDirectory` when there are none, `.newerFormat`, or
  ///   `.invalidInput` naming the key that is wrong.
  public init(readFrom layout: VaultLayout) throws {
    guard let data = FileManager.default.contents(atPath: layout.settings) else {
      throw VaultError(
        .vaultDirectory,
        "`\(layout.directory)` is not a vault: it has no `lethe.yaml`; make one with "
          + "`lethe init`")
    }
    guard data.count <= Self.maximumByteCount else {
      throw VaultError(.invalidInput, "`lethe.yaml` is larger than \(Self.maximumByteCount) bytes")
    }
    try self.init(yaml: String(decoding: data, as: UTF8.self))
  }

  init(yaml: String) throws {
    guard let values = try? Yams.load(yaml: yaml) as? [String: Any] else {
      throw Self.wrong("the file is not a YAML mapping")
    }
    guard let format = values["lethe_vault"] as? Int else {
      throw Self.wrong("`lethe_vault` is missing")
    }
    guard format <= Self.format else {
      throw VaultError(
        .newerFormat,
        "`lethe.yaml` has format \(format), this program knows \(Self.format); use the "
          + "newer program")
    }
    let known = ["lethe_vault", "origin", "unseal", "slot", "demo", "segment_threshold"]
    if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw Self.wrong("key `\(unknown)` is not known")
    }
    guard let origin = values["origin"] as? String, let unseal = values["unseal"] as? String,
      let slot = values["slot"] as? String, let threshold = values["segment_threshold"] as? Int
    else { throw Self.wrong("`origin`, `unseal`, `slot` or `segment_threshold` is missing") }
    self.init(
      origin: origin, unseal: try UnsealMethod(unseal), slot: slot,
      isDemo: values["demo"] as? Bool ?? false, segmentThreshold: threshold)
  }

  /// The file's text.
  var yaml: String {
    """
    # Settings of this vault. No secret is kept here.
    lethe_vault: \(Self.format)
    origin: \(Self.quoted(origin))
    unseal: \(Self.quoted(unseal.text))
    slot: \(Self.quoted(slot))
    demo: \(isDemo)
    segment_threshold: \(segmentThreshold)

    """
  }

  private static func quoted(_ text: String) -> String {
    "\""
      + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
        of: "\"", with: "\\\"") + "\""
  }

  private static func wrong(_ what: String) -> VaultError {
    VaultError(.invalidInput, "`lethe.yaml`: \(what); see docs/format.md")
  }
}

import Foundation
public import Keyring
import Yams

/// How a vault is unsealed.
public enum UnsealMethod: Hashable, Sendable {
  /// By a file of 32 bytes.
  case file(path: String)
  /// By a passphrase that is asked for.
  case passphrase
  /// By a key of a PKCS#11 token that wraps the unseal key; its address, RFC 7512.
  case token(address: String)

  /// Reads `file:PATH`, `passphrase` or `pkcs11:…`.
  ///
  /// - Throws: ``VaultError`` `.invalidInput` for anything else.
  public init(_ text: String) throws {
    if text == "passphrase" {
      self = .passphrase
    } else if text.hasPrefix("file:"), text.count > 5 {
      self = .file(path: String(text.dropFirst(5)))
    } else if text.hasPrefix("pkcs11:") {
      self = .token(address: text)
    } else {
      throw VaultError(
        .invalidInput, "unseal method `\(text)` is not `file:PATH`, `passphrase` or `pkcs11:…`")
    }
  }

  /// The text form.
  public var text: String {
    switch self {
    case .file(let path): "file:\(path)"
    case .passphrase: "passphrase"
    case .token(let address): address
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
  /// How it was unsealed before; set while the key is being changed.
  public let previousUnseal: UnsealMethod?
  /// The epoch slot, outside the vault.
  public let slot: SlotPlace
  /// Others who keep the epoch secret too; each must destroy it.
  public let custodians: [SlotPlace]
  /// Whether a slot on a file system that keeps what is overwritten was taken all the same.
  public let acceptsWeakSlot: Bool
  /// Copies of the key store and the grace window.
  public let keeping: KeyKeeping
  /// Whether this is a vault for demonstration, which alone may use the published demo key.
  public let isDemo: Bool
  /// Smallest group an analyst may learn the size of.
  public let segmentThreshold: Int
  /// Where the log is published, who witnesses it, how long it is kept.
  public let log: LogSettings

  /// Creates settings.
  public init(
    origin: String, unseal: UnsealMethod, previousUnseal: UnsealMethod? = nil, slot: SlotPlace,
    custodians: [SlotPlace] = [], acceptsWeakSlot: Bool = false,
    keeping: KeyKeeping = KeyKeeping(), isDemo: Bool, segmentThreshold: Int,
    log: LogSettings = LogSettings()
  ) {
    self.origin = origin
    self.unseal = unseal
    self.previousUnseal = previousUnseal
    self.slot = slot
    self.custodians = custodians
    self.acceptsWeakSlot = acceptsWeakSlot
    self.keeping = keeping
    self.isDemo = isDemo
    self.segmentThreshold = segmentThreshold
    self.log = log
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

  /// Writes the settings into a vault directory, in one step.
  ///
  /// - Throws: ``VaultError`` `.storage`.
  func write(to layout: VaultLayout) throws {
    do {
      try Data(yaml.utf8).write(to: URL(filePath: layout.settings), options: .atomic)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600], ofItemAtPath: layout.settings)
    } catch {
      throw VaultError(
        .storage, "`lethe.yaml` cannot be written; check space and permissions")
    }
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
    let known =
      [
        "lethe_vault", "origin", "unseal", "unseal_previous", "slot", "custodians",
        "accept_weak_slot", "replicas", "replica_quorum", "grace_days", "demo",
        "segment_threshold",
      ] + LogSettings.keys
    if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
      throw Self.wrong("key `\(unknown)` is not known")
    }
    guard let origin = values["origin"] as? String, let unseal = values["unseal"] as? String,
      let slot = values["slot"] as? String, let threshold = values["segment_threshold"] as? Int
    else { throw Self.wrong("`origin`, `unseal`, `slot` or `segment_threshold` is missing") }
    let previous: String? = try Self.optional(values, "unseal_previous")
    let custodians: [String] = try Self.optional(values, "custodians") ?? []
    self.init(
      origin: origin, unseal: try UnsealMethod(unseal),
      previousUnseal: try previous.map { try UnsealMethod($0) }, slot: try SlotPlace(slot),
      custodians: try custodians.map { try SlotPlace($0) },
      acceptsWeakSlot: try Self.optional(values, "accept_weak_slot") ?? false,
      keeping: try KeyKeeping(
        replicas: try Self.optional(values, "replicas") ?? [],
        quorum: try Self.optional(values, "replica_quorum"),
        graceDays: try Self.optional(values, "grace_days") ?? 0),
      isDemo: values["demo"] as? Bool ?? false, segmentThreshold: threshold,
      log: try LogSettings(values))
  }

  static func optional<T>(_ values: [String: Any], _ key: String) throws -> T? {
    guard let value = values[key] else { return nil }
    guard let typed = value as? T else { throw wrong("`\(key)` has a value of the wrong type") }
    return typed
  }

  /// The places of the epoch secret, the slot first.
  var slotPlaces: [SlotPlace] { [slot] + custodians }

  /// The same settings with another way to unseal.
  ///
  /// - Parameters:
  ///   - method: How it is unsealed from now on.
  ///   - previous: How it was, while it is not certain which of the two holds.
  /// - Returns: The settings.
  public func unsealed(by method: UnsealMethod, previous: UnsealMethod?) -> VaultSettings {
    VaultSettings(
      origin: origin, unseal: method, previousUnseal: previous, slot: slot,
      custodians: custodians, acceptsWeakSlot: acceptsWeakSlot, keeping: keeping, isDemo: isDemo,
      segmentThreshold: segmentThreshold, log: log)
  }

  /// The same settings with another slot or another way to unseal.
  func replacing(slot newSlot: SlotPlace?, unseal newUnseal: UnsealMethod?) -> VaultSettings {
    VaultSettings(
      origin: origin, unseal: newUnseal ?? unseal,
      previousUnseal: newUnseal == nil ? previousUnseal : nil, slot: newSlot ?? slot,
      custodians: custodians, acceptsWeakSlot: acceptsWeakSlot, keeping: keeping, isDemo: isDemo,
      segmentThreshold: segmentThreshold, log: log)
  }

  /// The file's text.
  var yaml: String {
    var lines = [
      "# Settings of this vault. No secret is kept here.", "lethe_vault: \(Self.format)",
      "origin: \(Self.quoted(origin))", "unseal: \(Self.quoted(unseal.text))",
    ]
    if let previousUnseal {
      lines.append("unseal_previous: \(Self.quoted(previousUnseal.text))")
    }
    lines.append("slot: \(Self.quoted(slot.text))")
    lines += Self.list("custodians", custodians.map(\.text))
    if acceptsWeakSlot { lines.append("accept_weak_slot: true") }
    lines += Self.list("replicas", keeping.replicas)
    if !keeping.replicas.isEmpty { lines.append("replica_quorum: \(keeping.quorum)") }
    if keeping.graceDays > 0 { lines.append("grace_days: \(keeping.graceDays)") }
    lines += log.yaml
    lines += ["demo: \(isDemo)", "segment_threshold: \(segmentThreshold)", ""]
    return lines.joined(separator: "\n")
  }

  static func list(_ key: String, _ items: [String]) -> [String] {
    items.isEmpty ? [] : ["\(key):"] + items.map { "  - \(quoted($0))" }
  }

  static func quoted(_ text: String) -> String {
    "\""
      + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(
        of: "\"", with: "\\\"") + "\""
  }

  static func wrong(_ what: String) -> VaultError {
    VaultError(.invalidInput, "`lethe.yaml`: \(what); see docs/format.md")
  }
}

/// What `lethe.yaml` says about the log: where it is published, who witnesses it, how long its
/// entries are kept.
public struct LogSettings: Sendable, Hashable {
  /// What happens while too few witnesses cosign.
  public enum WitnessMode: String, Sendable, CaseIterable {
    /// The log is published without them, and its status says so.
    case degrade
    /// Nothing new is published, and after a while nothing is disclosed or destroyed.
    case closed
  }

  /// Hours for which entries may be unwitnessed in mode `closed` before acts are refused.
  public static let witnessAgeHours = 1...720
  /// Hours when nothing is said.
  public static let defaultWitnessAgeHours = 24
  /// Days for which entries can be promised to be kept.
  public static let keepDays = 1...36_500
  /// Most directories that the log is published in besides the vault's own.
  public static let directoryCountMaximum = 16

  /// Directories that the log is published in besides the vault's own.
  public let publishTo: [String]
  /// Name of the witness policy in the vault's `policies` directory; nil for no witnesses.
  public let witnesses: String?
  /// What happens while too few witnesses cosign.
  public let witnessMode: WitnessMode
  /// Hours for which entries may be unwitnessed in mode `closed` before acts are refused.
  public let witnessAgeHours: Int
  /// Days for which entries are kept at least; nil keeps them for good.
  public let keepDays: Int?

  /// Creates settings.
  public init(
    publishTo: [String] = [], witnesses: String? = nil, witnessMode: WitnessMode = .degrade,
    witnessAgeHours: Int = defaultWitnessAgeHours, keepDays: Int? = nil
  ) {
    self.publishTo = publishTo
    self.witnesses = witnesses
    self.witnessMode = witnessMode
    self.witnessAgeHours = witnessAgeHours
    self.keepDays = keepDays
  }
}

extension LogSettings {
  /// The keys of `lethe.yaml` that are read here.
  static let keys = [
    "publish_to", "witnesses", "witness_mode", "witness_age_hours", "log_keep_days",
  ]

  /// Reads the settings.
  ///
  /// - Throws: ``VaultError`` `.invalidInput` naming the key that is wrong.
  init(_ values: [String: Any]) throws {
    let directories: [String] = try VaultSettings.optional(values, "publish_to") ?? []
    let witnesses: String? = try VaultSettings.optional(values, "witnesses")
    let mode: String? = try VaultSettings.optional(values, "witness_mode")
    let hours: Int? = try VaultSettings.optional(values, "witness_age_hours")
    let days: Int? = try VaultSettings.optional(values, "log_keep_days")
    guard directories.allSatisfy({ $0.hasPrefix("/") }),
      directories.count <= Self.directoryCountMaximum,
      Set(directories).count == directories.count
    else {
      throw VaultSettings.wrong(
        "`publish_to` is not a list of up to \(Self.directoryCountMaximum) absolute paths, each "
          + "once")
    }
    if let witnesses {
      guard !witnesses.isEmpty, !witnesses.contains("/"), !witnesses.hasPrefix(".") else {
        throw VaultSettings.wrong("`witnesses` is not the name of a file in `policies`")
      }
    }
    guard let mode = WitnessMode(rawValue: mode ?? WitnessMode.degrade.rawValue) else {
      throw VaultSettings.wrong("`witness_mode` is not `degrade` or `closed`")
    }
    guard mode == .degrade || witnesses != nil else {
      throw VaultSettings.wrong("`witness_mode: closed` needs a witness policy in `witnesses`")
    }
    guard hours.map(Self.witnessAgeHours.contains) ?? true else {
      throw VaultSettings.wrong(
        "`witness_age_hours` is not 1 to \(Self.witnessAgeHours.upperBound)")
    }
    guard days.map(Self.keepDays.contains) ?? true else {
      throw VaultSettings.wrong("`log_keep_days` is not 1 to \(Self.keepDays.upperBound)")
    }
    self.init(
      publishTo: directories, witnesses: witnesses, witnessMode: mode,
      witnessAgeHours: hours ?? Self.defaultWitnessAgeHours, keepDays: days)
  }

  /// The settings as lines of `lethe.yaml`; none for what is not set.
  var yaml: [String] {
    var lines = VaultSettings.list("publish_to", publishTo)
    if let witnesses { lines.append("witnesses: \(VaultSettings.quoted(witnesses))") }
    if witnessMode != .degrade { lines.append("witness_mode: \(witnessMode.rawValue)") }
    if witnessAgeHours != Self.defaultWitnessAgeHours {
      lines.append("witness_age_hours: \(witnessAgeHours)")
    }
    if let keepDays { lines.append("log_keep_days: \(keepDays)") }
    return lines
  }
}

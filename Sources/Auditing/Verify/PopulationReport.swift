/// What verifying a population has found.
public struct PopulationReport: Sendable {
  /// Most findings listed; verification goes on without listing more.
  public static let findingsMaximum = 100

  /// What is verified.
  public enum Check: String, Sendable, CaseIterable {
    /// The manifest has its form, and its checkpoint is signed by the log.
    case manifest
    /// The log has an entry about this export that names this manifest.
    case logEntry = "log_entry"
    /// The file has the length and digest that the manifest says.
    case file
    /// Every line carries an entry that the query means, in order, and says what its entry says.
    case lines
    /// The published log leads to every root that was signed.
    case log
    /// The file holds every entry of the log that it should, and no other.
    case completeness
  }

  /// How a check ended.
  public enum Outcome: String, Sendable {
    /// It passed.
    case passed
    /// It did not.
    case failed
    /// It was not made.
    case skipped
  }

  /// The manifest; nil when it cannot be read.
  public internal(set) var manifest: PopulationManifest?
  /// How each check ended.
  public private(set) var outcomes: [Check: Outcome] = [:]
  /// What is wrong, each naming a line, entry or file.
  public private(set) var findings: [String] = []
  /// What is not wrong and should be known.
  public private(set) var notes: [String] = []

  /// Whether nothing is wrong and the manifest and its entry were verified.
  public var isValid: Bool {
    findings.isEmpty && !outcomes.values.contains(.failed)
      && [.manifest, .logEntry, .file, .lines].allSatisfy { outcomes[$0] == .passed }
  }

  mutating func pass(_ check: Check) {
    if outcomes[check] == nil { outcomes[check] = .passed }
  }

  mutating func skip(_ check: Check) {
    if outcomes[check] == nil { outcomes[check] = .skipped }
  }

  mutating func fail(_ check: Check, _ finding: String) {
    outcomes[check] = .failed
    if findings.count < Self.findingsMaximum { findings.append(finding) }
  }

  mutating func note(_ text: String) { notes.append(text) }
}

import Auditing
import Foundation
import Transparency
import Vault

/// The files of a published log.
struct PublishedLogFiles {
  /// What a verification takes besides the log itself.
  struct Terms {
    /// The log's key; nil takes that of the policy, or the one beside the log.
    var vkey: String?
    /// Checkpoints kept from earlier visits, as files.
    var knownCheckpoints: [String] = []
    /// The witnesses' rule, as a file.
    var policy: String?
    /// Index below which entries may be gone, whatever the log says.
    var minimumIndex = 0
  }

  /// Where the key came from that a log was verified with.
  enum KeySource: String {
    case option, policy, log
  }

  let directory: String

  init(_ directory: String) throws {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { throw UsageError(message: "there is no published log at `\(directory)`") }
    self.directory = directory
  }

  /// Verifies the log with a key, or with the one beside it.
  func verify(vkey: String?) throws -> LogReport {
    try verify(Terms(vkey: vkey)).report
  }

  /// Verifies the log.
  ///
  /// - Returns: What was found, and whose word the key is.
  func verify(_ terms: Terms) throws -> (report: LogReport, keySource: KeySource) {
    let policy = try terms.policy.map(WitnessPolicyFile.read)
    let (key, source) = try key(terms, policy: policy)
    let known = try terms.knownCheckpoints.map {
      try ConsistencyCheck.Kept($0, signedBy: key).checkpoint
    }
    let verifier = LogVerifier(
      logKey: key, policy: policy, knownCheckpoints: known,
      minimumEntryIndex: terms.minimumIndex
    ) { count, work in
      DispatchQueue.concurrentPerform(iterations: count, execute: work)
    }
    let display = Progress("verified entries")
    defer { display.finish() }
    let paths = try FileManager.default.subpathsOfDirectory(atPath: directory)
    let report = try verifier.verify(paths: paths, read: contents) { done, total in
      display.show(done, of: total)
    }
    return (report, source)
  }

  /// The key that was given, or the one beside the log.
  func key(_ vkey: String?) throws -> NoteVerifierKey {
    try key(Terms(vkey: vkey), policy: nil).key
  }

  /// The content of a file of the log; nil when there is none.
  func contents(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
  }

  /// The entries, to run a query over again.
  var entries: PublishedEntries { PublishedEntries(read: contents) }

  private func key(
    _ terms: Terms, policy: WitnessPolicy?
  ) throws -> (key: NoteVerifierKey, source: KeySource) {
    guard let text = terms.vkey else {
      if let log = policy?.logs.first, policy?.logs.count == 1 { return (log.key, .policy) }
      let found = try keyBesideLog()
      guard let key = try? NoteVerifierKey(encoded: found) else {
        throw VaultError(.integrity, "`\(directory)/log.vkey` is not a verifier key")
      }
      return (key, .log)
    }
    guard let key = try? NoteVerifierKey(encoded: text) else {
      throw UsageError(message: "--vkey is not a verifier key; copy it whole")
    }
    return (key, .option)
  }

  private func keyBesideLog() throws -> String {
    guard let data = FileManager.default.contents(atPath: "\(directory)/log.vkey") else {
      throw UsageError(message: "no `log.vkey` beside the log; give the key with --vkey")
    }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

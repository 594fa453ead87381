internal import Transparency

/// What the log says has happened since a backup.
public struct LogSince: Sendable {
  /// Consent that was withdrawn.
  struct Withdrawal: Sendable {
    let sequence: Int
    let day: Int
    /// Month of the references.
    let epoch: UInt32
    let purposes: [String]
    let references: [[UInt8]]
    /// Subjects that the entry had no room to list.
    let notListed: Int
  }

  /// A token domain that was opened.
  struct Domain: Sendable {
    let name: String
    let isMonthly: Bool
  }

  /// Entries of the log.
  public internal(set) var entries = 0
  /// Erasures of persons that were asked for, and their subjects.
  public internal(set) var erasures = 0
  /// Subjects of these.
  public internal(set) var erasedSubjects = 0
  /// Expiries.
  public internal(set) var expiries = 0
  /// Subjects that had nothing left after them.
  public internal(set) var expiredSubjects = 0
  /// Buckets of them.
  public internal(set) var expiredBuckets = 0
  /// Rectifications, erasures of fields and withdrawals: acts that gave subjects a new key.
  public internal(set) var changes = 0
  /// Older keys destroyed by these.
  public internal(set) var changedKeys = 0
  /// Records that came in and are not in the backup.
  public internal(set) var ingested = 0
  /// Whether persons were unified.
  public internal(set) var hasUnified = false
  /// Epoch of the key store after the last logged roll; 0 for none.
  public internal(set) var epoch: UInt64 = 0
  /// Index below which entries were pruned, and the place of the event; 0 for none.
  var pruned = (minimumIndex: 0, event: 0)
  /// When the last backup was made, in milliseconds since 1970-01-01 UTC.
  var lastBackupMilliseconds: Int64 = 0
  /// Digests of the manifests of backups.
  var manifests: Set<String> = []
  var withdrawals: [Withdrawal] = []
  var domains: [Domain] = []

  /// Takes an entry into account.
  ///
  /// - Returns: The references to subjects it lists.
  mutating func take(_ entry: [UInt8], sequence: Int) throws -> [[UInt8]] {
    guard case .object(let event) = try CanonicalJSON(canonicalBytes: entry),
      let type = event.string("type"), let time = event.count("time")
    else {
      throw VaultError(.integrity, "log entry \(sequence) is not an event; verify the log")
    }
    entries += 1
    let references = event.texts("subjects").compactMap { try? TokenText($0).token }
    if let begun = event.count("new_epoch") { epoch = max(epoch, UInt64(begun)) }
    switch type {
    case "erasure.requested": takeErasure(event)
    case "records.ingested":
      ingested += (event.count("added") ?? 0) + (event.count("replaced") ?? 0)
    case "persons.unified": hasUnified = true
    case "consent.withdrawn":
      let day = CivilDate.day(ofMilliseconds: Int64(time))
      withdrawals.append(
        Withdrawal(
          sequence: sequence, day: day, epoch: CivilDate(day: day).yearMonth,
          purposes: event.purposes, references: references,
          notListed: event.count("subjects_not_listed") ?? 0))
    case "domain.opened":
      guard let name = event.string("domain"), case .bool(let isMonthly)? = event["monthly"] else {
        break
      }
      domains.append(Domain(name: name, isMonthly: isMonthly))
    case "log.pruned":
      pruned = (event.count("minimum_index") ?? 0, sequence)
    case "backup.made":
      if let manifest = event.string("manifest") { manifests.insert(manifest) }
      lastBackupMilliseconds = max(lastBackupMilliseconds, Int64(time))
    default: break
    }
    return references
  }

  private mutating func takeErasure(_ event: JSONObject) {
    let subjects = event.count("subject_count") ?? 0
    switch event.string("kind") {
    case ErasureKind.person.rawValue:
      erasures += 1
      erasedSubjects += subjects
    case ErasureKind.expiry.rawValue:
      expiries += 1
      expiredSubjects += subjects
      expiredBuckets += event.count("bucket_count") ?? 0
    case ErasureKind.rekey.rawValue:
      changes += 1
      changedKeys += event.count("key_count") ?? 0
    default: break
    }
  }
}

extension JSONObject {
  /// A member's texts, if it is a list of them.
  fileprivate func texts(_ key: String) -> [String] {
    guard case .array(let values)? = self[key] else { return [] }
    return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
  }

  /// The withdrawn purposes: in a member of their own, or where the event has only one purpose, in
  /// that.
  fileprivate var purposes: [String] {
    for key in ["withdrawn", "purposes"] {
      let purposes = string(key).map { [$0] } ?? texts(key)
      if !purposes.isEmpty { return purposes }
    }
    return string("purpose").map { [$0] } ?? []
  }
}

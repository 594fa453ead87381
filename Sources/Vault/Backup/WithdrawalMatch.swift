internal import GRDB
internal import Keyring
internal import Sealing

/// Finds out whom the withdrawals of the log concern.
///
/// The log names nobody; so every subject that stays is asked for its references in the months of
/// the withdrawals.
struct WithdrawalMatch {
  /// A withdrawn consent.
  struct Entry: Hashable {
    let subject: Int64
    let purpose: String
    let day: Int
  }

  /// What is to be noted again.
  private(set) var rows: [Entry] = []
  /// References that fit nobody, and subjects the log had no room to list.
  private(set) var unmatched = 0
  /// Places in the log of these.
  private(set) var unmatchedEntries: [Int] = []

  init(
    _ withdrawals: [LogSince.Withdrawal], _ vault: Vault, _ database: Database,
    leavingOut swept: Set<Int64>
  ) throws {
    guard !withdrawals.isEmpty else { return }
    let found = try Self.subjects(withdrawals, vault, database, leavingOut: swept)
    let store = RestoreStore(database: database)
    var known: Set<Entry> = []
    for withdrawal in withdrawals {
      let subjects = withdrawal.references.compactMap { found[$0] }
      for subject in subjects {
        for purpose in withdrawal.purposes {
          let key = Entry(subject: subject, purpose: purpose, day: 0)
          guard known.insert(key).inserted, try !store.hasWithdrawal(subject, purpose: purpose)
          else { continue }
          rows.append(Entry(subject: subject, purpose: purpose, day: withdrawal.day))
        }
      }
      let missing = withdrawal.references.count - subjects.count + withdrawal.notListed
      if missing > 0 { unmatchedEntries.append(withdrawal.sequence) }
      unmatched += missing
    }
  }

  /// The subjects behind the references.
  private static func subjects(
    _ withdrawals: [LogSince.Withdrawal], _ vault: Vault, _ database: Database,
    leavingOut swept: Set<Int64>
  ) throws -> [[UInt8]: Int64] {
    let wanted = Set(withdrawals.flatMap(\.references))
    // A month whose key is gone has no references that anybody could compute.
    let makers = try Set(withdrawals.map(\.epoch)).compactMap { epoch -> TokenMaker? in
      do {
        return try TokenMaker(.audit, epoch: epoch, vault: vault, createIfMissing: false)
      } catch let error as KeyringError where [.keyDestroyed, .unknownKey].contains(error.code) {
        return nil
      }
    }
    var found: [[UInt8]: Int64] = [:]
    var last: Int64 = -1
    while true {
      let rows = try SubjectStore(database: database).live(
        after: last, limit: Keyring.lendingBatchCount)
      guard let end = rows.last else { return found }
      last = end.leaf
      let staying = rows.filter { !swept.contains($0.leaf) }
      let opener = SubjectOpener(vault)
      try opener.preload(staying.map(\.keyLeaf))
      for row in staying {
        let subject = try opener.open(row)
        for maker in makers {
          let token = try maker.token(subject)
          if wanted.contains(token) { found[token] = row.leaf }
        }
      }
    }
  }
}

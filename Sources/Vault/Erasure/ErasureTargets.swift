internal import GRDB
internal import Keyring
internal import Sealing

/// What an erasure concerns, as it was written down with the request.
struct ErasureTargets {
  /// Subjects that are fenced, unlinked and swept.
  let subjects: [Int64]
  /// Leaves of the subject keys that die: those of the subjects, or older ones of others.
  let keys: [Int64]
  /// Buckets whose keys die.
  let buckets: [Bucket]

  init(subjects: [Int64], keys: [Int64], buckets: [Bucket]) {
    self.subjects = subjects
    self.keys = keys
    self.buckets = buckets
  }

  /// Reads what was written down.
  init(of erasure: ErasureProgress, _ database: Database) throws {
    let store = ErasureStore(database: database)
    subjects = try store.subjects(erasure.number)
    keys = try store.keys(erasure.number)
    buckets = try store.buckets(erasure.number)
  }

  /// Writes it down.
  func insert(for number: Int64, _ database: Database) throws {
    let store = ErasureStore(database: database)
    try store.add(subjects: subjects, to: number)
    try store.add(keys: keys, to: number)
    try store.add(buckets: buckets, to: number)
  }

  /// The keys in the keyring's words.
  var keyTargets: KeyTargets { KeyTargets(subjects: keys, buckets: buckets) }
}

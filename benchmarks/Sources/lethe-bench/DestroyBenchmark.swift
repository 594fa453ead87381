import Foundation
import Keyring
import Sealing
import Vault

/// Destruction of one key, with little and with much data sealed under it.
///
/// Its peer is what a store without keys has to do to the same rows: delete them.
struct DestroyBenchmark {
  private static let few = 10
  private static let repetitions = 9

  /// One kind of key with one amount of data.
  private struct Side {
    let name: String
    let rows: Int
    var key: [Double] = []
    var delete: [Double] = []
  }

  let place: Place
  let bucketEvents: Int
  let subjectEvents: Int

  func run() throws -> Findings {
    let vault = try place.makeVault()
    let buckets = try destroyBuckets(vault)
    let subjects = try destroySubjects(vault)
    return findings(buckets, subjects)
  }

  /// Many buckets with few rows, one bucket with many, in the middle of the others.
  private func destroyBuckets(_ vault: Vault) throws -> [Side] {
    let first = BenchClock.firstDay - Self.repetitions
    let days = Array(first...BenchClock.firstDay)
    for day in days {
      try vault.ingest(BenchSources.bought, count: Self.few) { number in
        BenchSources.event(day * Self.few + number, of: BenchSources.cookie(number), day: day)
      }
    }
    let store = try RecordFillStore(vault.layout)
    let largeDay = days[days.count / 2]
    try store.fill(bucket(largeDay), to: bucketEvents)
    var few = Side(name: "bucket", rows: Self.few)
    var many = Side(name: "bucket", rows: bucketEvents)
    for day in days {
      let rows = try store.records(in: bucket(day))
      guard rows == (day == largeDay ? bucketEvents : Self.few) else {
        throw BenchError(message: "a bucket has \(rows) rows")
      }
    }
    try store.settle()
    for day in days {
      let bucket = bucket(day)
      let seconds = try Stopwatch.seconds { _ = try vault.keyring.erase(buckets: [bucket]) }
      try requireDestroyed {
        try vault.keyring.withBucketKey(bucket, createIfMissing: false) { _ in }
      }
      if day == largeDay { many.key.append(seconds) } else { few.key.append(seconds) }
    }
    for day in days {
      let seconds = try Stopwatch.seconds { try store.delete(bucket(day)) }
      if day == largeDay { many.delete.append(seconds) } else { few.delete.append(seconds) }
    }
    return [few, many]
  }

  private func bucket(_ day: Int) -> Bucket {
    Bucket(retentionClass: BenchSources.audience.number, day: UInt32(day))
  }

  private func destroySubjects(_ vault: Vault) throws -> [Side] {
    var sides = [Self.few, subjectEvents].map { Side(name: "subject", rows: $0) }
    let store = try RecordFillStore(vault.layout)
    for (position, side) in sides.enumerated() {
      for repetition in 0..<Self.repetitions {
        let cookie = BenchSources.cookie(1000 * (position + 1) + repetition)
        try vault.ingest(BenchSources.visits, count: side.rows) {
          BenchSources.event($0, of: cookie, day: BenchClock.firstDay)
        }
      }
    }
    let visits = Bucket(retentionClass: BenchSources.visits.retentionClass.number, day: 0)
    let leaves = try sides.map { try store.subjects(in: visits, records: $0.rows) }
    guard leaves.allSatisfy({ $0.count == Self.repetitions }) else {
      throw BenchError(message: "the subjects do not have the records they should")
    }
    try store.settle()
    for repetition in 0..<Self.repetitions {
      for side in sides.indices {
        let leaf = leaves[side][repetition]
        sides[side].key.append(
          try Stopwatch.seconds { _ = try vault.keyring.erase(subjects: [leaf]) })
        try requireDestroyed { try vault.keyring.withSubjectKey(leaf) { _ in } }
      }
    }
    for side in sides.indices {
      sides[side].delete = try leaves[side].map { leaf in
        try Stopwatch.seconds { try store.delete(subject: leaf) }
      }
    }
    return sides
  }

  private func requireDestroyed(_ use: () throws -> Void) throws {
    do {
      try use()
    } catch let error as KeyringError where error.code == .keyDestroyed {
      return
    }
    throw BenchError(message: "a destroyed key is there still")
  }

  private func findings(_ buckets: [Side], _ subjects: [Side]) -> Findings {
    var findings = Findings()
    findings.tables = [
      Table(
        "Destroy one key, by what is sealed under it",
        columns: ["", "rows", "key, min", "median", "max", "delete the rows instead"],
        rows: (buckets + subjects).map { side in
          [side.name, "\(side.rows)"] + Format.spread(Sample(side.key))
            + [Format.seconds(Sample(side.delete).median)]
        },
        note: "the large bucket is one measurement, the others are \(Self.repetitions)")
    ]
    for side in buckets + subjects {
      let key = Sample(side.key).median
      let delete = Sample(side.delete).median
      findings.add("destroy.\(side.name).\(side.rows).key", key, "s")
      findings.add("destroy.\(side.name).\(side.rows).delete", delete, "s")
      findings.add("destroy.\(side.name).\(side.rows).ratio", delete / key, "1")
    }
    return findings
  }
}

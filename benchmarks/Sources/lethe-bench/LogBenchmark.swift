import Foundation
import GRDB
import Sealing
import Synchronization
import Transparency
import Vault

/// Events that are durable in the log, beside plain inserts of the very rows the log wrote.
struct LogBenchmark {
  private static let pairs = 3
  private static let batch = 1_000
  private static let threads = 64
  /// One writer alone waits for the disk with every event, so it gets fewer.
  private static let singleDivisor = 40

  let place: Place
  let events: Int

  func run() throws -> Findings {
    let vault = try place.makeVault()
    let maker = try EventMaker(vault)
    var findings = Findings()
    try batches(vault, maker, &findings)
    try singles(vault, maker, &findings)
    return findings
  }

  /// Batches of a thousand, as an import writes them.
  private func batches(_ vault: Vault, _ maker: EventMaker, _ findings: inout Findings) throws {
    var logged: [Double] = []
    var plain: [Double] = []
    // One store for all pairs: both sides grow alike.
    let store = try PlainLog(place.path("plain-log.sqlite"), shapedLike: vault.layout)
    for _ in 1...Self.pairs {
      let all = stride(from: 0, to: events, by: Self.batch).map { start in
        maker.events(min(Self.batch, events - start))
      }
      var first = 0
      logged.append(
        try Stopwatch.seconds {
          for (number, batch) in all.enumerated() {
            let range = try vault.record(batch)
            if number == 0 { first = range.lowerBound }
          }
        })
      let rows = try LogRows(vault.layout.vault, from: first, count: events)
      plain.append(try Stopwatch.seconds { try store.insert(rows, batch: Self.batch) })
    }
    findings.tables.append(
      rates(
        "Log: \(events) events in batches of \(Self.batch)", logged, plain, events, "log.batch",
        note: "plain: the same rows of all three tables, in the same transactions", &findings))
  }

  /// One event, one wait for the disk; alone, and by 64 threads at once.
  private func singles(_ vault: Vault, _ maker: EventMaker, _ findings: inout Findings) throws {
    let count = max(Self.threads, events / Self.singleDivisor / Self.threads * Self.threads)
    var alone: [Double] = []
    var together: [Double] = []
    var plain: [Double] = []
    let store = try PlainLog(place.path("plain-one.sqlite"), shapedLike: vault.layout)
    for _ in 1...Self.pairs {
      let all = maker.events(count)
      var first = 0
      alone.append(
        try Stopwatch.seconds {
          for (number, event) in all.enumerated() {
            let range = try vault.record([event])
            if number == 0 { first = range.lowerBound }
          }
        })
      let rows = try LogRows(vault.layout.vault, from: first, count: count)
      plain.append(try Stopwatch.seconds { try store.insert(rows, batch: 1) })
      let many = maker.events(count)
      together.append(
        try Stopwatch.seconds {
          try Crowd.run(threads: Self.threads) { thread in
            for number in stride(from: thread, to: count, by: Self.threads) {
              try vault.record([many[number]])
            }
          }
        })
    }
    findings.tables.append(
      rates(
        "Log: \(count) single events by one writer", alone, plain, count, "log.single",
        note: "plain: the same rows, one transaction an event", &findings))
    findings.tables.append(
      rates(
        "Log: \(count) single events by \(Self.threads) threads", together, plain, count,
        "log.concurrent", note: "plain: as above, one writer alone", &findings))
  }

  private func rates(
    _ title: String, _ logged: [Double], _ plain: [Double], _ count: Int, _ name: String,
    note: String, _ findings: inout Findings
  ) -> Table {
    let ratios = zip(logged, plain).map { $1 / $0 }
    let (count, ratio) = (Double(count), Sample(ratios).median)
    var rows = ratios.indices.map { pair in
      [
        "pair \(pair + 1)", Format.rate(count / plain[pair]), Format.rate(count / logged[pair]),
        Format.number(ratios[pair], digits: 2),
      ]
    }
    let (plainRate, rate) = (count / Sample(plain).median, count / Sample(logged).median)
    rows.append(
      ["median", Format.rate(plainRate), Format.rate(rate), Format.number(ratio, digits: 2)])
    findings.add("\(name).plain", plainRate, "events/s")
    findings.add("\(name).logged", rate, "events/s")
    findings.add("\(name).ratio", ratio, "1")
    return Table(title, columns: ["", "plain", "log", "log : plain"], rows: rows, note: note)
  }
}

/// Makes disclosure events of the usual size, about 400 bytes, with one reference each.
struct EventMaker {
  private let actor: String
  private let details: [(key: String, value: CanonicalJSON)]
  private let random = SystemRandom()

  init(_ vault: Vault) throws {
    actor = try vault.actor("dana")
    details = [
      ("policy_set", .string(vault.policy.digest.hexadecimal)),
      ("purpose", .string("subject_rights")), ("case", .string("BENCH-1")),
      ("decision", .string("allow")), ("policies", .array([.string("dpo-subject-rights")])),
      ("fields", .object(try JSONObject([("shop.email", .string("plain"))]))),
    ]
  }

  func events(_ count: Int) -> [AuditEvent] {
    (0..<count).map { _ in
      AuditEvent(
        .fieldDisclosed, actor: actor, subjects: [(try? random.bytes(count: 16)) ?? []],
        details: details)
    }
  }
}

/// The rows that some events of a log are made of.
struct LogRows {
  let entries: [(sequence: Int, entry: Data)]
  let nodes: [[(position: Int, hash: Data)]]
  let references: [[Data]]

  init(_ path: String, from first: Int, count: Int) throws {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    (entries, nodes, references) = try queue.read { database in
      let range = first..<first + count
      let entries = try Row.fetchAll(
        database, sql: "SELECT seq, entry FROM audit_entry WHERE seq >= ? AND seq < ? ORDER BY seq",
        arguments: [range.lowerBound, range.upperBound]
      ).map { row in (sequence: row["seq"] as Int, entry: row["entry"] as Data) }
      let nodes = try range.map { sequence in
        let position = StoredHashIndex.index(level: 0, offset: sequence)
        let next = StoredHashIndex.index(level: 0, offset: sequence + 1)
        return try Row.fetchAll(
          database,
          sql: "SELECT position, hash FROM audit_node WHERE position >= ? AND position < ?",
          arguments: [position, next]
        ).map { row in (position: row["position"] as Int, hash: row["hash"] as Data) }
      }
      let references = try Row.fetchAll(
        database, sql: "SELECT reference, seq FROM audit_subject WHERE seq >= ? AND seq < ?",
        arguments: [range.lowerBound, range.upperBound])
      var lists: [[Data]] = Array(repeating: [], count: count)
      for row in references { lists[(row["seq"] as Int) - first].append(row["reference"]) }
      return (entries, nodes, lists)
    }
  }
}

/// The baseline: the log's tables and settings, without encoding, hashing and checks.
final class PlainLog {
  private let queue: DatabaseQueue

  init(_ path: String, shapedLike layout: VaultLayout) throws {
    queue = try PlainStore.open(path, shapedLike: layout.vault)
  }

  func insert(_ rows: LogRows, batch: Int) throws {
    for start in stride(from: 0, to: rows.entries.count, by: batch) {
      try queue.write { database in
        let entry = try database.cachedStatement(
          sql: "INSERT INTO audit_entry (seq, entry) VALUES (?, ?)")
        let node = try database.cachedStatement(
          sql: "INSERT INTO audit_node (position, hash) VALUES (?, ?)")
        let refer = try database.cachedStatement(
          sql: "INSERT INTO audit_subject (reference, seq) VALUES (?, ?)")
        for index in start..<min(start + batch, rows.entries.count) {
          let item = rows.entries[index]
          try entry.execute(arguments: [item.sequence, item.entry])
          for item in rows.nodes[index] {
            try node.execute(arguments: [item.position, item.hash])
          }
          for reference in rows.references[index] {
            try refer.execute(arguments: [reference, item.sequence])
          }
        }
      }
    }
  }
}

/// Threads of their own, for what blocks.
enum Crowd {
  /// Runs a body on as many threads and waits for all.
  ///
  /// - Throws: The first error of any of them.
  static func run(threads: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let done = DispatchSemaphore(value: 0)
    let failure = Mutex<(any Error)?>(nil)
    for number in 0..<threads {
      let thread = Thread {
        do { try body(number) } catch { failure.withLock { $0 = $0 ?? error } }
        done.signal()
      }
      thread.start()
    }
    for _ in 0..<threads { done.wait() }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}

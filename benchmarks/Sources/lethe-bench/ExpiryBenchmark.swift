import Foundation
import Keyring
import Sealing
import Vault

/// Expiry of third-party events by the keys of their days.
struct ExpiryBenchmark {
  /// Days the events are spread over; all of them are due at once.
  private static let days = 10
  /// One cookie in so many was seen again lately and stays, without its old events.
  private static let stayingShare = 10
  /// A prime, so that every cookie comes once before one comes again.
  private static let step = 7919
  private static let shift = 1237

  let place: Place
  let events: Int
  let cookies: Int

  func run() throws -> Findings {
    let vault = try place.makeVault()
    let clock = place.clock
    let start = clock.milliseconds / VaultClock.millisecondsPerDay
    try vault.ingest(BenchSources.bought, count: events) { number in
      let day = number * Self.days / events
      return BenchSources.event(
        number, of: BenchSources.cookie(cookie(number, on: day)),
        day: Int(start) - Self.days + day)
    }
    clock.advance(days: 30)
    let staying = cookies / Self.stayingShare
    try vault.ingest(BenchSources.bought, count: staying) { number in
      BenchSources.event(
        events + number, of: BenchSources.cookie(number * Self.stayingShare), day: Int(start) + 30)
    }
    let (plan, planned) = try Stopwatch.measured {
      try vault.planExpiry([BenchSources.audience], .service)
    }
    guard plan.records == events, plan.subjects.count == cookies - staying else {
      throw BenchError(message: "the plan has \(plan.records) of \(events) records")
    }
    let begun = clock.milliseconds
    let (outcome, applied) = try Stopwatch.measured {
      try vault.expire(plan, confirming: plan.digest, reference: "bench", .service)
    }
    guard outcome.facts.sweptRecords == events else {
      throw BenchError(message: "\(outcome.facts.sweptRecords) of \(events) events were swept")
    }
    let unreadable = Double(outcome.facts.finalMilliseconds - begun) / 1000
    return findings(
      planned, unreadable, applied - unreadable, try keySeconds(buckets: Self.days),
      plan.subjects.count)
  }

  /// Data arrives day by day, and every day the cookies come in another order.
  private func cookie(_ number: Int, on day: Int) -> Int {
    (number * Self.step + day * Self.shift) % cookies
  }

  /// Seconds that destroying keys takes alone: of the buckets, and of the subjects with nothing
  /// left.
  private func keySeconds(buckets count: Int) throws -> (buckets: Double, both: Double) {
    let keyring = try place.makeVault().keyring
    let subjects = cookies - cookies / Self.stayingShare
    var leaves: [Int64] = []
    while leaves.count < subjects {
      leaves += try keyring.createSubjectKeys(
        count: min(Keyring.maximumCreateCount, subjects - leaves.count))
    }
    let buckets = (1...2 * count).map { Bucket(retentionClass: 2, day: UInt32($0)) }
    try keyring.createBucketKeys(Set(buckets))
    let alone = try Stopwatch.seconds {
      _ = try keyring.erase(buckets: Array(buckets.prefix(count)))
    }
    let both = try Stopwatch.seconds {
      _ = try keyring.erase(subjects: leaves, buckets: Array(buckets.suffix(count)))
    }
    return (alone, both)
  }

  private func findings(
    _ planned: Double, _ unreadable: Double, _ swept: Double,
    _ keys: (buckets: Double, both: Double), _ gone: Int
  ) -> Findings {
    let rows = [
      ("plan", planned), ("apply until unreadable", unreadable), ("physical sweep", swept),
      ("together", planned + unreadable + swept),
      ("key store alone: \(Self.days) day keys", keys.buckets),
      ("key store alone: with \(gone) subject keys", keys.both),
    ]
    var findings = Findings(tables: [
      Table(
        "Expiry: \(events) third-party events of \(cookies) cookies on \(Self.days) days",
        columns: ["", "time"], rows: rows.map { [$0.0, Format.seconds($0.1)] },
        note: "\(gone) cookies have nothing left and lose their own keys too")
    ])
    findings.add("expiry.plan", planned, "s")
    findings.add("expiry.unreadable", unreadable, "s")
    findings.add("expiry.sweep", swept, "s")
    findings.add("expiry.day_keys", keys.buckets, "s")
    findings.add("expiry.day_and_subject_keys", keys.both, "s")
    return findings
  }
}

internal import Sealing
internal import Transparency
internal import Vault

extension LogSearch {
  /// Searches the log for what is unusual.
  ///
  /// - Parameters:
  ///   - rules: What counts as unusual, and when.
  ///   - progress: Told how far the scan has come.
  /// - Returns: The findings.
  /// - Throws: ``AuditingError``; `VaultError` `.denied`, `.integrity`, `.storage`.
  public func anomalies(
    _ rules: AnomalyRules, progress: Progress = { _, _ in }
  ) throws -> AnomalyReport {
    var finder = try AnomalyFinder(rules)
    let reader = try vault.openLog(
      for: .analysis, requester,
      details: [
        ("rules", .string(try rules.digest.hexadecimal)),
        ("from_ms", .integer(rules.fromMilliseconds)), ("to_ms", .integer(rules.toMilliseconds)),
      ])
    var done = 0
    try reader.forEachBatch { batch in
      for entry in batch { try finder.add(entry) }
      done += batch.count
      progress(done, reader.range.count)
      return true
    }
    let watch = try reader.honeytokens()
    return AnomalyReport(
      findings: finder.findings() + (try touches(watch, rules, reader)),
      honeytokens: watch.touches.count, lostHoneytokens: watch.lost, entries: finder.entries,
      treeSize: reader.treeSize, firstKept: reader.firstKept, reading: reader.reading,
      operators: try reader.operators())
  }

  /// One finding for every operator and planted person; which person it is, is not said.
  private func touches(
    _ watch: HoneytokenWatch, _ rules: AnomalyRules, _ reader: LogReader
  ) throws -> [Anomaly] {
    var findings: [Anomaly] = []
    for plant in watch.touches {
      var acts: [String: [Anomaly.Act]] = [:]
      for entry in try reader.entries(at: plant.sequences) {
        let event = try LoggedEvent(entry)
        let start = max(plant.sinceMilliseconds, rules.fromMilliseconds)
        guard event.milliseconds >= start, event.milliseconds < rules.toMilliseconds else {
          continue
        }
        acts[event.actor, default: []].append(
          Anomaly.Act(sequence: entry.sequence, milliseconds: event.milliseconds))
      }
      findings += acts.map { Anomaly(.honeytoken, $0.key, $0.value) }
    }
    return findings.sorted {
      ($0.actor, $0.entries.first ?? 0) < ($1.actor, $1.entries.first ?? 0)
    }
  }
}

internal import Vault

/// Collects the events of a period and its baseline, and says what is unusual.
struct AnomalyFinder {
  private typealias Act = Anomaly.Act

  /// Looks of one operator on one day.
  private struct Day {
    var count = 0
    var isLookedAt = false
    var acts: [Act] = []
  }

  private let rules: AnomalyRules
  private var looks: [String: [Int: Day]] = [:]
  private var late: [String: [Int: [Act]]] = [:]
  private var denials: [String: [Act]] = [:]
  /// Entries taken in.
  private(set) var entries = 0

  private static let lookTypes = AnomalyRules.lookTypes.map { Array($0.utf8) }

  init(_ rules: AnomalyRules) throws {
    try rules.check()
    self.rules = rules
  }

  /// Takes an entry in.
  mutating func add(_ entry: LogEntry) throws {
    guard let event = EventBytes(entry.bytes), let time = event.number(.time),
      let type = event.text(.type)
    else {
      throw AuditingError(
        .malformedEntry, "log entry \(entry.sequence) is no event; verify the log")
    }
    guard time >= rules.baselineStart, time < rules.toMilliseconds else { return }
    entries += 1
    let actor = event.text(.actor).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let act = Act(sequence: entry.sequence, milliseconds: time)
    let isInPeriod = time >= rules.fromMilliseconds
    if isInPeriod, LogMatcher.decision(event, type) == .deny {
      denials[actor, default: []].append(act)
    }
    guard !rules.exceptedActors.contains(actor) else { return }
    let day = rules.day(time)
    if isInPeriod, rules.isOutOfHours(time) {
      late[actor, default: [:]][day, default: []].append(act)
    }
    guard Self.lookTypes.contains(where: { type.elementsEqual($0) }) else { return }
    looks[actor, default: [:]][day, default: Day()].count += 1
    if isInPeriod { looks[actor, default: [:]][day, default: Day()].isLookedAt = true }
    if looks[actor]?[day]?.acts.count ?? 0 < Anomaly.entriesMaximum {
      looks[actor, default: [:]][day, default: Day()].acts.append(act)
    }
  }

  /// What is unusual.
  func findings() -> [Anomaly] { volumes() + outOfHours() + bursts() }

  private func volumes() -> [Anomaly] {
    looks.sorted { $0.key < $1.key }.flatMap { actor, days in
      days.sorted { $0.key < $1.key }.compactMap { day, look in
        look.isLookedAt ? volume(actor, day, look, days) : nil
      }
    }
  }

  private func volume(
    _ actor: String, _ day: Int, _ look: Day, _ days: [Int: Day]
  ) -> Anomaly? {
    let before = (day - AnomalyRules.baselineDays..<day).compactMap { days[$0]?.count }
    guard before.count >= rules.baselineDaysMinimum else {
      return look.count >= rules.newcomerVolume
        ? Anomaly(
          .newcomerVolume, actor, look.acts, count: look.count, threshold: rules.newcomerVolume)
        : nil
    }
    let median = Self.median(before)
    let deviation = Self.median(before.map { abs($0 - median) })
    let threshold = max(
      rules.volumeMinimum, median + rules.deviationFactor * max(deviation, 1) + 1)
    return look.count >= threshold
      ? Anomaly(.volume, actor, look.acts, count: look.count, threshold: threshold) : nil
  }

  /// The middle number, or the lower of the two in the middle: a whole number always.
  static func median(_ numbers: [Int]) -> Int {
    numbers.isEmpty ? 0 : numbers.sorted()[(numbers.count - 1) / 2]
  }

  private func outOfHours() -> [Anomaly] {
    late.sorted { $0.key < $1.key }.flatMap { actor, days in
      days.sorted { $0.key < $1.key }.map { Anomaly(.outOfHours, actor, $0.value) }
    }
  }

  /// Events that lie with enough others within one window, joined where windows touch.
  private func bursts() -> [Anomaly] {
    let window = Int64(rules.denialMinutes) * 60_000
    return denials.sorted { $0.key < $1.key }.flatMap { actor, acts in
      let ordered = acts.sorted {
        ($0.milliseconds, $0.sequence) < ($1.milliseconds, $1.sequence)
      }
      var groups: [[Act]] = []
      var taken = 0
      for end in ordered.indices where end >= rules.denialsMinimum - 1 {
        let start = end - rules.denialsMinimum + 1
        guard ordered[end].milliseconds - ordered[start].milliseconds <= window else { continue }
        if start < taken, let last = groups.indices.last {
          groups[last] += ordered[taken...end]
        } else {
          groups.append(Array(ordered[start...end]))
        }
        taken = end + 1
      }
      return groups.map { Anomaly(.denials, actor, $0, threshold: rules.denialsMinimum) }
    }
  }
}

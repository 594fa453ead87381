internal import Transparency
internal import Vault

/// Draws a sample from the entries it is shown.
struct SampleDraw {
  /// Most entries of a population.
  static let populationMaximum = 20_000_000

  private struct Candidate {
    let sequence: Int
    /// The first 16 bytes of the rank; a tie there is settled by the place in the log.
    let rank: (UInt64, UInt64)
  }

  private let plan: SamplePlan
  private var strata: [String: [Candidate]] = [:]
  /// Entries shown.
  private(set) var population = 0

  init(_ plan: SamplePlan) {
    self.plan = plan
  }

  /// Shows an entry.
  mutating func add(_ entry: LogEntry) throws {
    try add(entry.sequence, entry.leafHash, key: try key(entry))
  }

  private mutating func add(_ sequence: Int, _ leafHash: TreeHash, key: String) throws {
    guard population < Self.populationMaximum else {
      throw AuditingError(
        .limit, "more than \(Self.populationMaximum) entries to draw from; narrow the query")
    }
    let rank = plan.rank(leafHash)
    let candidate = Candidate(
      sequence: sequence, rank: (Self.number(rank[0..<8]), Self.number(rank[8..<16])))
    strata[key, default: []].append(candidate)
    population += 1
  }

  /// The places drawn, in order, and how they are spread.
  func drawn() -> (sequences: [Int], strata: [SampleStratum]) {
    let keys = strata.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let shares = SampleQuota.shares(keys.map { strata[$0]?.count ?? 0 }, size: plan.size)
    var sequences: [Int] = []
    var table: [SampleStratum] = []
    for (key, share) in zip(keys, shares) {
      let candidates = strata[key] ?? []
      let ordered = candidates.sorted {
        ($0.rank.0, $0.rank.1, $0.sequence) < ($1.rank.0, $1.rank.1, $1.sequence)
      }
      sequences += ordered.prefix(share).map(\.sequence)
      table.append(SampleStratum(key: key, population: candidates.count, drawn: share))
    }
    return (sequences.sorted(), table)
  }

  private func key(_ entry: LogEntry) throws -> String {
    guard plan.strata != .none else { return "" }
    guard let event = EventBytes(entry.bytes), let time = event.number(.time),
      let type = event.text(.type)
    else {
      throw AuditingError(
        .malformedEntry, "log entry \(entry.sequence) is no event; verify the log")
    }
    switch plan.strata {
    case .none: return ""
    case .type: return String(decoding: type, as: UTF8.self)
    case .actor: return event.text(.actor).map { String(decoding: $0, as: UTF8.self) } ?? ""
    case .day: return CivilDate(day: CivilDate.day(ofMilliseconds: time)).text
    case .decision: return LogMatcher.decision(event, type)?.rawValue ?? ""
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}

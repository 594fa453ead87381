/// Joins subjects that share an exact identifier, within limits that keep strangers apart.
///
/// Kinds are worked off in the order of the rules, the most trustworthy first. Values of too many
/// subjects are set aside. A link is refused when the joined person would have more values of any
/// kind than its rule allows, and a weak kind cannot join two persons who each have a stronger
/// identifier: had they shared it, they would be one already. The result depends neither on the
/// order of the evidence nor on the values of the tokens, which are new in every run.
public struct DeterministicLinker: Sendable {
  private let rules: [IdentifierRule]
  private let limits: [UInt16: Int]
  private let strongKinds: Set<UInt16>

  /// Creates a linker.
  ///
  /// - Parameter rules: In order of trust; kinds without a rule are not used.
  public init(rules: [IdentifierRule]) {
    self.rules = rules
    limits = Dictionary(
      rules.map { ($0.kind, $0.valuesPerPersonMaximum) }, uniquingKeysWith: { first, _ in first })
    strongKinds = Set(rules.filter { !$0.isWeak }.map(\.kind))
  }

  /// Finds the persons.
  ///
  /// - Parameters:
  ///   - subjectCount: Number of subjects; evidence names them by index.
  ///   - evidence: In any order, with repetitions.
  /// - Returns: For each subject the index of its person's first subject, and the counts.
  /// - Complexity: O(n log n) in the evidence.
  public func link(
    subjectCount: Int, evidence: [IdentifierEvidence]
  ) -> (persons: [Int], counts: LinkageCounts) {
    var state = LinkageState(subjectCount: subjectCount, evidence: evidence, limits: limits)
    var counts = LinkageCounts()
    for rule in rules {
      let sorted = evidence.filter { $0.kind == rule.kind }.sorted {
        ($0.token, $0.subject) < ($1.token, $1.subject)
      }
      // By subjects, not by token: tokens are new in every run, and limits make the order matter.
      for subjects in groups(sorted).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        guard subjects.count <= rule.subjectsPerValueMaximum else {
          counts.hubValues[rule.kind, default: 0] += 1
          continue
        }
        for subject in subjects.dropFirst() {
          join(subjects[0], subject, rule, &state, &counts)
        }
      }
    }
    return finish(&state, counts)
  }

  private func join(
    _ first: Int, _ second: Int, _ rule: IdentifierRule, _ state: inout LinkageState,
    _ counts: inout LinkageCounts
  ) {
    let (left, right) = (state.sets.root(of: first), state.sets.root(of: second))
    guard left != right else { return }
    if rule.isWeak && state.has(strongKinds, left) && state.has(strongKinds, right) {
      counts.refusedAsWeak[rule.kind, default: 0] += 1
    } else if let merged = state.merge(left, right) {
      state.join(left, right, values: merged)
      counts.links[rule.kind, default: 0] += 1
    } else {
      counts.refusedByLimit[rule.kind, default: 0] += 1
    }
  }

  /// The distinct subjects of each token with at least two.
  private func groups(_ sorted: [IdentifierEvidence]) -> [[Int]] {
    var groups: [[Int]] = []
    var start = 0
    while start < sorted.count {
      var subjects = [sorted[start].subject]
      var end = start + 1
      while end < sorted.count, sorted[end].token == sorted[start].token {
        if sorted[end].subject != subjects.last { subjects.append(sorted[end].subject) }
        end += 1
      }
      if subjects.count > 1 { groups.append(subjects) }
      start = end
    }
    return groups
  }

  private func finish(
    _ state: inout LinkageState, _ counts: LinkageCounts
  ) -> (persons: [Int], counts: LinkageCounts) {
    var counts = counts
    var firsts: [Int: Int] = [:]
    var persons: [Int] = []
    persons.reserveCapacity(state.sets.count)
    for subject in 0..<state.sets.count {
      let root = state.sets.root(of: subject)
      if firsts[root] == nil { firsts[root] = subject }
      persons.append(firsts[root] ?? subject)
    }
    counts.persons = firsts.count
    return (persons, counts)
  }
}

/// The growing persons: their subjects, and their values by kind.
private struct LinkageState {
  var sets: UnionFind
  private let limits: [UInt16: Int]
  private var values: [[UInt16: Set<UInt64>]]

  init(subjectCount: Int, evidence: [IdentifierEvidence], limits: [UInt16: Int]) {
    sets = UnionFind(count: subjectCount)
    self.limits = limits
    values = Array(repeating: [:], count: subjectCount)
    for item in evidence { values[item.subject][item.kind, default: []].insert(item.token) }
  }

  func has(_ kinds: Set<UInt16>, _ root: Int) -> Bool {
    values[root].keys.contains { kinds.contains($0) }
  }

  /// The values of two persons together; nil when they are too many.
  func merge(_ left: Int, _ right: Int) -> [UInt16: Set<UInt64>]? {
    let merged = values[left].merging(values[right]) { $0.union($1) }
    let isWithin = merged.allSatisfy { kind, tokens in tokens.count <= limits[kind] ?? .max }
    return isWithin ? merged : nil
  }

  mutating func join(_ left: Int, _ right: Int, values merged: [UInt16: Set<UInt64>]) {
    guard let joined = sets.union(left, right) else { return }
    values[joined.kept] = merged
    values[joined.absorbed] = [:]
  }
}

import Linkage
import Testing

/// Kinds of the tests: a strong one, a second strong one, a weak one.
private enum Kind {
  static let number: UInt16 = 3
  static let email: UInt16 = 1
  static let phone: UInt16 = 2
}

private let rules = [
  IdentifierRule(
    kind: Kind.number, subjectsPerValueMaximum: 10, valuesPerPersonMaximum: 2, isWeak: false),
  IdentifierRule(
    kind: Kind.email, subjectsPerValueMaximum: 4, valuesPerPersonMaximum: 3, isWeak: false),
  IdentifierRule(
    kind: Kind.phone, subjectsPerValueMaximum: 3, valuesPerPersonMaximum: 2, isWeak: true),
]

private func link(_ count: Int, _ evidence: [(Int, UInt16, UInt64)]) -> (
  persons: [Int], counts: LinkageCounts
) {
  DeterministicLinker(rules: rules).link(
    subjectCount: count,
    evidence: evidence.map { IdentifierEvidence(subject: $0.0, kind: $0.1, token: $0.2) })
}

@Suite struct DeterministicLinkerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let subjects: Int
    let evidence: [(Int, UInt16, UInt64)]
    let persons: [Int]
  }

  static let cases = [
    Case(testDescription: "nobody", subjects: 0, evidence: [], persons: []),
    Case(testDescription: "no evidence", subjects: 3, evidence: [], persons: [0, 1, 2]),
    Case(
      testDescription: "a shared e-mail joins", subjects: 3,
      evidence: [(0, Kind.email, 7), (2, Kind.email, 7)], persons: [0, 1, 0]),
    Case(
      testDescription: "a chain over two kinds joins", subjects: 3,
      evidence: [(0, Kind.email, 7), (1, Kind.email, 7), (1, Kind.number, 9), (2, Kind.number, 9)],
      persons: [0, 0, 0]),
    Case(
      testDescription: "equal tokens of two kinds are not equal values", subjects: 2,
      evidence: [(0, Kind.email, 7), (1, Kind.number, 7)], persons: [0, 1]),
    Case(
      testDescription: "a repeated line is one line", subjects: 2,
      evidence: [(0, Kind.email, 7), (0, Kind.email, 7)], persons: [0, 1]),
    Case(
      testDescription: "a kind without rule joins nobody", subjects: 2,
      evidence: [(0, 77, 7), (1, 77, 7)], persons: [0, 1]),
    Case(
      testDescription: "a value at the limit joins", subjects: 4,
      evidence: (0..<4).map { ($0, Kind.email, 7) }, persons: [0, 0, 0, 0]),
    Case(
      testDescription: "a value above the limit is a hub", subjects: 5,
      evidence: (0..<5).map { ($0, Kind.email, 7) }, persons: [0, 1, 2, 3, 4]),
    Case(
      testDescription: "a phone joins two that have nothing else", subjects: 2,
      evidence: [(0, Kind.phone, 7), (1, Kind.phone, 7)], persons: [0, 0]),
    Case(
      testDescription: "a phone joins one that has nothing else", subjects: 2,
      evidence: [(0, Kind.phone, 7), (1, Kind.phone, 7), (0, Kind.email, 8)], persons: [0, 0]),
    Case(
      testDescription: "a phone does not join two with e-mails of their own", subjects: 2,
      evidence: [(0, Kind.phone, 7), (1, Kind.phone, 7), (0, Kind.email, 8), (1, Kind.email, 9)],
      persons: [0, 1]),
    Case(
      testDescription: "values up to the limit of a person", subjects: 3,
      evidence: [
        (0, Kind.number, 1), (1, Kind.number, 2), (0, Kind.email, 7), (1, Kind.email, 7),
      ], persons: [0, 0, 2]),
    Case(
      testDescription: "a link that gives a person too many values is refused", subjects: 3,
      evidence: [
        (0, Kind.number, 1), (1, Kind.number, 2), (2, Kind.number, 3), (0, Kind.email, 7),
        (1, Kind.email, 7), (2, Kind.email, 7),
      ], persons: [0, 0, 2]),
  ]

  @Test(arguments: cases) func links(_ expected: Case) {
    let linked = link(expected.subjects, expected.evidence)
    #expect(linked.persons == expected.persons)
    #expect(linked.counts.persons == Set(expected.persons).count)
  }

  @Test func decisionsAreCounted() {
    let hub = link(5, (0..<5).map { ($0, Kind.email, 7) })
    #expect(hub.counts.hubValues == [Kind.email: 1])
    #expect(hub.counts.links.isEmpty)
    let weak = link(
      2, [(0, Kind.phone, 7), (1, Kind.phone, 7), (0, Kind.email, 8), (1, Kind.email, 9)])
    #expect(weak.counts.refusedAsWeak == [Kind.phone: 1])
    let full = link(
      3,
      [(0, Kind.number, 1), (1, Kind.number, 2), (2, Kind.number, 3)]
        + (0..<3).map { ($0, Kind.email, 7) })
    #expect(full.counts.refusedByLimit == [Kind.email: 1])
    #expect(full.counts.links == [Kind.email: 1])
  }

  /// Crowded on purpose: few values for many subjects, so that every limit is met.
  static func crowd(_ numbers: inout Numbers) -> [IdentifierEvidence] {
    (0..<60).map { _ in
      IdentifierEvidence(
        subject: numbers.below(25), kind: [Kind.number, Kind.email, Kind.phone][numbers.below(3)],
        token: UInt64(numbers.below(18)))
    }
  }

  @Test(arguments: 1...40) func theOrderOfTheEvidenceDoesNotMatter(seed: UInt64) throws {
    var numbers = try Numbers(seed: seed)
    let evidence = Self.crowd(&numbers)
    let linker = DeterministicLinker(rules: rules)
    let first = linker.link(subjectCount: 25, evidence: evidence)
    for _ in 0..<5 {
      let again = linker.link(subjectCount: 25, evidence: numbers.shuffled(evidence))
      #expect(again.persons == first.persons)
      #expect(again.counts == first.counts)
    }
  }

  /// Tokens are keyed by a key of the run, so another run has other tokens in another order; if
  /// that mattered, a second unification would move people about.
  @Test(arguments: 1...40) func theValuesOfTheTokensDoNotMatter(seed: UInt64) throws {
    var numbers = try Numbers(seed: seed)
    let evidence = Self.crowd(&numbers)
    let linker = DeterministicLinker(rules: rules)
    let first = linker.link(subjectCount: 25, evidence: evidence)
    for _ in 0..<5 {
      let names = numbers.shuffled((0..<18).map { UInt64($0) * 7_919 })
      let renamed = evidence.map {
        IdentifierEvidence(subject: $0.subject, kind: $0.kind, token: names[Int($0.token)])
      }
      #expect(linker.link(subjectCount: 25, evidence: renamed).persons == first.persons)
    }
  }

  @Test(arguments: 1...40) func noPersonExceedsALimit(seed: UInt64) throws {
    var numbers = try Numbers(seed: seed)
    let evidence = Self.crowd(&numbers)
    let linked = DeterministicLinker(rules: rules).link(subjectCount: 25, evidence: evidence)
    let ownMaximum = Dictionary(grouping: evidence, by: \.subject).mapValues { lines in
      Dictionary(grouping: lines, by: \.kind).mapValues { Set($0.map(\.token)).count }
    }
    for person in Set(linked.persons) {
      let members = linked.persons.indices.filter { linked.persons[$0] == person }
      guard members.count > 1 else { continue }
      for rule in rules {
        let values = Set(
          evidence.filter { members.contains($0.subject) && $0.kind == rule.kind }.map(\.token))
        let alone = members.map { ownMaximum[$0]?[rule.kind] ?? 0 }.max() ?? 0
        #expect(values.count <= max(rule.valuesPerPersonMaximum, alone))
      }
    }
  }
}

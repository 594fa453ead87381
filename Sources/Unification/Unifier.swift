public import Linkage
public import Vault

/// What a unification found.
public struct UnificationReport: Sendable {
  /// Live subjects.
  public let subjects: Int
  /// Persons before.
  public let personsBefore: Int
  /// Persons after.
  public let persons: Int
  /// Subjects that changed their person.
  public let moved: Int
  /// Links by kind of identifier.
  public let links: [(kind: IdentifierKind, count: Int)]
  /// Values set aside because too many subjects share them, by kind.
  public let hubValues: [(kind: IdentifierKind, count: Int)]
  /// Links refused because of a limit or because something stronger tells the two apart.
  public let refused: Int
}

/// Finds the persons behind the subjects of a vault from ephemeral tokens alone.
///
/// It never sees an identifier: the vault hands out tokens keyed by a key that is gone after the
/// run. Persons are recomputed whole each time, so removing what linked two people separates them
/// again.
public struct Unifier: Sendable {
  /// Most subjects of one run.
  public static let maximumSubjects = 20_000_000

  /// The rules in order of trust.
  ///
  /// A customer number or national id of three records is a duplicate, of twenty a placeholder;
  /// nobody has more than five e-mails (as Segment's default limits say); a phone is shared by
  /// households.
  public static let rules: [(kind: IdentifierKind, rule: IdentifierRule)] = [
    make(.nationalID, perValue: 12, perPerson: 3),
    make(.customerNumber, perValue: 200, perPerson: 5),
    make(.cookie, perValue: 50, perPerson: 20),
    make(.email, perValue: 12, perPerson: 5),
    make(.phone, perValue: 8, perPerson: 5, isWeak: true),
  ]

  private let vault: Vault

  /// Creates a unifier over a vault.
  public init(_ vault: Vault) {
    self.vault = vault
  }

  /// Recomputes the persons and records them.
  ///
  /// - Throws: `VaultError` `.denied`, `.indexMissing`, `.limit`.
  public func run(_ requester: Requester) throws -> UnificationReport {
    var subjects: [LinkageSubject] = []
    try vault.forEachLinkageSubject(requester) { subject in
      guard subjects.count < Self.maximumSubjects else {
        throw VaultError(
          .limit, "more than \(Self.maximumSubjects) subjects; unify on a larger engine")
      }
      subjects.append(subject)
    }
    let indices = Dictionary(
      uniqueKeysWithValues: subjects.enumerated().map { ($0.element.subject, $0.offset) })
    var evidence: [IdentifierEvidence] = []
    try vault.forEachLinkageEvidence(requester) { item in
      guard let index = indices[item.subject] else { return }
      evidence.append(
        IdentifierEvidence(subject: index, kind: item.kind.number, token: item.token))
    }
    let linked = DeterministicLinker(rules: Self.rules.map(\.rule)).link(
      subjectCount: subjects.count, evidence: evidence)
    let anchors = anchors(subjects, linked.persons)
    let changed = subjects.indices.compactMap { index -> (subject: Int64, person: Int64)? in
      let anchor = anchors[linked.persons[index]] ?? subjects[index].subject
      return subjects[index].person == anchor ? nil : (subjects[index].subject, anchor)
    }
    let before = Set(subjects.map(\.person)).count
    let moved = try vault.assign(
      changed,
      UnificationCounts(
        subjects: subjects.count, personsBefore: before, persons: linked.counts.persons),
      requester)
    return report(subjects.count, before, moved, linked.counts)
  }

  /// The subject that names each person: the oldest of the controller's own profiles, so that the
  /// person's tokens outlive third-party data; by index of the person's first subject.
  private func anchors(_ subjects: [LinkageSubject], _ persons: [Int]) -> [Int: Int64] {
    var best: [Int: LinkageSubject] = [:]
    for (index, subject) in subjects.enumerated() {
      guard let known = best[persons[index]] else {
        best[persons[index]] = subject
        continue
      }
      if rank(subject) < rank(known) { best[persons[index]] = subject }
    }
    return best.mapValues(\.subject)
  }

  private func rank(_ subject: LinkageSubject) -> (Int, Int64) {
    ((subject.isFirstParty ? 0 : 2) + (subject.isProfile ? 0 : 1), subject.subject)
  }

  private func report(
    _ subjects: Int, _ before: Int, _ moved: Int, _ counts: LinkageCounts
  ) -> UnificationReport {
    func byKind(_ numbers: [UInt16: Int]) -> [(kind: IdentifierKind, count: Int)] {
      Self.rules.compactMap { kind, _ in numbers[kind.number].map { (kind, $0) } }
    }
    let refused =
      counts.refusedByLimit.values.reduce(0, +) + counts.refusedAsWeak.values.reduce(0, +)
    return UnificationReport(
      subjects: subjects, personsBefore: before, persons: counts.persons, moved: moved,
      links: byKind(counts.links), hubValues: byKind(counts.hubValues), refused: refused)
  }

  private static func make(
    _ kind: IdentifierKind, perValue: Int, perPerson: Int, isWeak: Bool = false
  ) -> (kind: IdentifierKind, rule: IdentifierRule) {
    (
      kind,
      IdentifierRule(
        kind: kind.number, subjectsPerValueMaximum: perValue, valuesPerPersonMaximum: perPerson,
        isWeak: isWeak)
    )
  }
}

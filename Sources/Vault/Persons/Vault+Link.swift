internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// One identifier of one subject, as the unification sees it: an ephemeral token.
public struct LinkageEvidence: Sendable {
  /// Internal number of the subject, without meaning outside the vault.
  public let subject: Int64
  /// What the token stands for.
  public let kind: IdentifierKind
  /// Keyed by a key of this run alone; equal tokens mean equal identifiers, and nothing else.
  public let token: UInt64
}

/// A subject as the unification sees it.
public struct LinkageSubject: Sendable {
  /// Internal number.
  public let subject: Int64
  /// The person it belongs to now.
  public let person: Int64
  /// Number of its source.
  public let source: Int
  /// Whether the source is the controller's own.
  public let isFirstParty: Bool
  /// Whether the source sends profiles.
  public let isProfile: Bool
}

extension Vault {
  /// Hands out every live subject in order of its number.
  ///
  /// - Parameters:
  ///   - requester: Who unifies.
  ///   - body: Takes each subject.
  /// - Throws: ``VaultError`` `.denied`, `.storage`; whatever the body throws.
  public func forEachLinkageSubject(
    _ requester: Requester, _ body: (LinkageSubject) throws -> Void
  ) throws {
    try authorise(.unify, requester)
    try storing(layout.vault) {
      try queue.read { database in
        let sources = try SourceStore(database: database).all()
        let store = SubjectStore(database: database)
        var last: Int64 = -1
        while true {
          let rows = try store.live(after: last, limit: 10_000)
          guard let end = rows.last else { return }
          last = end.leaf
          for row in rows {
            guard let source = sources[row.source] else { continue }
            try body(
              LinkageSubject(
                subject: row.leaf, person: row.person, source: row.source,
                isFirstParty: source.party == .first, isProfile: source.kind == .profile))
          }
        }
      }
    }
  }

  /// Hands out ephemeral tokens of every identifier, in order of subjects.
  ///
  /// The tokens are keyed by a fresh key that is gone when this returns, so two runs have nothing
  /// in common and nothing of a run can be joined with the match index.
  ///
  /// - Parameters:
  ///   - requester: Who unifies.
  ///   - body: Takes each piece of evidence.
  /// - Throws: ``VaultError`` `.denied`, `.indexMissing`, `.storage`; whatever the body throws.
  public func forEachLinkageEvidence(
    _ requester: Requester, _ body: (LinkageEvidence) throws -> Void
  ) throws {
    try authorise(.unify, requester)
    try requireIndex()
    var key = try HMACKey(try SecretBytes(randomCount: 32, from: random))
    try storing(layout.index) {
      try indexQueue.read { database in
        try IndexStore(database: database).forEachIdentifier { row in
          guard let kind = IdentifierKind(number: row.kind) else { return }
          let code = key.authenticate(row.kind.bigEndianBytes + row.code)
          try body(
            LinkageEvidence(
              subject: row.subject, kind: kind,
              token: code.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }))
        }
      }
    }
  }

  /// Moves subjects to the persons a unification found; a person is named by its anchor's number.
  ///
  /// - Parameters:
  ///   - assignments: Subject and anchor; subjects that are gone are passed over.
  ///   - counts: What the unification saw, for the log.
  ///   - requester: Who runs the unification.
  /// - Returns: Number of subjects that changed their person.
  /// - Throws: ``VaultError`` `.denied`, `.storage`.
  public func assign(
    _ assignments: [(subject: Int64, person: Int64)], _ counts: UnificationCounts,
    _ requester: Requester
  ) throws -> Int {
    let identity = try authorise(.unify, requester)
    return try storing(layout.vault) {
      try queue.write { database in
        let store = SubjectStore(database: database)
        var moved = 0
        for assignment in assignments {
          if try store.assign(assignment.subject, to: assignment.person) { moved += 1 }
        }
        var details = members(requester)
        details.append(("subjects", .count(counts.subjects)))
        details.append(("persons_before", .count(counts.personsBefore)))
        details.append(("persons", .count(counts.persons)))
        details.append(("moved", .count(moved)))
        try log(
          AuditEvent(.personsUnified, actor: try actor(identity.name), details: details),
          in: database)
        return moved
      }
    }
  }
}

/// What a unification saw, for the log.
public struct UnificationCounts: Sendable {
  /// Subjects.
  public let subjects: Int
  /// Persons before.
  public let personsBefore: Int
  /// Persons after.
  public let persons: Int

  /// Creates counts.
  public init(subjects: Int, personsBefore: Int, persons: Int) {
    self.subjects = subjects
    self.personsBefore = personsBefore
    self.persons = persons
  }
}

internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// A planted person: real enough to be found, with no reason to be looked at.
public struct Honeytoken: Sendable {
  /// The person's token of the domain `desk`; nil when the person is erased and watches nothing.
  public let token: TokenText?
  /// When it was planted, in milliseconds since 1970-01-01 UTC.
  public let sinceMilliseconds: Int64
  /// Number of planted subjects.
  public let subjects: Int
}

/// Entries of the log that refer to one planted person.
public struct HoneytokenTouches: Sendable {
  /// When it was planted, in milliseconds since 1970-01-01 UTC.
  public let sinceMilliseconds: Int64
  /// Places in the log, in order.
  public let sequences: [Int]
}

/// What the planted persons were touched by.
public struct HoneytokenWatch: Sendable {
  /// One for every planted person that is there.
  public let touches: [HoneytokenTouches]
  /// Planted subjects that are erased, or whose erasure has begun: they watch nothing any more.
  public let lost: Int
}

extension Vault {
  /// Most planted subjects.
  static let honeytokensMaximum = 1_000

  /// Plants a person: whoever looks at it from now on is reported by ``LogReader/honeytokens()``.
  ///
  /// The event names no subject, on purpose. The log is read by many, and an entry that pointed at
  /// the plant would tell them whom to leave alone. Auditors still see when plants were placed and
  /// removed and by whom; which they are, only those who may manage them see.
  ///
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.fenced`, `.limit`.
  public func plantHoneytoken(_ token: TokenText, _ requester: Requester) throws {
    let identity = try authorise(.manageHoneytokens, requester)
    let subjects = try gather(try person(token)).subjects
    let event = AuditEvent(
      .honeytokenPlaced, actor: try actor(identity.name), details: members(requester))
    try storing(layout.vault) {
      try queue.write { database in
        try requireUnchanged(subjects, in: database)
        let store = HoneytokenStore(database: database)
        guard try store.all().count + subjects.count <= Self.honeytokensMaximum else {
          throw VaultError(
            .limit, "a vault has at most \(Self.honeytokensMaximum) planted subjects; remove some")
        }
        for subject in subjects {
          _ = try store.insert(subject.leaf, milliseconds: clock.milliseconds)
        }
        try log(event, in: database)
      }
    }
  }

  /// Removes a plant; the person stays.
  ///
  /// - Parameters:
  ///   - token: The person's token; nil removes what is planted and erased.
  ///   - requester: Who asks.
  /// - Throws: ``VaultError`` `.denied`, `.notFound` when nothing of the kind is planted.
  public func removeHoneytoken(_ token: TokenText?, _ requester: Requester) throws {
    let identity = try authorise(.manageHoneytokens, requester)
    let planted = try plantedSubjects()
    let leaves: [Int64] =
      if let token {
        try gather(try person(token)).subjects.map(\.leaf)
      } else {
        planted.filter { $0.row?.isFenced ?? true }.map(\.planted.subject)
      }
    let event = AuditEvent(
      .honeytokenRemoved, actor: try actor(identity.name), details: members(requester))
    try storing(layout.vault) {
      try queue.write { database in
        let store = HoneytokenStore(database: database)
        let removed = try leaves.count { try store.delete($0) }
        guard removed > 0 else {
          throw VaultError(
            .notFound, "nothing of that is planted; see `lethe audit honeytoken list`")
        }
        try log(event, in: database)
      }
    }
  }

  /// The planted persons; reading the list is an event of the log.
  ///
  /// - Throws: ``VaultError`` `.denied`, `.indexMissing`.
  public func honeytokens(_ requester: Requester) throws -> [Honeytoken] {
    let identity = try authorise(.manageHoneytokens, requester)
    try log(
      AuditEvent(
        .logExamined, actor: try actor(identity.name),
        details: members(requester) + [("view", .string("honeytokens"))]))
    let groups = Dictionary(grouping: try plantedSubjects()) { $0.row.map { $0.person } ?? -1 }
    let opener = SubjectOpener(self)
    return try groups.sorted { $0.key < $1.key }.map { person, group in
      let live = group.compactMap(\.row).first { !$0.isFenced }
      // A person's token is that of its anchor.
      let anchor = try live.map { try gather($0.person).anchorRow }
      return Honeytoken(
        token: try anchor.map { try issue(.desk, for: [try opener.open($0)])[0] },
        sinceMilliseconds: group.map(\.planted.sinceMilliseconds).min() ?? 0,
        subjects: group.count)
    }
  }

  /// The planted subjects with their rows; none for those that are gone.
  func plantedSubjects() throws -> [(planted: HoneytokenStore.Planted, row: SubjectRow?)] {
    try storing(layout.vault) {
      try queue.read { database in
        let subjects = SubjectStore(database: database)
        return try HoneytokenStore(database: database).all().map {
          ($0, try subjects.find($0.subject))
        }
      }
    }
  }
}

extension LogReader {
  /// Finds the entries that refer to planted persons, in every month.
  ///
  /// References change every month and are computed from the subjects' own secrets. A destructive
  /// change of a subject keeps that secret, so its references stay; an erasure ends them.
  public func honeytokens() throws -> HoneytokenWatch {
    let planted = try vault.plantedSubjects()
    let opener = SubjectOpener(vault)
    var touches: [HoneytokenTouches] = []
    var lost = 0
    for (_, group) in Dictionary(grouping: planted, by: { $0.row?.person ?? -1 }).sorted(
      by: { $0.key < $1.key })
    {
      let rows = group.compactMap(\.row).filter { !$0.isFenced }
      let subjects = try rows.compactMap(opener.openUnlessDestroyed)
      lost += group.count - subjects.count
      guard !subjects.isEmpty else { continue }
      let references = try vault.monthlyReferences(subjects)
      touches.append(
        HoneytokenTouches(
          sinceMilliseconds: group.map(\.planted.sinceMilliseconds).min() ?? 0,
          sequences: try sequences(
            referringTo: references.map {
              TokenText(domain: TokenDomain.audit.name, token: $0)
            })))
    }
    return HoneytokenWatch(touches: touches, lost: lost)
  }
}

import Foundation
internal import Analytics
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// What an erasure would destroy; shown before it is confirmed.
public struct ErasurePreview: Sendable {
  /// The person's token in the domain `desk`.
  public let token: TokenText
  /// Number of subjects.
  public let subjects: Int
  /// Sealed records by source name.
  public let records: [String: Int]
  /// Fingerprint of exactly this content; handed back to confirm it.
  public let digest: String
}

/// A finished erasure.
public struct ErasureOutcome: Sendable {
  /// Reference of the case or run.
  public let reference: String
  /// What was erased.
  public let kind: ErasureKind
  /// When it was asked for, in milliseconds since 1970-01-01 UTC.
  public let requestedMilliseconds: Int64
  /// Whether the old epoch's secret is destroyed; false while it rests in a grace window.
  public let isFinal: Bool
  /// The numbers.
  public let facts: ErasureFacts
}

extension Vault {
  /// Shows what erasing a person would destroy.
  public func previewErasure(_ token: TokenText, _ requester: Requester) throws -> ErasurePreview {
    try authorise(.erase, requester)
    return try preview(try gather(try person(token)), token)
  }

  /// Erases a person: every subject's key is destroyed for good, and everything that leads to it.
  ///
  /// The steps are durable one by one and repeat safely; when the process dies, the next opening of
  /// the vault goes on. Once the subjects are fenced nothing of them is released any more.
  ///
  /// - Parameters:
  ///   - token: The person's token.
  ///   - digest: The fingerprint from ``previewErasure(_:_:)``.
  ///   - reference: Reference of the case; unique.
  ///   - requester: Who asks.
  /// - Returns: What was destroyed.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.stale` when the person has changed since
  ///   the preview, `.invalidInput` for a used reference.
  public func erase(
    _ token: TokenText, confirming digest: String, reference: String, _ requester: Requester
  ) throws -> ErasureOutcome {
    let identity = try authorise(.erase, requester)
    let person = try person(token)
    let material = try gather(person)
    try requireUnchanged(material, since: digest)
    var facts = ErasureFacts()
    facts.subjects = material.subjects.count
    facts.records = material.recordCounts
    let references = try references(material.subjects.map(SubjectOpener(self).open))
    try begin(
      reference, .person, facts, requestedBy: identity, references: references, requester
    ) { database, facts in
      // Under the write lock nothing can join the person any more.
      let now = try gather(person, sources: material.sources, in: database)
      try requireUnchanged(now, since: digest)
      for row in now.subjects { facts.generations["\(row.generation)", default: 0] += 1 }
      return ErasureTargets(
        subjects: now.subjects.map(\.leaf), keys: now.subjects.map(\.keyLeaf), buckets: [])
    }
    return try finish(reference)
  }

  private func requireUnchanged(_ material: PersonMaterial, since digest: String) throws {
    guard Self.digest(of: material) == digest else {
      throw VaultError(
        .stale,
        "the person has changed since the preview; look at the new preview and confirm again")
    }
  }

  /// Goes on with every erasure that an interrupted process left unfinished, or that had to wait.
  ///
  /// - Returns: The references of those that came to their end.
  @discardableResult
  public func resumeErasures() throws -> [String] {
    let open = try storing(layout.vault) {
      try queue.read { try ErasureStore(database: $0).unfinished() }
    }
    return try open.compactMap { erasure in
      do {
        let outcome = try finish(erasure.reference, resumed: true)
        return outcome.isFinal ? erasure.reference : nil
      } catch let error as KeyringError where error.isWaiting {
        // It waits for a custodian or a copy of the key store; `status` says for which. The people
        // concerned are fenced, and everyone else's data stays in use.
        return nil
      }
    }
  }

  /// Reads the outcome of a finished erasure.
  public func erasureOutcome(_ reference: String) throws -> ErasureOutcome {
    let erasure = try storing(layout.vault) {
      try queue.read { try ErasureStore(database: $0).find(reference) }
    }
    let facts = try erasure.map { try Self.decode($0.facts) }
    guard let erasure, let facts,
      erasure.state == .swept || facts.finalDueMilliseconds != nil
    else { throw VaultError(.notFound, "there is no finished erasure `\(reference)`") }
    return ErasureOutcome(
      reference: reference, kind: erasure.kind,
      requestedMilliseconds: erasure.startedMilliseconds, isFinal: erasure.state == .swept,
      facts: facts)
  }

  /// Records the request; from here on it can only be finished.
  ///
  /// `prepare` names the targets in the same transaction, and can still refuse.
  func begin(
    _ reference: String, _ kind: ErasureKind, _ facts: ErasureFacts,
    requestedBy identity: OperatorIdentity, references: [[UInt8]], _ requester: Requester,
    targets prepare: (Database, inout ErasureFacts) throws -> ErasureTargets
  ) throws {
    try Self.checkReference(reference)
    try storing(layout.vault) {
      try queue.write { database in
        var facts = facts
        let targets = try prepare(database, &facts)
        // The keyring destroys no more in one call; what is recorded must be possible to finish.
        guard targets.keys.count + targets.buckets.count <= Keyring.maximumEraseCount else {
          throw VaultError(
            .limit,
            "more than \(Keyring.maximumEraseCount) keys would be destroyed at once; expire more "
              + "often")
        }
        let store = ErasureStore(database: database)
        guard try store.find(reference) == nil else {
          throw VaultError(
            .invalidInput, "reference `\(reference)` is used already; take another one")
        }
        let actor = try actor(identity.name)
        let number = try store.insert(
          reference, kind, actor: actor, milliseconds: clock.milliseconds,
          facts: try Self.encode(facts))
        try targets.insert(for: number, database)
        var details = members(requester)
        details.append(("reference", .string(reference)))
        details.append(("kind", .string(kind.rawValue)))
        details.append(("subject_count", .count(targets.subjects.count)))
        details.append(("key_count", .count(targets.keys.count)))
        details.append(("bucket_count", .count(targets.buckets.count)))
        try log(
          AuditEvent(.erasureRequested, actor: actor, subjects: references, details: details),
          in: database)
      }
    }
  }

  private func preview(_ material: PersonMaterial, _ token: TokenText) throws -> ErasurePreview {
    ErasurePreview(
      token: token, subjects: material.subjects.count, records: material.recordCounts,
      digest: Self.digest(of: material))
  }

  /// The fingerprint of what an erasure would destroy.
  private static func digest(of material: PersonMaterial) -> String {
    var content: [UInt8] = []
    for row in material.subjects {
      content += UInt64(row.leaf).bigEndianBytes
      for record in material.records[row.leaf] ?? [] {
        content += UInt64(record.row).bigEndianBytes + record.contentCode
      }
    }
    return Array(SHA256.hash(content).prefix(8)).hexadecimal
  }

  static func encode(_ facts: ErasureFacts) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(facts), as: UTF8.self)
  }

  static func decode(_ facts: String) throws -> ErasureFacts {
    try JSONDecoder().decode(ErasureFacts.self, from: Data(facts.utf8))
  }
}

extension PersonMaterial {
  /// Number of records by source name.
  var recordCounts: [String: Int] {
    subjects.reduce(into: [:]) { counts, row in
      guard let source = sources[row.source] else { return }
      counts[source.name, default: 0] += records[row.leaf]?.count ?? 0
    }
  }
}

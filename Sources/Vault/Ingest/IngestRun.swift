internal import GRDB
internal import Sealing
internal import Transparency

/// An ingest of one file or stream that the policy allowed and the log knows.
public struct IngestRun: Sendable {
  /// The source.
  public let source: SourceDescription
  /// Pseudonym of the operator in the log.
  let actor: String
  let sourceNumber: Int
}

extension Vault {
  /// Most records that one call of ``ingest(_:into:)`` takes.
  public static let maximumIngestBatch = 10_000

  /// Asks the policy, registers the source and starts an ingest.
  ///
  /// - Throws: ``VaultError`` `.denied`, `.unknownPurpose` for a contract's purpose,
  ///   `.indexMissing`, or `.invalidInput` when the contract changed what earlier records mean.
  public func beginIngest(_ source: SourceDescription, _ requester: Requester) throws -> IngestRun {
    let identity = try authorise(.ingest, requester)
    for purpose in source.purposes { try policy.checkPurpose(purpose) }
    try requireIndex()
    let actor = try actor(identity.name)
    let number = try storing(layout.vault) {
      try queue.write { try register(source, actor: actor, in: $0) }
    }
    return IngestRun(source: source, actor: actor, sourceNumber: number)
  }

  /// Ends an ingest in the log with its totals.
  public func finishIngest(_ run: IngestRun, report: IngestReport, quarantined: Int) throws {
    var details: [(key: String, value: CanonicalJSON)] = report.counts.map {
      ($0.name, .count($0.count))
    }
    details.append(("source", .string(run.source.name)))
    details.append(("quarantined", .count(quarantined)))
    try log(AuditEvent(.ingestFinished, actor: run.actor, details: details))
  }

  private func register(
    _ source: SourceDescription, actor: String, in database: Database
  ) throws -> Int {
    let store = SourceStore(database: database)
    let known = try store.number(source.name)
    if let known, let before = try store.all()[known] {
      if before == source { return known }
      try requireCompatible(before, source)
      try store.update(known, source)
      try logRegistration(source, actor, database)
      return known
    }
    let number = try store.insert(source)
    try logRegistration(source, actor, database)
    return number
  }

  private func logRegistration(
    _ source: SourceDescription, _ actor: String, _ database: Database
  ) throws {
    let details: [(key: String, value: CanonicalJSON)] = [
      ("source", .string(source.name)), ("contract", .string(source.contractDigest.hexadecimal)),
      ("fields", .count(source.fields.count)), ("legal_basis", .string(source.legalBasis)),
      ("purposes", .texts(source.purposes)), ("retention", .string(source.retentionClass.name)),
    ]
    try log(AuditEvent(.sourceRegistered, actor: actor, details: details), in: database)
  }

  /// A field's number is part of its sealed address and its meaning; contracts only ever append.
  private func requireCompatible(_ before: SourceDescription, _ after: SourceDescription) throws {
    let isCompatible =
      before.kind == after.kind
      && before.fields.allSatisfy { old in
        after.field(old.number).map { $0.name == old.name && $0.type == old.type } ?? false
      }
    guard isCompatible else {
      throw VaultError(
        .invalidInput,
        "contract of `\(after.name)` renames, retypes or removes a field of records that "
          + "are stored; append new fields at the end instead")
    }
  }
}

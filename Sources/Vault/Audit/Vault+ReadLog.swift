internal import GRDB
internal import Transparency

extension Vault {
  /// Reads an entry with its proof; reading the log is an event of the log itself.
  ///
  /// - Parameters:
  ///   - sequence: Place of the entry, under the last signed checkpoint.
  ///   - requester: Who reads.
  /// - Returns: The entry's bytes, nil when it was pruned, and a `.tlog-proof` file.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`.
  public func readLog(
    _ sequence: Int, _ requester: Requester
  ) throws -> (entry: [UInt8]?, proof: [UInt8]) {
    let identity = try authorise(.readLog, requester)
    guard sequence >= 0 else {
      throw VaultError(.notFound, "the log has no entry \(sequence); the first is 0")
    }
    try log(
      AuditEvent(
        .logRead, actor: try actor(identity.name),
        details: members(requester) + [("entry", .count(sequence))]))
    let isPruned = try storing(layout.vault) {
      try queue.read { try (0..<AuditStore(database: $0).minimumIndex()).contains(sequence) }
    }
    if isPruned { return (nil, try proofAlone(sequence)) }
    let (entry, proof) = try prove(sequence)
    return (entry, proof)
  }
}

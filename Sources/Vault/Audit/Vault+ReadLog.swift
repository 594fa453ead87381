internal import Transparency

extension Vault {
  /// Reads an entry with its proof; reading the log is an event of the log itself.
  ///
  /// - Parameters:
  ///   - sequence: Place of the entry, under the last signed checkpoint.
  ///   - requester: Who reads.
  /// - Returns: The entry's bytes and a `.tlog-proof` file.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`.
  public func readLog(
    _ sequence: Int, _ requester: Requester
  ) throws -> (entry: [UInt8], proof: [UInt8]) {
    let identity = try authorise(.readLog, requester)
    guard sequence >= 0 else {
      throw VaultError(.notFound, "the log has no entry \(sequence); the first is 0")
    }
    try log(
      AuditEvent(
        .logRead, actor: try actor(identity.name),
        details: members(requester) + [("entry", .count(sequence))]))
    return try prove(sequence)
  }
}

internal import Sealing
public import Transparency

extension Vault {
  /// Records that somebody verified the published log, and what came out.
  ///
  /// Verifying needs no key of the vault and no right; only the record of it does.
  ///
  /// - Parameters:
  ///   - report: What was found.
  ///   - requester: Who verified.
  /// - Returns: Place of the event.
  /// - Throws: ``VaultError`` `.denied` when the operator may not read the log.
  @discardableResult
  public func recordVerification(_ report: LogReport, _ requester: Requester) throws -> Int {
    let identity = try authorise(.readLog, requester)
    var details: [(key: String, value: CanonicalJSON)] = [
      ("valid", .bool(report.isValid)), ("findings", .count(report.findings.count)),
      ("known_checkpoints", .count(report.continuedCheckpointCount)),
      ("size", .count(report.checkpoint?.checkpoint.treeSize ?? 0)),
    ]
    if let root = report.checkpoint?.checkpoint.rootHash {
      details.append(("root", .string(root.bytes.hexadecimal)))
    }
    return try log(
      AuditEvent(
        .logVerified, actor: try actor(identity.name), details: members(requester) + details))
  }
}

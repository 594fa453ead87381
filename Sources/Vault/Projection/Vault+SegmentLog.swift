internal import Transparency

extension Vault {
  /// Records that a segment was counted; called before the answer is shown.
  ///
  /// - Parameters:
  ///   - name: Name of the segment's rule.
  ///   - isSuppressed: Whether the answer was withheld.
  ///   - threshold: The threshold applied.
  ///   - requester: Who counted.
  /// - Throws: ``VaultError`` `.storage` when the log cannot be written; then nothing may be shown.
  public func logSegmentCount(
    _ name: String, isSuppressed: Bool, threshold: Int, _ requester: Requester
  ) throws {
    let details: [(key: String, value: CanonicalJSON)] = [
      ("segment", .string(name)), ("suppressed", .bool(isSuppressed)),
      ("threshold", .count(threshold)),
    ]
    try log(
      AuditEvent(
        .segmentCounted, actor: try actor(requester.operatorName),
        details: members(requester) + details))
  }
}

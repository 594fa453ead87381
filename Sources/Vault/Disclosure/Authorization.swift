internal import Transparency

/// The right to release what was decided and recorded; can be used once and not be copied.
///
/// Only ``Vault`` makes one, after the policy decided and before the event is written; only the
/// reveal consumes one, and it asks for the place in the log. So a disclosure that was not decided
/// or not logged does not compile.
struct Authorization: ~Copyable {
  /// Rung by source and field; a field without entry is not released at all.
  let rungs: [FieldKeyPath: Rung]
  /// Determining policies.
  let policies: [String]
  /// Place of the decision in the log.
  let logSequence: Int
}

/// Names a field across sources.
struct FieldKeyPath: Hashable {
  let source: Int
  let field: UInt16
}

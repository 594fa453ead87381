internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

extension Vault {
  /// Who stands in events of which nobody is known to be the author.
  static let unknownActor = "unknown"
  /// Most failed attempts to unseal that are logged within ``failedUnsealWindow``.
  static let failedUnsealMaximum = 60
  /// Window of ``failedUnsealMaximum`` in milliseconds: an hour.
  static let failedUnsealWindow: Int64 = 3_600_000

  /// Records that a policy set other than that of the last opening is in force.
  ///
  /// The files are changed outside of the vault, so by whom is not known here.
  func logPolicyChange() throws {
    let isChanged = try storing(layout.vault) {
      try queue.read { try MetaStore(database: $0).policyDigest() != policy.digest }
    }
    guard isChanged else { return }
    try committing { database in
      let store = MetaStore(database: database)
      // A vault from before this was kept has nothing to compare with.
      let before = try store.policyDigest()
      guard before != policy.digest else { return }
      try store.setPolicyDigest(policy.digest)
      guard let before else { return }
      try log(
        AuditEvent(
          .policyChanged, actor: Self.unknownActor,
          details: [
            ("policy_set", .string(policy.digest.hexadecimal)),
            ("policy_set_before", .string(before.hexadecimal)),
          ]),
        in: database)
    }
  }

  /// Records that a key and the epoch slot did not open the vault; which of them was wrong is told
  /// to nobody.
  ///
  /// The log takes entries of a sealed vault, but no signature: the next opening publishes them.
  /// Beyond a number an hour they are dropped, so that nobody can fill the disk with them.
  static func logFailedUnseal(
    _ layout: VaultLayout, _ settings: VaultSettings, _ queue: DatabaseQueue,
    _ environment: VaultEnvironment
  ) throws {
    try storing(layout.vault) {
      try queue.write { database in
        let store = AuditStore(database: database)
        let size = try store.size()
        let now = environment.clock.milliseconds
        if size > failedUnsealMaximum,
          try isRecentFailure(try store.entry(size - failedUnsealMaximum), now)
        {
          return
        }
        let event = AuditEvent(
          .unsealFailed, actor: unknownActor,
          details: [("reason", .string("not_opened")), ("method", .string(settings.unseal.kind))])
        let entry = try event.entry(
          sequence: size, milliseconds: now,
          id: try environment.random.bytes(count: eventIDByteCount))
        try store.append([(entry, [])], at: size)
      }
    }
  }

  private static func isRecentFailure(_ entry: [UInt8], _ now: Int64) throws -> Bool {
    guard case .object(let event) = try CanonicalJSON(canonicalBytes: entry),
      case .string(AuditEventType.unsealFailed.rawValue)? = event["type"],
      case .integer(let time)? = event["time"]
    else { return false }
    return now - time < failedUnsealWindow
  }
}

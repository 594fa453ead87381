import Foundation
import Keyring
import Transparency
import Vault

/// How the state of the keys is shown on a terminal and as JSON.
struct KeysStatusText {
  private let status: KeysStatus

  init(_ status: KeysStatus) {
    self.status = status
  }

  /// A time for people and programs: RFC 3339 in UTC.
  static func time(_ unixSeconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(unixSeconds)).formatted(.iso8601)
  }

  func members() throws -> [(key: String, value: CanonicalJSON)] {
    let keys = status.keys
    return [
      ("epoch", .integer(Int64(keys.epoch))), ("generation", .integer(Int64(keys.generation))),
      ("unseal", .string(keys.unsealKind.map { "\($0)" } ?? "unknown")),
      ("assurance", .string("L\(keys.slotAssurance.rawValue)")),
      ("grace_days", .count(status.settings.keeping.graceDays)),
      ("custodians", .array(try keys.custodians.map(Self.member))),
      ("pending_epochs", .array(keys.pendingEpochs.map { .integer(Int64($0)) })),
      (
        "resting_epochs",
        .array(
          try keys.restingEpochs.map {
            try .members([
              ("epoch", .integer(Int64($0.epoch))),
              ("until", .string(Self.time($0.untilUnixSeconds))),
            ])
          })
      ),
      ("replicas", .array(try keys.replicas.map(Self.member))),
      ("replica_quorum", .count(keys.replicaQuorum)),
      ("pending", .array(try status.pending.map(Self.member))),
      (
        "last_backup",
        status.lastBackupMilliseconds.map { .string(Self.time($0 / 1000)) } ?? .null
      ),
    ]
  }

  var lines: [String] {
    let keys = status.keys
    var lines = [
      "epoch \(keys.epoch), generation \(keys.generation), slot level L\(keys.slotAssurance.rawValue)",
      "unsealed by \(status.settings.unseal.text)", "keepers of the epoch secret:",
    ]
    lines += keys.custodians.map { keeper in
      "  \(keeper.name) (\(keeper.kind.rawValue)), L\(keeper.assurance.rawValue)"
        + (keeper.weakness.map { ", \($0)" } ?? "")
    }
    lines.append(
      keys.replicas.isEmpty
        ? "no copies of keys.sqlite are kept"
        : "copies of keys.sqlite, \(keys.replicaQuorum) needed:")
    lines += keys.replicas.map(Self.line)
    for epoch in keys.pendingEpochs {
      lines.append(
        "epoch \(epoch) has ended and its secret still lives; `lethe keys replicas` and "
          + "the keepers above say why")
    }
    for epoch in keys.restingEpochs {
      lines.append("epoch \(epoch.epoch) rests until \(Self.time(epoch.untilUnixSeconds))")
    }
    lines.append(
      "last backup: "
        + (status.lastBackupMilliseconds.map { Self.time($0 / 1000) } ?? "none"))
    if status.pending.isEmpty { lines.append("nothing waits to be destroyed") }
    for item in status.pending {
      lines.append(
        "\(item.kind.rawValue) `\(item.reference)` stands at \(item.state.rawValue)"
          + (item.finalDueMilliseconds.map { ", final on \(Self.time($0 / 1000))" } ?? ""))
    }
    return lines
  }

  static func member(_ keeper: SlotCustodian) throws -> CanonicalJSON {
    try .members([
      ("name", .string(keeper.name)), ("kind", .string(keeper.kind.rawValue)),
      ("assurance", .string("L\(keeper.assurance.rawValue)")),
      ("weakness", keeper.weakness.map { .string($0) } ?? .null),
    ])
  }

  static func member(_ replica: ReplicaState) throws -> CanonicalJSON {
    try .members([
      ("directory", .string(replica.directory)), ("state", .string(replica.condition.rawValue)),
      ("generation", replica.generation.map { .integer(Int64($0)) } ?? .null),
      ("reason", replica.reason.map { .string($0) } ?? .null),
    ])
  }

  static func line(_ replica: ReplicaState) -> String {
    "  \(replica.directory): \(replica.condition.rawValue)"
      + (replica.generation.map { ", generation \($0)" } ?? "")
      + (replica.reason.map { ", \($0)" } ?? "")
  }

  private static func member(_ item: PendingDestruction) throws -> CanonicalJSON {
    try .members([
      ("reference", .string(item.reference)), ("kind", .string(item.kind.rawValue)),
      ("state", .string(item.state.rawValue)),
      ("final_due", item.finalDueMilliseconds.map { .string(time($0 / 1000)) } ?? .null),
    ])
  }
}

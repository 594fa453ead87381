import ArgumentParser
import Foundation
import Keyring
import Transparency
import Vault

/// Runs `lethe keys`.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "See and manage how the keys are kept.",
    discussion: """
      The unseal key protects stolen disks and may be escrowed, split or put on a token. The secret of \
      the epoch is what erasure destroys; it is in the slot and in no backup. Copies of keys.sqlite are \
      only ever the latest.

      EXAMPLES
        lethe keys status --as dana
        lethe keys replicas --as eve

      EXIT CODES
        0 done · 1 refused or waiting · 2 wrong usage · 3 vault sealed or a keeper missing · 4 integrity failure
      """,
    subcommands: [
      KeysStatusCommand.self, KeysRollCommand.self, KeysRotateUnsealCommand.self,
      KeysSplitCommand.self, KeysUnsealCommand.self, KeysReplicasCommand.self,
      KeysCustodianCommand.self,
    ])
}

/// Runs `lethe keys status`.
struct KeysStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show epoch, keepers, copies and what waits to be destroyed.",
    discussion: """
      EXAMPLES
        lethe keys status --vault my-vault --as dana
        lethe keys status --vault my-vault --as dana --json

      EXIT CODES
        0 shown · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let vault = try options.open()
    let status = KeysStatusText(try vault.keysStatus(requester))
    try options.console.answer(try status.members(), lines: status.lines)
  }
}

/// Runs `lethe keys roll`.
struct KeysRollCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roll", abstract: "End the epoch: copies of keys.sqlite from before die.",
    discussion: """
      Erases nobody. Whatever an interrupted erasure left behind is finished by it, and no copy of \
      keys.sqlite from before opens any more. Say which epoch, so that it happens once.

      EXAMPLES
        lethe keys roll --as eve
        lethe keys roll --confirm 12 --as eve

      EXIT CODES
        0 done or shown · 1 refused or waiting for a keeper or a copy · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Number of the epoch that ends.")
  var confirm: UInt64?

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    try options.withVault { vault in
      let epoch = try vault.keysStatus(requester).keys.epoch
      let isMeant =
        confirm == nil
        && Console.confirm("Copies of keys.sqlite of epoch \(epoch) will never open.", word: "roll")
      guard confirm != nil || isMeant else {
        try options.console.answer(
          [("epoch", .integer(Int64(epoch))), ("confirm", .string("\(epoch)"))],
          lines: ["nothing was done; to end epoch \(epoch), add --confirm \(epoch)"])
        return
      }
      try answer(try vault.endEpoch(confirm ?? epoch, requester))
    }
  }

  private func answer(_ receipt: RollReceipt) throws {
    var due: Int64?
    if case .resting(let until) = receipt.end { due = until }
    try options.console.answer(
      [
        ("old_epoch", .integer(Int64(receipt.record.oldEpoch))),
        ("new_epoch", .integer(Int64(receipt.record.newEpoch))),
        ("receipts", .count(receipt.slotReceipts.count)),
        ("final_due", due.map { .string(KeysStatusText.time($0)) } ?? .null),
      ],
      lines: [
        "epoch \(receipt.record.oldEpoch) ended, epoch \(receipt.record.newEpoch) began",
        due.map { "its secret rests until \(KeysStatusText.time($0))" }
          ?? "its secret is destroyed: \(receipt.slotReceipts.count) receipts",
      ])
  }
}

/// Runs `lethe keys replicas`.
struct KeysReplicasCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replicas", abstract: "Bring the copies of keys.sqlite up to date and show them.",
    discussion: """
      Every command that changes keys does this by itself; here you see whether it worked. Copies are \
      named in lethe.yaml under `replicas`.

      EXAMPLES
        lethe keys replicas --as eve

      EXIT CODES
        0 enough copies are current · 1 too few, or refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let vault = try options.open()
    let replicas = try vault.synchroniseReplicas(requester)
    let quorum = vault.keyring.replicaQuorum
    let current = replicas.count { $0.condition == .current }
    try options.console.answer(
      [
        ("quorum", .count(quorum)), ("current", .count(current)),
        ("replicas", .array(try replicas.map(KeysStatusText.member))),
      ],
      lines: replicas.isEmpty
        ? ["no copies are kept; name directories in lethe.yaml under `replicas`"]
        : replicas.map(KeysStatusText.line) + ["\(current) current, \(quorum) needed"])
    if current < quorum { throw ExitCode(ExitStatus.refused.rawValue) }
  }
}

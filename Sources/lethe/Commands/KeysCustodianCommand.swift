import ArgumentParser
import Foundation
import Keyring
import Sealing

/// Runs `lethe keys custodian`.
struct KeysCustodianCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "custodian", abstract: "Keep an epoch secret for a vault on another host.",
    discussion: """
      Answers one request on standard input and ends; the vault's host runs it, mostly over ssh, as \
      `custodian` in lethe.yaml says. The slot file is made at the first request. Whoever may run this \
      command with this file holds half of what opens the vault: give the account no other use.

      EXAMPLES
        lethe keys custodian /secure/slot
        command="lethe keys custodian /secure/slot" ssh-ed25519 AAAA… (in authorized_keys)

      EXIT CODES
        0 answered · 1 refused; the vault was told why · 2 wrong usage
      """)

  @Argument(help: "Slot file on this host.")
  var slot: String

  @Option(help: "Epochs that can rest in a new slot file, 4 KiB each.")
  var restingCount = 0

  @Flag(help: "Take a slot on a file system that keeps overwritten bytes; certificates say L0.")
  var acceptWeakSlot = false

  func run() throws {
    guard isatty(0) == 0 else {
      throw UsageError(message: "this command answers another program; see `lethe keys --help`")
    }
    let random = SystemRandom()
    let isFulfilled = try CustodianServer.serve(input: 0, output: 1) { vault in
      guard FileManager.default.fileExists(atPath: slot) else {
        return try FileEpochSlot.create(
          at: slot, vault: vault, restingCount: restingCount, acceptsWeakPlace: acceptWeakSlot,
          random: random)
      }
      return try FileEpochSlot.open(at: slot, vault: vault, random: random)
    }
    if !isFulfilled { throw ExitCode(ExitStatus.refused.rawValue) }
  }
}

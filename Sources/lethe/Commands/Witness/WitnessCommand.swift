import ArgumentParser
import Foundation
import Transparency
import Witness

/// Runs `lethe witness`.
struct WitnessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "witness", abstract: "Watch over a log from another machine; needs no vault.",
    discussion: """
      A witness cosigns the checkpoints of a log, each only when it continues the one before. Run by a \
      DPO or an auditor on a machine the vault's people do not control, it makes a rewritten or split \
      log show. audit/witness.md says what it proves and what to do on a conflict.

      EXAMPLES
        lethe witness init /var/lib/lethe-witness --name witness.example.org
        lethe witness trust /var/lib/lethe-witness vault.example.org/audit+77a5f42a+AdPg…
        lethe witness serve /var/lib/lethe-witness --listen 127.0.0.1:8080
        lethe witness status /var/lib/lethe-witness

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 key not available · 4 the state is damaged or a log forked
      """,
    subcommands: [
      WitnessInitCommand.self, WitnessTrustCommand.self, WitnessServeCommand.self,
      WitnessStatusCommand.self,
    ])
}

/// The directory of a witness, as every command takes it.
struct WitnessOptions: ParsableArguments {
  @Argument(help: "Directory of the witness.")
  var directory: String

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  var console: Console { Console(isJSON: isJSON) }
}

import ArgumentParser
import Transparency
import Witness

/// Runs `lethe witness trust`.
struct WitnessTrustCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust", abstract: "Have the witness cosign for a log.",
    discussion: """
      Get the log's verifier key from its people, on paper or by phone, not from the place the log is \
      published at. A witness that runs sees the new log at the next request.

      EXAMPLES
        lethe witness trust /var/lib/lethe-witness vault.example.org/audit+77a5f42a+AdPg…

      EXIT CODES
        0 the log is on the list · 1 refused · 2 wrong usage
      """)

  @OptionGroup var options: WitnessOptions

  @Argument(help: "Verifier key of the log.")
  var vkey: String

  func run() throws {
    guard let key = try? NoteVerifierKey(encoded: vkey) else {
      throw UsageError(message: "`VKEY` is not a verifier key; copy it whole")
    }
    guard key.algorithm == .ed25519 else {
      throw UsageError(message: "`VKEY` is the key of a witness; give that of a log")
    }
    let isNew = try WitnessHome(opening: options.directory).trust(key)
    try options.console.answer(
      [("origin", .string(key.name)), ("added", .bool(isNew))],
      lines: [
        isNew ? "cosigns for `\(key.name)` from now on" : "cosigns for `\(key.name)` already"
      ])
  }
}

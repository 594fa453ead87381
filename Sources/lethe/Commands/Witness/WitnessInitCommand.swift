import ArgumentParser
import Sealing
import Transparency
import Witness

/// Runs `lethe witness init`.
struct WitnessInitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make a witness with a key of its own.",
    discussion: """
      The directory gets the key (witness.key, mode 0600), the verifier key to give away \
      (witness.vkey), the list of logs (logs) and the state. Key and state stay on this machine: a \
      state from a backup is worse than none.

      EXAMPLES
        lethe witness init /var/lib/lethe-witness --name witness.example.org

      EXIT CODES
        0 made · 1 the directory is not empty or cannot be written · 2 wrong usage
      """)

  @OptionGroup var options: WitnessOptions

  @Option(help: "Name of the witness's key, mostly its host; without blanks and `+`.")
  var name: String

  func run() throws {
    let home: WitnessHome
    do {
      home = try WitnessHome.create(
        at: options.directory, name: name, random: SystemRandom())
    } catch let error as TransparencyError where error.code == .malformedKey {
      throw UsageError(message: "option `--name`: \(error.message)")
    }
    let key = home.verifierKey.encoded
    try options.console.answer(
      [("directory", .string(options.directory)), ("vkey", .string(key))],
      lines: [
        "made witness `\(home.verifierKey.name)` in \(options.directory)", "key \(key)",
        "next: `lethe witness trust` with the key of the log to watch, got from its people",
      ])
  }
}

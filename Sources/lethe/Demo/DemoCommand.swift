import ArgumentParser
import Foundation
import Vault

/// Runs `lethe demo`.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Run the whole path on sample data, and check it.",
    discussion: """
      Makes ./demo-vault with keys in ./demo-vault-keys and data in ./demo-vault-data, brings in four \
      sources, finds persons, counts segments, answers an access request, erases a person, tries to get \
      them back from a backup, lets old third-party data expire, and verifies the log. With --real it \
      takes the files that scripts/real-data has fetched.

      EXAMPLES
        lethe demo
        lethe demo --people 500 --seed 7
        lethe demo --real data/

      EXIT CODES
        0 every check passed · 1 a check failed · 2 wrong usage
      """)

  @Option(help: "Directory of the demo vault; an older demo vault there is replaced.")
  var directory = "demo-vault"

  @Option(help: "Directory of the policies.")
  var policies = "policies"

  @Option(help: "Number of people in the sample data.")
  var people = 5_000

  @Option(help: "Seed of the sample data.")
  var seed: UInt64 = 1

  @Option(name: .customLong("real"), help: "Directory with FEBRL and CDNOW from scripts/real-data.")
  var realData: String?

  @Flag(name: .customLong("json"), help: "Answer with one JSON document on standard output.")
  var isJSON = false

  func run() throws {
    let run = DemoRun(directory: directory, policies: policies, console: Console(isJSON: isJSON))
    if let realData {
      try RealDataDemo(run, data: realData).play()
    } else {
      try SampleDemo(run, people: people, seed: seed).play()
    }
    try run.finish()
  }
}

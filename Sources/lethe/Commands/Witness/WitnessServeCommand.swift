import ArgumentParser
import Foundation
import Transparency
import Witness

/// Runs `lethe witness serve`.
struct WitnessServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Answer logs that ask for cosignatures, over HTTP.",
    discussion: """
      Prints one line when it takes connections; it ends with the line for the policy file of the \
      log. Ends on SIGTERM or SIGINT. Refuses to start when anything in the state does not verify. \
      Without TLS: everything on the wire is public and signed; to have it, put a proxy in front and \
      give its address with --url.

      EXAMPLES
        lethe witness serve /var/lib/lethe-witness
        lethe witness serve /var/lib/lethe-witness --listen 10.0.0.7:8080
        lethe witness serve /var/lib/lethe-witness --url https://witness.example.org

      EXIT CODES
        0 ended by a signal · 1 the address cannot be had · 2 wrong usage · 3 key not available
        4 the state is damaged
      """)

  @OptionGroup var options: WitnessOptions

  @Option(help: "Numeric address and port; port 0 takes a free one.")
  var listen = "127.0.0.1:8080"

  @Option(help: "Address under which logs reach the witness, for the policy line.")
  var url: String?

  func run() throws {
    let address: ListenAddress
    do {
      address = try ListenAddress(listen)
    } catch let error as WitnessError {
      throw UsageError(message: "option `--listen`: \(error.message)")
    }
    let home = try WitnessHome(opening: options.directory)
    let service = WitnessService(
      try WitnessLedger(home), now: { UInt64(max(0, Date().timeIntervalSince1970)) },
      notice: { Console.complain("lethe: notice: \($0)") })
    let server = WitnessServer(service, at: address)
    let console = options.console
    let given = url
    let key = home.verifierKey
    try StopSignals.run {
      try await server.run { url in
        let witness = WitnessPolicy.Witness(name: key.name, key: key, url: given ?? url)
        // Whoever started it may have gone; the witness stays.
        try? console.answer(
          [
            ("url", .string(url)), ("vkey", .string(key.encoded)),
            ("policy", .string(witness.line)),
          ],
          lines: ["listening on \(url); for the policy: \(witness.line)"])
      }
    }
  }
}

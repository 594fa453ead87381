import Foundation

/// Runs tests in the format of cedar-integration-tests against this engine.
@main
enum CedarConformance {
  private static let usage = """
    usage: cedar-conformance DIR|FILE …

    Runs every test in a directory, a single test or a .tar.gz of tests, in the format of
    cedar-integration-tests: decisions, reasons, erroring policies, validation of policies and
    requests. Archives whose contents do not lie beside them are unpacked to a temporary directory.

    Ends with 0 when nothing differs, 1 when something does or nothing ran, 2 for wrong usage.

    """

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments == ["--help"] || arguments == ["-h"] {
      write(usage, to: .standardOutput)
      exit(0)
    }
    guard !arguments.isEmpty, !arguments.contains(where: { $0.hasPrefix("-") }) else {
      write(usage, to: .standardError)
      exit(2)
    }
    let start = ContinuousClock.now
    var files = CaseFiles()
    do {
      for path in arguments { try files.add(path) }
    } catch {
      files.removeUnpacked()
      let message = (error as? CaseFiles.Unusable)?.message ?? error.localizedDescription
      write("cedar-conformance: \(message)\n", to: .standardError)
      exit(2)
    }
    var run = ConformanceRun(files)
    run.run()
    files.removeUnpacked()
    let elapsed = (ContinuousClock.now - start).components
    let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
    write(run.tally.report(seconds: seconds), to: .standardOutput)
    exit(run.tally.isConformant ? 0 : 1)
  }

  private static func write(_ text: String, to handle: FileHandle) {
    handle.write(Data(text.utf8))
  }
}

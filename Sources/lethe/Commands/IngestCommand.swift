import ArgumentParser
import Foundation
import Intake
import Sealing
import Transparency
import Vault

/// Runs `lethe ingest`.
struct IngestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Bring a data file into the vault through its source contract.",
    discussion: """
      Rows that do not fit go to a quarantine file with line number and reason, never with the value; \
      the rest goes in. The same file twice changes nothing. A file is looked over before anything goes \
      in, so that a cut-off one is refused whole; a pipe can be read only once.

      EXAMPLES
        lethe ingest crm.csv --contract crm --as eve
        zcat web.jsonl.gz | lethe ingest - --contract web --as eve
        lethe ingest orders.jsonl --contract my-contracts/orders.yaml --strict --as eve

      EXIT CODES
        0 done, also with rows in quarantine · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Data file: CSV or JSON Lines, as the contract says; - for standard input.")
  var file: String

  @Option(help: "Name of a contract of the vault, or path of a contract file.")
  var contract: String

  @Option(
    help: "New file that lists rows that do not fit; default is a free FILE.quarantine.jsonl.")
  var quarantine: String?

  @Option(help: "Purpose of the ingest.")
  var purpose = "essential.service"

  @Flag(
    help: "Stop at the first row that does not fit; nothing goes in if the file can be read twice.")
  var strict = false

  func run() throws {
    let (report, place) = try options.withVault { vault in
      try ingest(into: vault)
    }
    let quarantined = place.list.count
    let counts = report.vault.counts + [("rows", report.rows.read), ("quarantined", quarantined)]
    var lines = ["\(file): \(report.rows.read) rows"]
    lines += counts.filter { $0.count > 0 && $0.name != "rows" }.map { "  \($0.name): \($0.count)" }
    for (code, count) in report.rows.bad.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("    \(code.rawValue): \(count)")
    }
    if quarantined > 0 { lines.append("  see \(place.path)") }
    try options.console.answer(
      [("file", .string(file))] + counts.map { ($0.name, .count($0.count)) }
        + [("quarantine_file", .string(quarantined > 0 ? place.path : ""))], lines: lines)
  }

  /// Whether the file can be read twice; a pipe cannot, also when it has a name.
  private var isRepeatable: Bool {
    var status = stat()
    // What cannot be asked cannot be opened either, which is said better there.
    guard file != "-", unsafe stat(file, &status) == 0 else { return file != "-" }
    return status.st_mode & S_IFMT == S_IFREG
  }

  private func ingest(into vault: Vault) throws -> (FileIngestReport, QuarantinePlace) {
    let requester = try options.requester(purpose: purpose)
    try vault.authorise(.ingest, requester)
    if let quarantine { try QuarantinePlace.requireFree(quarantine) }
    let contract = try ContractFiles(vault.layout.policies).contract(contract)
    let ingest = FileIngest(vault, contract: contract, isStrict: strict)
    let digest = isRepeatable ? try FileDigest.sha256(of: file) : []
    let place = try QuarantinePlace(quarantine, besides: file) { path in
      Quarantine(path: path, source: contract.source.name, fileDigest: digest)
    }
    if isRepeatable { try ingest.check(try FileByteSource(path: file), file: file) }
    let progress = Progress("ingest")
    defer { progress.finish() }
    let report = try ingest.run(
      try FileByteSource(path: file), file: file, quarantine: place.list, requester: requester,
      progress: progress.update)
    return (report, place)
  }
}

/// Where the rows that do not fit are listed.
struct QuarantinePlace {
  /// Names that are tried before a person has to tidy up.
  static let numberMaximum = 999

  /// Path of the list.
  let path: String
  /// The list, ready to be written.
  let list: Quarantine

  /// Takes the given place, or the first free one beside the file.
  ///
  /// A place that holds the list of the same data file counts as free: the list is made anew.
  init(_ given: String?, besides file: String, make: (String) -> Quarantine) throws {
    let stem = (file == "-" ? "stdin" : file) + ".quarantine"
    var number = 1
    while true {
      let path = given ?? stem + (number == 1 ? "" : "-\(number)") + ".jsonl"
      let list = make(path)
      do {
        try list.prepare()
        (self.path, self.list) = (path, list)
        return
      } catch let error as IntakeError
        where error.code == .alreadyExists && given == nil && number < Self.numberMaximum
      {
        number += 1
      }
    }
  }

  /// Refuses a place that is taken, by whatever it may be.
  static func requireFree(_ path: String) throws {
    guard (try? FileManager.default.attributesOfItem(atPath: path)) == nil else {
      throw IntakeError(
        .alreadyExists, "\(path): exists already; move it away or name another with --quarantine")
    }
  }
}

/// The contracts, retention classes and purposes of a policies directory.
struct ContractFiles {
  private let directory: String

  init(_ directory: String) {
    self.directory = directory
  }

  /// The retention classes.
  func retentionClasses() throws -> [RetentionClass] { try retention().classes }

  /// Reads a contract by name, or by path when the name ends in `.yaml`.
  func contract(_ name: String) throws -> Contract {
    let path = name.hasSuffix(".yaml") ? name : "\(directory)/sources/\(name).yaml"
    let bytes = try read(path)
    let purposes = try PurposeCatalogue(
      yaml: try read("\(directory)/purposes.yaml"), file: "purposes.yaml")
    return try Contract(
      yaml: bytes, file: path, retention: try retention(), purposes: purposes, digest: SHA256.hash)
  }

  private func retention() throws -> RetentionClasses {
    try RetentionClasses(yaml: try read("\(directory)/retention.yaml"), file: "retention.yaml")
  }

  private func read(_ path: String) throws -> [UInt8] {
    try FileByteSource.contents(of: path)
  }
}

/// SHA-256 of a file, read in pieces.
enum FileDigest {
  static func sha256(of path: String) throws -> [UInt8] {
    let source = try FileByteSource(path: path)
    var hasher = SHA256.Hasher()
    var buffer: [UInt8] = []
    while true {
      buffer.removeAll(keepingCapacity: true)
      try source.read(into: &buffer)
      if buffer.isEmpty { return hasher.finalize() }
      hasher.update(buffer)
    }
  }
}

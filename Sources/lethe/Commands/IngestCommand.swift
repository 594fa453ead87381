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

  @Option(help: "Where rows that do not fit are listed; default is FILE.quarantine.jsonl.")
  var quarantine: String?

  @Option(help: "Purpose of the ingest.")
  var purpose = "essential.service"

  @Flag(
    help: "Stop at the first row that does not fit; nothing goes in if the file can be read twice.")
  var strict = false

  func run() throws {
    let (report, quarantined) = try options.withVault { vault in
      try ingest(into: vault)
    }
    let counts = report.vault.counts + [("rows", report.rows.read), ("quarantined", quarantined)]
    var lines = ["\(file): \(report.rows.read) rows"]
    lines += counts.filter { $0.count > 0 && $0.name != "rows" }.map { "  \($0.name): \($0.count)" }
    for (code, count) in report.rows.bad.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      lines.append("    \(code.rawValue): \(count)")
    }
    if quarantined > 0 { lines.append("  see \(quarantinePath)") }
    try options.console.answer(
      [("file", .string(file))] + counts.map { ($0.name, .count($0.count)) }, lines: lines)
  }

  /// Whether the file can be read twice; a pipe cannot, also when it has a name.
  private var isRepeatable: Bool {
    var status = stat()
    // What cannot be asked cannot be opened either, which is said better there.
    guard file != "-", unsafe stat(file, &status) == 0 else { return file != "-" }
    return status.st_mode & S_IFMT == S_IFREG
  }

  private var quarantinePath: String {
    quarantine ?? (file == "-" ? "stdin.quarantine.jsonl" : file + ".quarantine.jsonl")
  }

  private func ingest(into vault: Vault) throws -> (FileIngestReport, Int) {
    let requester = try options.requester(purpose: purpose)
    try vault.authorise(.ingest, requester)
    let contract = try ContractFiles(vault.layout.policies).contract(contract)
    let ingest = FileIngest(vault, contract: contract, isStrict: strict)
    let list = Quarantine(
      path: quarantinePath, source: contract.source.name,
      fileDigest: isRepeatable ? try FileDigest.sha256(of: file) : [])
    try list.prepare()
    if isRepeatable { try ingest.check(try FileByteSource(path: file), file: file) }
    let progress = Progress("ingest")
    let report = try ingest.run(
      try FileByteSource(path: file), file: file, quarantine: list, requester: requester,
      progress: progress.update)
    progress.finish()
    return (report, list.count)
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

internal import Sealing
internal import Transparency
public import Vault

/// The four files of a population.
public struct PopulationFiles: Sendable {
  /// The entries.
  public let file: String
  /// What the file holds.
  public var manifest: String { file + ".manifest.json" }
  /// The log's entry about the export.
  public var entry: String { file + ".entry.json" }
  /// The proof that the log holds that entry.
  public var proof: String { file + ".tlog-proof" }
  /// All of them.
  public var all: [String] { [file, manifest, entry, proof] }

  /// Names the files after the first of them.
  public init(_ file: String) {
    self.file = file
  }
}

/// What an export wrote.
public struct PopulationReceipt: Sendable {
  /// The files.
  public let files: PopulationFiles
  /// What the manifest says.
  public let manifest: PopulationManifest
  /// Place in the log of the event about the export.
  public let logEntry: Int
}

/// Writes populations: every entry a query means, or a sample of them, with a completeness proof.
public struct PopulationExport {
  private let vault: Vault
  private let requester: Requester

  /// Prepares to export for somebody.
  public init(_ vault: Vault, _ requester: Requester) {
    self.vault = vault
    self.requester = requester
  }

  /// Exports the entries that a query means.
  ///
  /// First the log is published, so that a signed checkpoint bounds the population. The event about
  /// the reading is written before the first entry is read, and `log.exported`, with the digests of
  /// file and manifest, before the file gets its name. Entry and proof come last.
  ///
  /// - Parameters:
  ///   - query: The query.
  ///   - format: How to write the entries.
  ///   - path: The file; the others lie beside it. None of them may exist.
  ///   - sample: How to draw a sample; nil for all.
  ///   - subjects: Whose references the query holds.
  ///   - progress: Told how far the scan has come.
  /// - Returns: What was written.
  /// - Throws: ``AuditingError``; `VaultError` `.denied`, `.integrity`, `.storage`.
  public func write(
    _ query: LogQuery, as format: PopulationFormat, to path: String, sample: SamplePlan? = nil,
    about subjects: LogSubjects = .none, progress: LogSearch.Progress = { _, _ in }
  ) throws -> PopulationReceipt {
    let files = PopulationFiles(path)
    for file in files.all { try NewFile.requireFree(file) }
    try vault.authorise(.readLog, requester)
    let bound = try vault.publishLog().size
    let search = LogSearch(vault, requester)
    let reader = try search.open(
      sample == nil ? .query : .sample, query, about: subjects, bound: bound,
      details: sample.map(Self.details) ?? [])
    let checkpoint = try reader.checkpoint()
    let file = try NewFile(path)
    let (content, strata) = try write(
      query, format, sample, reader: reader, to: file, search, progress)
    let manifest = PopulationManifest(
      origin: reader.origin, format: format, query: query, range: reader.range,
      firstKept: reader.firstKept, checkpoint: checkpoint, sample: sample, strata: strata,
      reading: reader.reading, milliseconds: reader.milliseconds, content: content)
    let encoded = try manifest.encoded
    let sequence = try reader.recordExport(
      try Self.members(manifest, digest: SHA256.hash(encoded)))
    try file.place()
    try NewFile.write(encoded, to: files.manifest)
    try vault.publishLog()
    let proof = try vault.prove(sequence)
    try NewFile.write(proof.entry, to: files.entry)
    try NewFile.write(proof.proof, to: files.proof)
    return PopulationReceipt(files: files, manifest: manifest, logEntry: sequence)
  }

  private func write(
    _ query: LogQuery, _ format: PopulationFormat, _ sample: SamplePlan?, reader: LogReader,
    to file: NewFile, _ search: LogSearch, _ progress: LogSearch.Progress
  ) throws -> (PopulationContent, [SampleStratum]) {
    var writer = try PopulationWriter(file, format, origin: reader.origin)
    guard let sample else {
      try search.forEachMatch(query, reader, progress: progress) { entry in
        try writer.write(entry)
        return true
      }
      return (try writer.finish(), [])
    }
    let (sequences, strata) = try search.draw(sample, query, reader, progress)
    for entry in try reader.entries(at: sequences) { try writer.write(entry) }
    return (try writer.finish(), strata)
  }

  /// The members of the event about a sample.
  static func details(_ sample: SamplePlan) -> [(key: String, value: CanonicalJSON)] {
    sample.members + [("seed", .string(SHA256.hash(Array(sample.seed.utf8)).hexadecimal))]
  }

  /// The members of the event about the export.
  ///
  /// The manifest's digest binds everything the manifest says; the rest is repeated so that the
  /// entry can be read by itself. The manifest cannot name this entry: its digest is in it.
  static func members(
    _ manifest: PopulationManifest, digest: [UInt8]
  ) throws -> [(key: String, value: CanonicalJSON)] {
    let content = manifest.content
    let statement = try manifest.statement
    var members: [(key: String, value: CanonicalJSON)] = [
      ("format", .string(manifest.format.rawValue)),
      ("query", .string(try manifest.query.digest.hexadecimal)),
      ("from", .integer(Int64(manifest.range.lowerBound))),
      ("to", .integer(Int64(manifest.range.upperBound))),
      ("tree_size", .integer(Int64(statement.treeSize))),
      ("root", .string(statement.rootHash.description)),
      ("count", .integer(Int64(content.count))), ("file", .string(content.digest.hexadecimal)),
      ("manifest", .string(digest.hexadecimal)), ("sampled", .bool(manifest.sample != nil)),
    ]
    if let first = content.first { members.append(("first", .integer(Int64(first.sequence)))) }
    if let last = content.last { members.append(("last", .integer(Int64(last.sequence)))) }
    return members
  }
}

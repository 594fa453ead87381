internal import Sealing
public import Transparency

/// An end of a population.
public struct PopulationEnd: Sendable, Equatable {
  /// Place in the log.
  public let sequence: Int
  /// Hash of the entry as a leaf of the log's tree.
  public let leafHash: [UInt8]
}

/// What a file of entries holds, said so that it can be checked: the completeness proof.
///
/// The manifest names the query, the places looked through and the tree they lie in. Its digest is
/// in the log, in the event `log.exported`, so neither file nor manifest can be changed afterwards;
/// and whoever has the published log can run the query again and compare.
public struct PopulationManifest: Sendable, Equatable {
  /// Number of the format.
  public static let format = 1
  /// Largest manifest in bytes.
  public static let byteCountMaximum = 4 << 20

  /// Name of the log.
  public let origin: String
  /// How the entries are written.
  public let format: PopulationFormat
  /// What they were looked for by.
  public let query: LogQuery
  /// Places looked through.
  public let range: Range<Int>
  /// Number of the first entry that was there; those before were pruned.
  public let firstKept: Int
  /// The signed checkpoint of the tree the range lies in.
  public let checkpoint: SignedNote
  /// How a sample was drawn; nil for all entries the query means.
  public let sample: SamplePlan?
  /// How the sample is spread; empty without one.
  public let strata: [SampleStratum]
  /// Place in the log of the event about the reading.
  public let reading: Int
  /// The vault's clock, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64
  /// What was written.
  public let content: PopulationContent

  /// The checkpoint's statement, not verified.
  ///
  /// - Throws: ``AuditingError`` `.malformedManifest`.
  public var statement: Checkpoint {
    get throws {
      guard let statement = try? Checkpoint(text: checkpoint.text) else {
        throw AuditingError(.malformedManifest, "the manifest's checkpoint is none")
      }
      return statement
    }
  }

  /// The manifest's file.
  public var encoded: [UInt8] {
    get throws { try json.canonicalBytes(byteCountMaximum: Self.byteCountMaximum) + [0x0A] }
  }

  private var json: CanonicalJSON {
    get throws {
      let statement = try statement
      var members: [(key: String, value: CanonicalJSON)] = [
        ("lethe_population", .integer(Int64(Self.format))), ("origin", .string(origin)),
        ("format", .string(format.rawValue)), ("query", try query.json),
        ("from", .integer(Int64(range.lowerBound))), ("to", .integer(Int64(range.upperBound))),
        ("pruned_below", .integer(Int64(firstKept))),
        ("tree_size", .integer(Int64(statement.treeSize))),
        ("root", .string(statement.rootHash.description)),
        ("checkpoint", .string(String(decoding: checkpoint.encoded, as: UTF8.self))),
        ("reading", .integer(Int64(reading))), ("time", .integer(milliseconds)),
        ("count", .integer(Int64(content.count))), ("bytes", .integer(Int64(content.byteCount))),
        ("digest", .string(content.digest.hexadecimal)),
        ("lines_root", .string(content.linesRoot.description)),
      ]
      if let first = content.first { members.append(("first", try Self.json(first))) }
      if let last = content.last { members.append(("last", try Self.json(last))) }
      if let sample {
        members.append(
          (
            "sample",
            try Self.object(
              sample.members + [
                ("seed", .string(sample.seed)), ("strata", .array(try strata.map(Self.json))),
              ])
          ))
      }
      return try Self.object(members)
    }
  }

  private static func json(_ end: PopulationEnd) throws -> CanonicalJSON {
    try object([
      ("leaf_hash", .string(end.leafHash.hexadecimal)), ("seq", .integer(Int64(end.sequence))),
    ])
  }

  private static func json(_ stratum: SampleStratum) throws -> CanonicalJSON {
    try object([
      ("drawn", .integer(Int64(stratum.drawn))), ("key", .string(stratum.key)),
      ("population", .integer(Int64(stratum.population))),
    ])
  }

  private static func object(
    _ members: [(key: String, value: CanonicalJSON)]
  ) throws -> CanonicalJSON {
    .object(try JSONObject(members))
  }
}

/// What was written to the file of a population.
public struct PopulationContent: Sendable, Equatable {
  /// Number of entries.
  public let count: Int
  /// Length of the file in bytes.
  public let byteCount: Int
  /// SHA-256 of the file.
  public let digest: [UInt8]
  /// Root of the tree of the file's own entries, by the rules of the log's tree; an inclusion proof
  /// under it shows that one entry belongs to the population.
  public let linesRoot: TreeHash
  /// The first entry; nil when there is none.
  public let first: PopulationEnd?
  /// The last entry; nil when there is none.
  public let last: PopulationEnd?
}

import Foundation
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

extension Ledger {
  /// Exports a population.
  @discardableResult
  func export(
    _ query: LogQuery = LogQuery(), as format: PopulationFormat = .jsonl, _ name: String = "p",
    sample: SamplePlan? = nil, _ requester: Requester = .auditor
  ) throws -> PopulationReceipt {
    try PopulationExport(vault, requester).write(query, as: format, to: path(name), sample: sample)
  }

  /// Verifies a population, with the published log or without.
  func verify(_ name: String = "p", withLog: Bool = true) throws -> PopulationReport {
    try PopulationVerifier(logKey: try key)
      .verify(PopulationFiles(path(name)), log: withLog ? published : nil)
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// Replaces the bytes of a file.
  func put(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(filePath: path(name)))
  }

  /// The lines of a file, with their ends.
  func lines(_ name: String) throws -> [[UInt8]] {
    try bytes(name).split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
      .map { Array($0) + [0x0A] }
  }

  /// Exports what somebody in charge of the vault chose, with everything else in order: manifest,
  /// event, proof.
  func exportDishonestly(
    _ query: LogQuery, _ chosen: [LogEntry], _ name: String = "p", firstKept: Int? = nil
  ) throws {
    let bound = try vault.publishLog().size
    let reader = try LogSearch(vault, .auditor).open(.query, query, about: .none, bound: bound)
    let file = try NewFile(path(name))
    var writer = try PopulationWriter(file, .jsonl, origin: reader.origin)
    for entry in chosen { try writer.write(entry) }
    let content = try writer.finish()
    let kept = firstKept ?? reader.firstKept
    let manifest = PopulationManifest(
      origin: reader.origin, format: .jsonl, query: query,
      range: reader.range.clamped(to: kept..<max(kept, bound)), firstKept: kept,
      checkpoint: try reader.checkpoint(), sample: nil, strata: [], reading: reader.reading,
      milliseconds: reader.milliseconds, content: content)
    let encoded = try manifest.encoded
    let sequence = try reader.recordExport(
      try PopulationExport.members(manifest, digest: SHA256.hash(encoded)))
    try file.place()
    try put(encoded, name + ".manifest.json")
    try vault.publishLog()
    let proof = try vault.prove(sequence)
    try put(proof.entry, name + ".entry.json")
    try put(proof.proof, name + ".tlog-proof")
  }
}

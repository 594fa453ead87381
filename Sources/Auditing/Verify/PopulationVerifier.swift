internal import Sealing
public import Transparency
internal import Vault

/// Verifies a population: file, manifest, the log's entry about it, and, where the published log is
/// there, that the file holds exactly what the query means.
///
/// Without the log, the file is shown to be the one that was exported. Only with it is shown that
/// the export was complete; what cannot be shown by either is that everything was logged.
public struct PopulationVerifier {
  private let key: NoteVerifierKey
  private let witnesses: [NoteVerifierKey]

  /// Sets up a verification.
  ///
  /// - Parameters:
  ///   - logKey: The log's key, got from elsewhere than the files.
  ///   - witnesses: Witnesses that must have cosigned the checkpoint of the proof.
  public init(logKey: NoteVerifierKey, witnesses: [NoteVerifierKey] = []) {
    key = logKey
    self.witnesses = witnesses
  }

  /// Verifies the four files of a population.
  ///
  /// - Parameters:
  ///   - files: The files.
  ///   - log: The published log; nil when it is not there.
  ///   - progress: Told how many entries of the log have been looked at, of how many.
  /// - Returns: What was found.
  /// - Throws: ``AuditingError`` `.unreadable` for a file that cannot be read.
  public func verify(
    _ files: PopulationFiles, log: PublishedEntries? = nil,
    progress: LogSearch.Progress = { _, _ in }
  ) throws -> PopulationReport {
    var report = PopulationReport()
    let encoded = try LineFile.whole(
      files.manifest, byteCountMaximum: PopulationManifest.byteCountMaximum)
    let manifest: PopulationManifest
    do {
      manifest = try PopulationManifest(encoded: encoded)
      report.manifest = manifest
      try check(manifest)
      report.pass(.manifest)
    } catch let error as AuditingError {
      report.fail(.manifest, error.message)
      return report
    }
    let proven = try checkEntry(files, encoded, manifest, &report)
    let lines = try checkFile(files.file, manifest, &report)
    guard let log else {
      report.skip(.log)
      report.skip(.completeness)
      return report
    }
    do {
      try PopulationComparison(manifest: manifest, lines: lines, key: key)
        .run(log, proven: proven, &report, progress)
    } catch let error as AuditingError {
      report.fail(.log, error.message)
    }
    return report
  }

  private func check(_ manifest: PopulationManifest) throws {
    let statement = try manifest.statement
    do {
      _ = try VerifiedCheckpoint(verifying: manifest.checkpoint, logKey: key)
    } catch let error as TransparencyError {
      throw AuditingError(.notComplete, "the manifest's checkpoint: \(error.message)")
    }
    let asked = manifest.query.range(treeSize: statement.treeSize)
    let end = max(statement.treeSize, manifest.firstKept)
    guard manifest.range == asked.clamped(to: manifest.firstKept..<end) else {
      throw AuditingError(
        .notComplete, "the range of the manifest is not the one its query means")
    }
  }

  /// Verifies the log's entry about the export; gives the checkpoint it was proved under.
  private func checkEntry(
    _ files: PopulationFiles, _ encoded: [UInt8], _ manifest: PopulationManifest,
    _ report: inout PopulationReport
  ) throws -> Checkpoint? {
    let entry = try LineFile.whole(
      files.entry, byteCountMaximum: EntryBundle.entryByteCountMaximum)
    let bytes = try LineFile.whole(files.proof, byteCountMaximum: LogProof.byteCountMaximum)
    do {
      let proof = try LogProof(encoded: bytes)
      guard proof.extra == nil else {
        throw AuditingError(.notComplete, "the proof carries bytes that nothing authenticates")
      }
      let verified = try proof.verify(entry: entry, logKey: key, witnesses: witnesses)
      guard witnesses.allSatisfy({ key in verified.cosigners.contains { $0.key == key } }) else {
        throw AuditingError(.notComplete, "a witness has not cosigned the proof's checkpoint")
      }
      let event = try LoggedEvent(LogEntry(sequence: proof.leafIndex, bytes: entry))
      guard event.type == AuditEventType.logExported.rawValue else {
        throw AuditingError(.notComplete, "entry \(event.sequence) is about no export")
      }
      for member in try PopulationExport.members(manifest, digest: SHA256.hash(encoded))
      where event.members[member.key] != member.value {
        throw AuditingError(
          .notComplete, "the log's entry and the manifest do not agree on `\(member.key)`")
      }
      report.pass(.logEntry)
      return verified.checkpoint
    } catch let error as TransparencyError {
      report.fail(.logEntry, "the log's entry about the export: \(error.message)")
    } catch let error as AuditingError {
      report.fail(.logEntry, error.message)
    }
    return nil
  }

  private func checkFile(
    _ path: String, _ manifest: PopulationManifest, _ report: inout PopulationReport
  ) throws -> PopulationLines {
    var lines = try PopulationLines(manifest)
    let found = try LineFile(path: path).forEachLine(
      lineByteCountMaximum: PopulationFormat.lineByteCountMaximum
    ) { lines.add($0, &report) }
    if found.digest != manifest.content.digest || found.byteCount != manifest.content.byteCount {
      report.fail(.file, "the file is not the one the manifest was made for: its digest differs")
    }
    if !found.isEnded { report.fail(.file, "the last line is not ended") }
    report.pass(.file)
    lines.conclude(&report)
    return lines
  }
}

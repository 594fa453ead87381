import Foundation
public import Sealing
public import Vault

/// What was written for a sealed export.
public struct WrittenExport: Sendable {
  /// Path of the file.
  public let file: String
  /// Paths of the receipt beside it; none while witnesses have yet to cosign.
  public let receipt: [String]
  /// Subjects in the export.
  public let subjects: Int
  /// Records in the export.
  public let records: Int
  /// Place of the export in the log.
  public let logSequence: Int
}

/// A person's sealed fields with the field keys that open them, for a reader who does not have this
/// program: one file of age.
///
/// - SeeAlso: `docs/format.md#sealed-export`, `audit/open_field.py`.
public struct SealedExportFile {
  private let vault: Vault
  private let token: TokenText
  private let recipients: AgeRecipients
  private let requester: Requester

  /// Names the person, the recipients, and who asks.
  public init(
    _ vault: Vault, _ token: TokenText, to recipients: AgeRecipients, _ requester: Requester
  ) {
    self.vault = vault
    self.token = token
    self.recipients = recipients
    self.requester = requester
  }

  /// Writes `sealed-REFERENCE.age` and the receipt beside it; the export is in the log, and that is
  /// published, before the file is begun.
  ///
  /// - Throws: `VaultError` `.denied`, `.notFound`, `.fenced`, `.incomplete`; ``RightsError``
  ///   `.alreadyExists`, `.unwritable`.
  public func write(to directory: String) throws -> WrittenExport {
    let stem = "sealed-\(CertificateFiles.fileName(requester.caseReference ?? ""))"
    let name = stem + ".age"
    let output = OutputDirectory(directory)
    try output.requireFree([name] + ReceiptFiles.names(stem))
    let export = try vault.prepareExport(token, to: recipients, requester)
    let counts = (export.subjectCount, export.recordCount, export.logSequence)
    let receipt = try vault.receipt(counts.2).map { ReceiptFiles($0, stem: stem) }
    let stream = try output.begin(name)
    try stream.seal(export)
    let file = try stream.finish()
    return WrittenExport(
      file: file, receipt: try receipt?.files.map { try output.write($0.bytes, $0.name) } ?? [],
      subjects: counts.0, records: counts.1, logSequence: counts.2)
  }
}

extension OutputStreamFile {
  /// Seals an export into the file.
  fileprivate func seal(_ export: consuming SealedExport) throws {
    try export.seal { try self.write($0) }
  }
}

import Foundation
public import Sealing
public import Vault

/// What was written for a sealed export.
public struct WrittenExport: Sendable {
  /// Path of the file.
  public let file: String
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

  /// Writes `sealed-REFERENCE.age`; the export is in the log before the file is begun.
  ///
  /// - Throws: `VaultError` `.denied`, `.notFound`, `.fenced`, `.incomplete`; ``RightsError``
  ///   `.alreadyExists`, `.unwritable`.
  public func write(to directory: String) throws -> WrittenExport {
    let name = "sealed-\(CertificateFiles.fileName(requester.caseReference ?? "")).age"
    let output = OutputDirectory(directory)
    try output.requireFree([name])
    let export = try vault.prepareExport(token, to: recipients, requester)
    let counts = (export.subjectCount, export.recordCount, export.logSequence)
    let stream = try output.begin(name)
    try stream.seal(export)
    return WrittenExport(
      file: try stream.finish(), subjects: counts.0, records: counts.1, logSequence: counts.2)
  }
}

extension OutputStreamFile {
  /// Seals an export into the file.
  fileprivate func seal(_ export: consuming SealedExport) throws {
    try export.seal { try self.write($0) }
  }
}

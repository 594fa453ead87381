import Foundation
public import Sealing
public import Vault

/// The language of what a data subject reads.
public enum PackageLanguage: String, Sendable, CaseIterable {
  /// English.
  case english = "en"
  /// Russian.
  case russian = "ru"
}

/// What was written for an access request.
public struct WrittenPackage: Sendable {
  /// Paths of the files.
  public let files: [String]
  /// Records in the package.
  public let records: Int
  /// Events of the log about the person.
  public let lookUps: Int
  /// Place of the package in the log.
  public let logSequence: Int
  /// Whether the proof of that entry is in the package; false while witnesses have yet to cosign.
  public let isProved: Bool
}

/// Everything the vault holds about a person, in the form in which it is handed over.
///
/// - SeeAlso: GDPR Art. 15.
public struct AccessPackage {
  private let vault: Vault
  private let token: TokenText
  private let requester: Requester
  private let language: PackageLanguage

  /// Prepares a package.
  ///
  /// - Parameters:
  ///   - vault: The vault.
  ///   - token: The person's token.
  ///   - requester: Who prepares it, with the case's reference.
  ///   - language: Language of the page.
  /// - Throws: `VaultError` `.denied`, `.unknownOperator`, `.unknownPurpose`.
  public init(
    _ vault: Vault, _ token: TokenText, _ requester: Requester,
    language: PackageLanguage = .english
  ) throws {
    try vault.authorise(.access, requester)
    self.vault = vault
    self.token = token
    self.requester = requester
    self.language = language
  }

  /// Discloses, renders and writes `data.json`, `index.html`, `manifest.json` and the receipt: the
  /// entry of the log about the package and the proof that the log holds it.
  ///
  /// - Throws: `VaultError` for a denial; ``RightsError`` `.incomplete` when the policy shows a
  ///   field below plain, because half an answer must not pass for a whole one, `.alreadyExists`,
  ///   `.unwritable`.
  public func write(to directory: String) throws -> WrittenPackage {
    let output = OutputDirectory(directory)
    try output.requireFree(["data.json", "index.html", "manifest.json"] + ReceiptFiles.names)
    let made = try make(for: nil)
    return made.written(try made.files.map { try output.write($0.bytes, $0.name) })
  }

  /// Writes the files as one archive inside one sealed file, `access-REFERENCE.tar.age`; none
  /// of them touches the disk in the clear.
  ///
  /// - Parameters:
  ///   - recipients: Who can open the file, with `age -d` and `tar`.
  ///   - directory: Where to write.
  ///   - random: Source of the file's keys.
  /// - Returns: What was written; one file.
  /// - Throws: As ``write(to:)``.
  public func write(
    sealedFor recipients: AgeRecipients, to directory: String,
    random: any RandomSource = SystemRandom()
  ) throws -> WrittenPackage {
    let name = "access-\(CertificateFiles.fileName(requester.caseReference ?? "")).tar.age"
    let output = OutputDirectory(directory)
    try output.requireFree([name])
    let made = try make(for: recipients)
    let archive = try UstarArchive(made.files, seconds: vault.clock.milliseconds / 1000)
    let stream = try output.begin(name)
    try AgeFile.seal(
      to: recipients, random: random, into: { try stream.write($0) },
      { writer in
        for part in archive.parts { try writer.write(part) }
      })
    return made.written([try stream.finish()])
  }

  /// A package before it is written.
  private struct Made {
    let files: [(name: String, bytes: [UInt8])]
    let records: Int
    let lookUps: Int
    let sequence: Int
    let isProved: Bool

    func written(_ paths: [String]) -> WrittenPackage {
      WrittenPackage(
        files: paths, records: records, lookUps: lookUps, logSequence: sequence,
        isProved: isProved)
    }
  }

  /// Discloses and renders; the package is in the log, and that is published, when this returns.
  private func make(for recipients: AgeRecipients?) throws -> Made {
    let dossier = try vault.disclose(token, requester)
    try requireComplete(dossier)
    let events = try vault.events(about: token, requester)
    let content = PackageContent(
      dossier, events: events, reference: requester.caseReference ?? "",
      milliseconds: vault.clock.milliseconds)
    let json = try content.json()
    let titles = { vault.policy.title(ofPurpose: $0, language: language.rawValue) }
    let page = Array(PackagePage(content, language, purposeTitle: titles).html.utf8)
    let digests = [("data.json", SHA256.hash(json)), ("index.html", SHA256.hash(page))]
    let sequence = try vault.logAccessPackage(
      token, files: digests, recipients: recipients, requester)
    let receipt = try vault.receipt(sequence).map { ReceiptFiles($0) }
    let files = [
      ("data.json", json), ("index.html", page),
      ("manifest.json", try manifest(digests, sequence, receipt)),
    ]
    return Made(
      files: files.map { (name: $0.0, bytes: $0.1) } + (receipt?.files ?? []),
      records: dossier.records.count, lookUps: events.count, sequence: sequence,
      isProved: receipt != nil)
  }

  private func requireComplete(_ dossier: Dossier) throws {
    let withheld = dossier.records.flatMap { record in
      record.fields.filter { $0.rung != .plain }.map { "\(record.source.name).\($0.field.name)" }
    }
    guard let first = withheld.first else { return }
    throw RightsError(
      .incomplete,
      "the policy does not show `\(first)` in plain to this operator, the package would be incomplete; "
        + "use an operator with role `dpo` and purpose `subject_rights`")
  }

  /// Lists the files with their digests and their place in the log, and names the receipt.
  private func manifest(
    _ digests: [(String, [UInt8])], _ sequence: Int, _ receipt: ReceiptFiles?
  ) throws -> [UInt8] {
    let files = digests.map { "    \"\($0.0)\": \"\($0.1.hexadecimal)\"" }
    let receipt = receipt.map { "\n  \"log_receipt\": \($0.manifestMember)," } ?? ""
    let text = """
      {
        "lethe_manifest": 1,
        "log_entry": \(sequence),
        "log_key": "\(try vault.logVerifierKey())",\(receipt)
        "sha256": {
      \(files.joined(separator: ",\n"))
        }
      }

      """
    return Array(text.utf8)
  }
}

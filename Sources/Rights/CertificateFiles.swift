import Foundation
internal import Transparency
public import Vault

/// Writes the certificate of an erasure or expiry with all that is needed to verify it elsewhere.
public struct CertificateFiles {
  private let vault: Vault
  private let reference: String
  private let language: PackageLanguage

  /// Names the erasure, and the language of the page for people.
  public init(_ vault: Vault, _ reference: String, language: PackageLanguage = .english) {
    self.vault = vault
    self.reference = reference
    self.language = language
  }

  /// Writes six files: the signed statement, the log entry of finality, the proof that the log
  /// holds it, a page to print, and the two verifier keys.
  ///
  /// Files of an earlier call are never replaced; a verifier key that is there already must be the
  /// same.
  ///
  /// - Returns: The paths.
  /// - Throws: `VaultError` `.notFound` for an erasure that is not finished, ``RightsError``.
  public func write(to directory: String) throws -> [String] {
    let certificate = try vault.certificate(reference)
    try requireFree(in: directory)
    let output = OutputDirectory(directory)
    let files = zip(
      names, [certificate.note, certificate.logEntry, certificate.logProof, try page(certificate)])
    return try (files + keys()).map { try output.write($0.1, $0.0) }
  }

  /// Refuses a directory that cannot take the files, before the erasure that is to be certified.
  ///
  /// - Throws: ``RightsError`` `.alreadyExists`, `.unwritable`.
  public func requireFree(in directory: String) throws {
    let output = OutputDirectory(directory)
    try output.requireFree(names)
    for key in try keys() { try output.requireFree(key.0, unlessEqualTo: key.1) }
  }

  private var names: [String] {
    [
      CertificateEvidence.suffix, CertificateEvidence.entrySuffix, CertificateEvidence.proofSuffix,
      CertificatePage.suffix,
    ].map { Self.fileName(reference) + $0 }
  }

  private func page(_ certificate: Certificate) throws -> [UInt8] {
    let page = CertificatePage(
      try CertificateStatement(text: try SignedNote(encoded: certificate.note).text),
      key: try NoteVerifierKey(encoded: try vault.certificateVerifierKey()),
      logKey: try NoteVerifierKey(encoded: try vault.logVerifierKey()),
      stem: Self.fileName(reference), language: language)
    return Array(page.html.utf8)
  }

  private func keys() throws -> [(String, [UInt8])] {
    [
      (CertificateEvidence.keyName, Array("\(try vault.certificateVerifierKey())\n".utf8)),
      (CertificateEvidence.logKeyName, Array("\(try vault.logVerifierKey())\n".utf8)),
    ]
  }

  /// A reference as a file name: letters, digits and hyphens; everything else becomes a hyphen.
  static func fileName(_ reference: String) -> String {
    let isPlain: (Character) -> Bool = { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return String(reference.map { isPlain($0) ? $0 : "-" })
  }
}

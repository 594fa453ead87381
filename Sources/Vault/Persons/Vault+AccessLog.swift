public import Sealing
internal import Transparency

extension Vault {
  /// Records that an access package was written, by the digests of its files.
  ///
  /// - Parameters:
  ///   - token: The person's token.
  ///   - files: Names and SHA-256 digests of what is inside.
  ///   - recipients: For whom it was sealed; nil for files in the clear.
  ///   - requester: Who wrote it.
  /// - Returns: Place in the log.
  /// - Throws: ``VaultError`` `.denied`, `.notFound`, `.storage`.
  public func logAccessPackage(
    _ token: TokenText, files: [(name: String, digest: [UInt8])],
    recipients: AgeRecipients? = nil, _ requester: Requester
  ) throws -> Int {
    let identity = try authorise(.access, requester)
    let material = try gather(try person(token))
    let subjects = try material.subjects.map(SubjectOpener(self).open)
    var details = members(requester)
    details.append(
      ("files", try .members(files.map { ($0.name, .string($0.digest.hexadecimal)) })))
    if let recipients { details.append(("recipients", try .recipients(recipients))) }
    return try log(
      AuditEvent(
        .accessPackaged, actor: try actor(identity.name), subjects: try references(subjects),
        details: details),
      try note(requester, about: material.anchor))
  }
}

extension CanonicalJSON {
  /// Whom a file was sealed for: how many, and a digest that names nobody.
  static func recipients(_ recipients: AgeRecipients) throws -> CanonicalJSON {
    try .members([
      ("count", .count(recipients.count)), ("sha256", .string(recipients.digest.hexadecimal)),
    ])
  }
}

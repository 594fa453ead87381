internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// A person found by an identifier.
public struct FoundPerson: Sendable {
  /// The person's token in the domain `desk`.
  public let token: TokenText
  /// Names of the sources that know the person, each once.
  public let sources: [String]
  /// Number of subjects.
  public let subjects: Int
}

extension Vault {
  /// Most persons one search answers.
  public static let maximumFoundPersons = 100

  /// Finds persons by an exact identifier.
  ///
  /// The search is logged with the audit references of who was found, never with the value.
  ///
  /// - Parameters:
  ///   - kind: What the value identifies.
  ///   - value: The normalised value as UTF-8.
  ///   - requester: Who asks.
  /// - Returns: The persons, at most ``maximumFoundPersons``; empty when nobody has the identifier.
  /// - Throws: ``VaultError`` `.denied`, `.indexMissing`, `.limit` when more persons share the
  ///   value.
  public func find(
    _ kind: IdentifierKind, _ value: [UInt8], _ requester: Requester
  ) throws -> [FoundPerson] {
    let identity = try authorise(.find, requester)
    try requireIndex()
    let leaves = try storing(layout.index) {
      try indexQueue.read { database in
        let index = IndexStore(database: database)
        let codes = MatchCodes(keyring: keyring, generation: try index.generation() ?? 1)
        return try index.subjects(code: try codes.code(kind, value))
      }
    }
    let persons = try persons(of: leaves)
    guard persons.count <= Self.maximumFoundPersons else {
      throw VaultError(
        .limit,
        "more than \(Self.maximumFoundPersons) persons share this \(kind.rawValue); search by another identifier"
      )
    }
    let opener = SubjectOpener(self)
    let materials = try persons.map { try gather($0) }
    let anchors = try materials.map { material in
      try opener.open(material.anchorRow)
    }
    var details = members(requester)
    details.append(("kind", .string(kind.rawValue)))
    details.append(("found", .count(persons.count)))
    try log(
      AuditEvent(
        .personFound, actor: try actor(identity.name), subjects: try references(anchors),
        details: details))
    let tokens = try issue(.desk, for: anchors)
    return zip(tokens, materials).map { token, material in
      FoundPerson(
        token: token, sources: material.sourceNames, subjects: material.subjects.count)
    }
  }

  /// Issues a person's token in a domain; joining two domains takes this permission, and is logged.
  public func token(
    for token: TokenText, in domainName: String, _ requester: Requester
  ) throws -> TokenText {
    let identity = try authorise(.tokenise, requester)
    guard let domain = try domains().first(where: { $0.name == domainName }) else {
      throw VaultError(
        .notFound,
        "domain `\(domainName)` does not exist; open it with `lethe domain open \(domainName)`")
    }
    guard domain != .audit else {
      throw VaultError(.denied, "tokens of the domain `audit` are made by the log alone")
    }
    let material = try gather(try person(token))
    let anchor = try SubjectOpener(self).open(material.anchorRow)
    var details = members(requester)
    details.append(("domain", .string(domain.name)))
    try log(
      AuditEvent(
        .tokenIssued, actor: try actor(identity.name), subjects: try references([anchor]),
        details: details))
    return try issue(domain, for: [anchor])[0]
  }

  /// The pseudonymisation domains of the vault.
  public func domains() throws -> [TokenDomain] {
    try storing(layout.vault) { try queue.read { try DomainStore(database: $0).all() } }
  }

  /// Opens a new pseudonymisation domain.
  ///
  /// - Parameters:
  ///   - name: 2…24 lower-case letters, digits or hyphens, first a letter.
  ///   - isMonthly: Whether its tokens change every month.
  ///   - requester: Who asks.
  /// - Returns: The domain.
  /// - Throws: ``VaultError`` `.denied`, `.invalidInput` for a name that is unfit or taken.
  public func openDomain(_ name: String, isMonthly: Bool, _ requester: Requester) throws
    -> TokenDomain
  {
    let identity = try authorise(.manageDomains, requester)
    let isFit =
      (2...24).contains(name.utf8.count)
      && name.utf8.first.map { (0x61...0x7A).contains($0) } == true
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
      }
    guard isFit else {
      throw VaultError(
        .invalidInput,
        "a domain name has 2 to 24 lower-case letters, digits or hyphens and starts with a letter")
    }
    return try storing(layout.vault) {
      try queue.write { database in
        let store = DomainStore(database: database)
        guard try store.find(name) == nil else {
          throw VaultError(.invalidInput, "domain `\(name)` exists already")
        }
        let domain = TokenDomain(number: try store.nextNumber(), name: name, isMonthly: isMonthly)
        try store.insert(domain)
        var details = members(requester)
        details.append(("domain", .string(name)))
        details.append(("monthly", .bool(isMonthly)))
        try log(
          AuditEvent(.domainOpened, actor: try actor(identity.name), details: details), in: database
        )
        return domain
      }
    }
  }

  /// The live persons of subjects, each once; index entries that lead nowhere are passed over.
  private func persons(of leaves: [Int64]) throws -> [Int64] {
    try storing(layout.vault) {
      try queue.read { database in
        let store = SubjectStore(database: database)
        let rows = try leaves.compactMap(store.find).filter { !$0.isFenced }
        return Set(rows.map(\.person)).sorted()
      }
    }
  }
}

extension PersonMaterial {
  /// Names of the sources, each once.
  var sourceNames: [String] {
    Set(subjects.compactMap { sources[$0.source]?.name }).sorted()
  }

  /// The anchor's row.
  var anchorRow: SubjectRow {
    get throws {
      guard let row = subjects.first(where: { $0.leaf == anchor }) else {
        throw VaultError(.integrity, "a person without anchor; verify the vault")
      }
      return row
    }
  }
}

internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// Computes tokens of one domain and epoch; serves one thread.
///
/// `T = trunc128 HMAC(HKDF(TS ‖ DK), domain ‖ epoch)`: without the subject's secret TS nobody can
/// recompute it, without the domain key DK nobody can join two domains.
///
/// - SeeAlso: EDPB Guidelines 01/2025 (pseudonymisation domain), `docs/format.md#tokens`.
final class TokenMaker {
  let domain: TokenDomain
  let epoch: UInt32
  private let domainKey: SecretBytes
  private let vault: VaultID

  init(_ domain: TokenDomain, epoch: UInt32, vault: Vault, createIfMissing: Bool = true) throws {
    self.domain = domain
    self.epoch = epoch
    self.vault = vault.id
    domainKey = try vault.keyring.withDomainKey(
      domain: domain.number, epoch: epoch, createIfMissing: createIfMissing
    ) { try $0.copy() }
  }

  func token(_ subject: OpenSubject) throws -> [UInt8] {
    let joined = try SecretBytes(concatenating: subject.tokenSecret, domainKey)
    let key = try HKDF.derive(
      inputKey: joined, salt: Array("lethe1/token".utf8) + vault.rawBytes,
      info: Array("T".utf8) + subject.row.id.rawBytes, count: 32)
    var code = try HMACKey(key)
    let message = domain.number.bigEndianBytes + epoch.bigEndianBytes
    return Array(code.authenticate(message).prefix(TokenText.byteCount))
  }
}

extension Vault {
  /// The epoch a domain is in.
  func epoch(of domain: TokenDomain) -> UInt32 {
    domain.isMonthly ? CivilDate(day: clock.day).yearMonth : 0
  }

  func tokenMaker(_ domain: TokenDomain) throws -> TokenMaker {
    try TokenMaker(domain, epoch: epoch(of: domain), vault: self)
  }

  /// The log's references to subjects in this month.
  func references(_ subjects: [OpenSubject]) throws -> [[UInt8]] {
    guard !subjects.isEmpty else { return [] }
    let maker = try tokenMaker(.audit)
    return try subjects.map(maker.token)
  }

  /// Gives the tokens of persons in a domain and records where they lead.
  ///
  /// A person's token is that of its anchor, the subject that gave the person its number.
  func issue(_ domain: TokenDomain, for anchors: [OpenSubject]) throws -> [TokenText] {
    let maker = try tokenMaker(domain)
    let tokens = try anchors.map(maker.token)
    try storing(layout.index) {
      try indexQueue.write { database in
        let store = IndexStore(database: database)
        for (anchor, token) in zip(anchors, tokens) {
          try store.insert(
            TokenRow(
              token: token, domain: domain.number, epoch: maker.epoch, subject: anchor.row.leaf))
        }
      }
    }
    return tokens.map { TokenText(domain: domain.name, token: $0) }
  }

  /// Finds the person behind a token of any domain.
  ///
  /// - Throws: ``VaultError`` `.notFound` when the token leads to nobody: unknown, erased, or of an
  ///   ended epoch. The three are not told apart.
  func person(_ token: TokenText) throws -> Int64 {
    try requireIndex()
    let domain = try queue.read { try DomainStore(database: $0).find(token.domain) }
    let leaf = try domain.flatMap { domain in
      try indexQueue.read { database in
        try IndexStore(database: database).subject(token: token.token, domain: domain.number)
      }
    }
    let subject = try leaf.flatMap { leaf in
      try queue.read { try SubjectStore(database: $0).find(leaf) }
    }
    guard let subject else {
      throw VaultError(
        .notFound,
        "token `\(token.text)` leads to nobody; look the person up again with `lethe find`")
    }
    return subject.person
  }
}

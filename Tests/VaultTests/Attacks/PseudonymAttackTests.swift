import Foundation
import GRDB
import Keyring
import Sealing
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// What tokens, backups and the suppression list give away to whoever has them.
@Suite struct PseudonymAttackTests {
  private func record(_ number: Int, _ name: String, _ tried: String, _ result: String) {
    AttackReport.record(number: number, name: name, tried: tried, result: result)
  }

  private static func email(_ number: Int) -> String { "person\(number)@example.com" }

  private static func vault(people: Int) throws -> (TestVault, Vault) {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      (0..<people).map {
        TestSources.crm.record("K-\($0)", ["number": "K-\($0)", "email": email($0)])
      }, from: TestSources.crm)
    return (test, vault)
  }

  /// Two recipients put their token lists side by side.
  @Test func twoDomainsDoNotJoin() throws {
    let people = AttackReport.rounds(short: 40, long: 400)
    let (_, vault) = try Self.vault(people: people)
    for name in ["partner-a", "partner-b"] {
      _ = try vault.openDomain(name, isMonthly: false, .engineer)
    }
    let pairs = try (0..<people).map { number in
      let desk = try vault.theOne(.customerNumber, "K-\(number)")
      return try ["partner-a", "partner-b"].map {
        try vault.token(for: desk, in: $0, .dpo).token
      }
    }
    let tokens = pairs.flatMap { $0 }
    #expect(Set(tokens).count == 2 * people)
    // No constant leads from one list to the other.
    #expect(Set(pairs.map { zip($0[0], $0[1]).map { $0 ^ $1 } }).count == people)
    #expect(Set(pairs.map { zip($0[0], $0[1]).map { $0 &- $1 } }).count == people)
    // Putting both lists in order and pairing by rank finds no more than chance does.
    let first = pairs.indices.sorted { pairs[$0][0].lexicographicallyPrecedes(pairs[$1][0]) }
    let second = pairs.indices.sorted { pairs[$0][1].lexicographicallyPrecedes(pairs[$1][1]) }
    let hits = zip(first, second).count { $0 == $1 }
    // One hit is expected; ten have a chance below one in a million.
    #expect(hits < 10)
    record(
      33, "two domains joined by their tokens",
      "\(people) persons: equal bytes, constant differences, pairing by rank",
      "nothing in common; pairing by rank finds \(hits), chance finds 1")
  }

  /// Everything that is alive after the erasure, and the e-mail, against the erased token.
  @Test func anErasedTokenIsNotMadeAgain() throws {
    let (_, vault) = try Self.vault(people: 30)
    let token = try vault.theOne(.email, Self.email(7))
    let leaf = try vault.leaf(TestSources.crm, "K-7")
    let row = try #require(try vault.queue.read { try SubjectStore(database: $0).find(leaf) })
    try vault.eraseNow(token, "R-1")
    let maker = try vault.tokenMaker(try #require(try vault.domains().first { $0.name == "desk" }))
    var secrets: [[UInt8]] = [Array(Self.email(7).utf8), Array("K-7".utf8), row.id.rawBytes]
      .map(SHA256.hash)
    secrets += [[UInt8](repeating: 0, count: 32), row.commitment]
    for other in 0..<30 as Range<Int64> where other != leaf {
      secrets.append(try vault.keyring.withSubjectKey(other) { $0.plaintextCopy() })
    }
    secrets.append(try vault.keyring.withSuppressionKey { $0.plaintextCopy() })
    secrets.append(
      try vault.keyring.withDomainKey(
        domain: maker.domain.number, epoch: maker.epoch, createIfMissing: false
      ) { $0.plaintextCopy() })
    for field in [MatchCodes.externalIDField, IdentifierKind.email.number] {
      secrets.append(
        try vault.keyring.withIndexKey(field: field, generation: 1, createIfMissing: false) {
          $0.plaintextCopy()
        })
    }
    for secret in secrets {
      let guess = try OpenSubject(
        row: row, key: SecretBytes(copying: secret), tokenSecret: SecretBytes(copying: secret),
        vault: vault.id)
      #expect(try maker.token(guess) != token.token)
    }
    // The guess is made right: with the true secret it gives the token of one who is still there.
    let live = try vault.leaf(TestSources.crm, "K-8")
    let liveRow = try #require(
      try vault.queue.read { try SubjectStore(database: $0).find(live) })
    let expected = try vault.theOne(.email, Self.email(8)).token
    #expect(try maker.token(SubjectOpener(vault).open(liveRow)) == expected)
    record(
      34, "token made again after the erasure",
      "old row, e-mail and \(secrets.count) secrets alive in the vault as the token secret",
      "none gives the token")
  }

  /// The column of a value is unknown; which visible column ranks its rows like the value does?
  @Test func noVisibleColumnRanksLikeAValue() throws {
    let people = AttackReport.rounds(short: 300, long: 3000)
    let test = try TestVault()
    let vault = try test.made()
    var numbers = SeededNumbers(seed: 35)
    // Ten values, the first as frequent as the other nine together.
    let truth = (0..<people).map { _ in
      let draw = Int.random(in: 0..<18, using: &numbers)
      return draw < 9 ? 0 : draw - 8
    }
    let records = truth.enumerated().map { number, value in
      TestSources.crm.record(
        "K-\(number)", ["number": "K-\(number)", "diagnosis": "value \(value)"])
    }
    for start in stride(from: 0, to: people, by: 300) {
      try vault.ingest(Array(records[start..<min(start + 300, people)]), from: TestSources.crm)
    }
    let (names, rows) = try vault.queue.read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT record.*, length(record.sealed) AS sealed_length,
            length(subject.sealed) AS subject_length, subject.source, subject.generation,
            subject.created_day, subject.state
          FROM record JOIN subject ON subject.leaf = record.subject ORDER BY subject.leaf
          """)
      return (rows.first.map { Array($0.columnNames) } ?? [], rows)
    }
    #expect(rows.count == people && names.count == 14)
    let baseline = Self.share(Self.ranked(truth.map(String.init)), truth)
    for name in names {
      let column = rows.map { $0[name] as DatabaseValue }.map(\.description)
      let found = Self.share(Self.ranked(column), truth)
      let bound = baseline.most + 0.05
      #expect(found.right <= bound, "column `\(name)`: \(found.right)")
    }
    #expect(baseline.right == 1, "matching by rank works on the value itself")
    record(
      35, "rank matching on visible columns",
      "\(names.count) columns and lengths of \(people) records with ten values",
      "no column beats always guessing the most frequent value by more than 0.05")
  }

  /// The rank of every row's value by how often the value comes, the most frequent first.
  private static func ranked(_ column: [String]) -> [Int] {
    let counts = column.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    let order = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let ranks = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    return column.map { ranks[$0] ?? 0 }
  }

  /// How many rows matching by rank gets right, and how many the best constant guess.
  private static func share(_ ranks: [Int], _ truth: [Int]) -> (right: Double, most: Double) {
    let expected = ranked(truth.map(String.init))
    let right = zip(ranks, expected).count { $0 == $1 }
    let most = expected.count { $0 == 0 }
    return (Double(right) / Double(truth.count), Double(most) / Double(truth.count))
  }

  /// A backup is `vault.sqlite`; whoever has it tries every e-mail there is.
  @Test func aBackupIsNoDictionary() throws {
    let (test, vault) = try Self.vault(people: 20)
    try vault.eraseNow(try vault.theOne(.email, Self.email(3)), "R-1")
    try vault.queue.close()
    let data = try Data(contentsOf: URL(filePath: test.layout.vault))
    let tables = try DatabaseQueue(path: test.layout.vault).read {
      try String.fetchAll($0, sql: "SELECT name FROM sqlite_master")
    }
    #expect(!tables.contains("match") && !tables.contains("token"), "\(tables)")
    var tried = 0
    for number in 0..<20 {
      for text in [Self.email(number), "K-\(number)", "crm\0K-\(number)"] {
        let digest = SHA256.hash(Array(text.utf8))
        let forms = [
          Array(digest.prefix(8)), Array(digest.hexadecimal.prefix(16).utf8),
          Array(Data(digest).base64EncodedString().prefix(10).utf8),
        ]
        let plain = number < 10 && text.count < 5 ? [] : [Array(text.utf8)]
        for form in forms + plain {
          #expect(data.range(of: Data(form)) == nil, "\(text)")
          tried += 1
        }
      }
    }
    record(
      36, "dictionary attack on a backup of the vault file",
      "\(tried) identifiers and hashes of them; the tables of the match index",
      "no index in the file, none of them found; the suppression list is keyed")
  }

  @Test func anOldGenerationOfTheIndexDecidesNothing() throws {
    let (test, vault) = try Self.vault(people: 5)
    let old = try test.copyDirectory("old")
    let queue = try DatabaseQueue(path: old + "/index.sqlite")
    let codes = try queue.read { try Set(Data.fetchAll($0, sql: "SELECT code FROM match")) }
    func guesses(_ generation: UInt32) throws -> Set<Data> {
      let maker = MatchCodes(keyring: vault.keyring, generation: generation)
      return try Set(
        (0..<5).map { Data(try maker.code(.email, Array(Self.email($0).utf8))) })
    }
    let generation = try #require(
      try vault.indexQueue.read { try IndexStore(database: $0).generation() })
    #expect(try guesses(generation).isSubset(of: codes), "with the live key it is a dictionary")
    _ = try vault.rebuildIndex(.service)
    let next = try #require(
      try vault.indexQueue.read { try IndexStore(database: $0).generation() })
    #expect(next != generation)
    #expect(throws: KeyringError.self) { _ = try guesses(generation) }
    #expect(try guesses(next).isDisjoint(with: codes))
    record(
      37, "old match index with every live key", "5 e-mails known to be in it",
      "decided before the rebuild, undecidable after it: the old generation's keys are destroyed")
  }

  /// The list answers nobody who asks; bringing somebody in is the one way to learn of an entry.
  @Test func theSuppressionListAnswersInsideIngestOnly() throws {
    let (_, vault) = try Self.vault(people: 3)
    try vault.eraseNow(try vault.theOne(.email, Self.email(1)), "R-1")
    for requester in [Requester.dpo, .analyst, .support] {
      expect(VaultError.Code.denied) { _ = try vault.beginIngest(TestSources.crm, requester) }
    }
    let size = try vault.logEntries().count
    let guesses = 6
    let answers = try (0..<guesses).map { number in
      try vault.ingest(
        [TestSources.crm.record("X-\(number)", ["email": Self.email(number)])],
        from: TestSources.crm
      ).suppressed
    }
    #expect(answers == [0, 1, 0, 0, 0, 0])
    let entries = try vault.logEntries()[size...]
    #expect(entries.count >= guesses)
    record(
      38, "suppression list enumerated", "\(guesses) guesses one by one, three other roles",
      "no lookup exists; who may bring in data learns one count a batch, each batch logged; "
        + "not slowed down")
  }
}

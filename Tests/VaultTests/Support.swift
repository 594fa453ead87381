import Foundation
import GRDB
import Keyring
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Expects an error of the vault with this code.
func expect(
  _ code: VaultError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  #expect(throws: VaultError(code, ""), sourceLocation: sourceLocation, performing: body)
}

/// Expects an error of the keyring with this code.
func expect(
  _ code: KeyringError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  #expect(throws: KeyringError(code, ""), sourceLocation: sourceLocation, performing: body)
}

/// Anna and Bert: two customers of one household, with one phone.
enum People {
  static let annaEmail = "anna.tester@example.com"
  static let bertEmail = "bert.tester@example.com"
  static let phone = "+4930123456"
  static let anna = TestSources.crm.record(
    "K-1",
    [
      "number": "K-1", "email": annaEmail, "phone": phone, "first_name": "Annabella",
      "last_name": "Testersdottir", "birth_date": "1984-05-06", "diagnosis": "hay fever",
      "country": "DE",
    ])
  static let bert = TestSources.crm.record(
    "K-2",
    [
      "number": "K-2", "email": bertEmail, "phone": phone, "first_name": "Bertolt",
      "last_name": "Nachbarsson", "birth_date": "1990-01-02", "country": "AT",
    ])

  /// Everything of Anna that must be gone from every byte after her erasure.
  static let annaNeedles = [
    annaEmail, "ANNA.TESTER", phone, "Annabella", "annabella", "Testersdottir", "testersdottir",
    "hay fever", "1984-05-06",
  ]
}

extension TestSources {
  /// The source as one whose data rests on consent.
  static func withConsent(_ source: SourceDescription) -> SourceDescription {
    SourceDescription(
      name: source.name, title: source.title, kind: source.kind, party: source.party,
      purposes: source.purposes, legalBasis: "consent", retentionClass: source.retentionClass,
      fields: source.fields, contractDigest: source.contractDigest,
      eventNameField: source.eventNameField, eventNameConstant: source.eventNameConstant)
  }
}

extension TestVault {
  /// A vault with Anna and Bert in it.
  func withPeople() throws -> Vault {
    let vault = try made()
    try vault.ingest([People.anna, People.bert], from: TestSources.crm)
    return vault
  }

  /// Runs SQL behind the program's back.
  func tamper(_ path: String, _ sql: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }
}

extension Vault {
  /// Every row of every table of a database but the log's, as text.
  func dump(_ keyPath: KeyPath<Vault, DatabaseQueue>) throws -> [String] {
    try self[keyPath: keyPath].read { database in
      let tables = try String.fetchAll(
        database,
        sql: """
          SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%'
          AND name NOT LIKE 'sqlite_stat%' ORDER BY name
          """)
      return try tables.flatMap { table in
        try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }.sorted()
      }
    }
  }

  /// One value of `vault.sqlite`.
  func value<T: DatabaseValueConvertible>(_ type: T.Type = T.self, _ sql: String) throws -> T? {
    try queue.read { try T.fetchOne($0, sql: sql) }
  }

  /// The entries of the log as objects.
  func logEntries() throws -> [JSONObject] {
    try queue.read { database in
      let store = AuditStore(database: database)
      return try (0..<store.size()).map { sequence in
        guard
          case .object(let object) = try CanonicalJSON(canonicalBytes: try store.entry(sequence))
        else { throw VaultError(.integrity, "entry \(sequence) is no object") }
        return object
      }
    }
  }

  /// The types of the log's entries.
  func logTypes() throws -> [String] {
    try logEntries().map { $0.text("type") }
  }

  /// The leaf of the only subject with this id in its source.
  func leaf(_ source: SourceDescription, _ externalID: String) throws -> Int64 {
    let found = try indexQueue.read { database -> Int64? in
      let index = IndexStore(database: database)
      let codes = MatchCodes(keyring: keyring, generation: try index.generation() ?? 1)
      return try index.subjects(
        code: codes.code(source: source.name, externalID: Array(externalID.utf8))
      ).first
    }
    return try #require(found)
  }
}

extension JSONObject {
  /// A member's text; empty for none.
  func text(_ key: String) -> String {
    if case .string(let text)? = self[key] { text } else { "" }
  }

  /// A member's number; -1 for none.
  func number(_ key: String) -> Int64 {
    if case .integer(let number)? = self[key] { number } else { -1 }
  }

  /// A member's texts by key, for an object of texts.
  func texts(_ key: String) -> [String: String] {
    guard case .object(let object)? = self[key] else { return [:] }
    return Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, object.text($0.key)) })
  }
}

/// Looks for bytes in every file of a directory.
enum FileScan {
  /// The needles found, each as file and place in the list.
  static func hits(in directory: String, _ needles: [[UInt8]]) throws -> [String] {
    let root = URL(filePath: directory)
    let files = try #require(
      FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey]))
    var hits: [String] = []
    var count = 0
    for case let file as URL in files {
      guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        continue
      }
      count += 1
      let data = try Data(contentsOf: file)
      for (index, needle) in needles.enumerated() where data.range(of: Data(needle)) != nil {
        hits.append("\(file.lastPathComponent): needle \(index)")
      }
    }
    #expect(count > 5, "the scan saw too few files to mean anything")
    return hits
  }

  static func hits(in directory: String, _ needles: [String]) throws -> [String] {
    try hits(in: directory, needles.map { Array($0.utf8) })
  }
}

import Foundation
import GRDB
import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

/// Expects an error of the auditor's tools with this code.
func expect(
  _ code: AuditingError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  #expect(throws: AuditingError(code, ""), sourceLocation: sourceLocation, performing: body)
}

/// Expects an error of the vault with this code.
func expect(
  _ code: VaultError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  #expect(throws: VaultError(code, ""), sourceLocation: sourceLocation, performing: body)
}

extension Requester {
  /// The auditor.
  static let auditor = Requester(
    operatorName: "aude", purpose: "essential.legal_obligation")
  /// The DPO without a case.
  static let overseer = Requester(operatorName: "dana", purpose: "essential.legal_obligation")
}

/// Two customers.
enum People {
  static let annaEmail = "anna.tester@example.com"
  static let bertEmail = "bert.tester@example.com"
  static let anna = TestSources.crm.record(
    "K-1", ["number": "K-1", "email": annaEmail, "first_name": "Annabella", "country": "DE"])
  static let bert = TestSources.crm.record(
    "K-2", ["number": "K-2", "email": bertEmail, "first_name": "Bertolt", "country": "AT"])
}

/// A vault whose log has something in it.
struct Ledger {
  let test: TestVault
  let vault: Vault
  let anna: TokenText
  let bert: TokenText

  /// Makes a vault with two customers, at whom several people look; three months pass.
  init() throws {
    test = try TestVault()
    vault = try test.made()
    try vault.ingest([People.anna, People.bert], from: TestSources.crm)
    anna = try vault.theOne(.email, People.annaEmail)
    bert = try vault.theOne(.email, People.bertEmail)
    try look(anna, .dpo)
    try look(anna, .support)
    refuse(bert)
    test.clock.set(day: TestVault.day + 40)
    try look(anna, .dpo)
    try look(bert, .support)
    test.clock.set(day: TestVault.day + 70)
    refuse(anna)
    try look(anna, .dpo)
  }

  /// Looks at a person's e-mail.
  func look(_ token: TokenText, _ requester: Requester) throws {
    _ = try vault.disclose(token, fields: ["email"], requester)
  }

  /// Asks for what the policy refuses.
  func refuse(_ token: TokenText) {
    let requester = Requester(operatorName: "max", purpose: "essential.service")
    expect(.denied) { _ = try vault.disclose(token, fields: ["email"], requester) }
  }

  /// The entries of the log, read behind the program's back.
  func entries() throws -> [LogEntry] {
    try vault.queue.read { database in
      let store = AuditStore(database: database)
      return try store.entries(0..<store.size(), limit: .max, isNewestFirst: false)
    }
  }

  /// The events of the log.
  func events() throws -> [LoggedEvent] { try entries().map { try LoggedEvent($0) } }

  /// Number of entries.
  func size() throws -> Int { try entries().count }

  /// A path for an exported file.
  func path(_ name: String) -> String { test.root.appending(path: name).path }

  /// The log's key.
  var key: NoteVerifierKey {
    get throws { try NoteVerifierKey(encoded: try vault.logVerifierKey()) }
  }

  /// The published log.
  var published: PublishedEntries {
    let directory = vault.layout.audit
    return PublishedEntries { path in
      FileManager.default.contents(atPath: "\(directory)/\(path)").map { [UInt8]($0) }
    }
  }

  /// Removes entries as the log's retention does: from the vault and from the published bundles.
  func prune(below sequence: Int) throws {
    try vault.queue.write {
      try $0.execute(sql: "DELETE FROM audit_entry WHERE seq < ?", arguments: [sequence])
    }
  }
}

extension LogQuery {
  /// Makes a query by setting conditions.
  static func with(_ change: (inout LogQuery) -> Void) -> LogQuery {
    var query = LogQuery()
    change(&query)
    return query
  }
}

extension LogPaging {
  /// Everything on one page.
  static var all: LogPaging {
    get throws { try LogPaging(limit: LogPaging.limitMaximum) }
  }
}

extension Ledger {
  /// Ten o'clock of the day so many days after the first.
  func time(_ days: Int) -> Int64 {
    Int64(TestVault.day + days) * VaultClock.millisecondsPerDay + 36_000_000
  }

  /// Changes a person destructively, so that its subjects get other keys.
  func rekey(_ token: TokenText) throws {
    let change = SubjectChange.rectify([
      RectifiedField(path: "crm.country", stored: Array("CH".utf8), matched: Array("CH".utf8))
    ])
    let preview = try vault.previewChange(change, of: token, .dpo)
    _ = try vault.apply(change, to: token, confirming: preview.digest, reference: "R-1", .dpo)
  }
}

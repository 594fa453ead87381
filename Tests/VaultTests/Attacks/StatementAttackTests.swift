import Foundation
import GRDB
import GRDBSQLite
import Keyring
import Sealing
import Synchronization
import TestSupport
import Testing
import VaultTesting

@testable import Vault

/// Listens to every statement of every connection of this process, with the values bound to it.
///
/// SQLite calls the hook for each new connection, whoever opens it; nothing of the program has to
/// take part.
enum StatementTrace {
  private static let heard = Mutex<[(file: String, text: String)]?>(nil)

  /// Runs a body and gives what was said below a directory meanwhile.
  static func listen(
    below directory: String, _ body: () throws -> Void
  ) throws -> [(file: String, text: String)] {
    heard.withLock { $0 = [] }
    let entry: @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32 = {
      database, _, _ in
      unsafe sqlite3_trace_v2(
        database, UInt32(SQLITE_TRACE_STMT),
        { _, _, statement, _ in
          if let statement = unsafe statement {
            unsafe StatementTrace.hear(OpaquePointer(statement))
          }
          return 0
        }, nil)
      return SQLITE_OK
    }
    let hook = unsafe unsafeBitCast(entry, to: (@convention(c) () -> Void).self)
    _ = sqlite3_auto_extension(hook)
    defer { _ = sqlite3_cancel_auto_extension(hook) }
    try body()
    let all = heard.withLock { all in
      defer { all = nil }
      return all ?? []
    }
    return all.filter { $0.file.hasPrefix(directory) }
  }

  private static func hear(_ statement: OpaquePointer) {
    guard let database = unsafe sqlite3_db_handle(statement),
      let name = unsafe sqlite3_db_filename(database, "main"),
      let text = unsafe sqlite3_expanded_sql(statement)
    else { return }
    let line = unsafe (file: String(cString: name), text: String(cString: text))
    unsafe sqlite3_free(text)
    heard.withLock { $0?.append(line) }
  }
}

/// Statements end up in traces, slow query logs and crash reports.
@Suite(.serialized) struct StatementAttackTests {
  /// The forms in which bytes can stand in a statement.
  private func forms(_ bytes: [UInt8]) -> [String] {
    let hex = bytes.hexadecimal
    let text = String(decoding: bytes, as: UTF8.self)
    return [hex, hex.uppercased(), text, text.lowercased(), Data(bytes).base64EncodedString()]
  }

  @Test func noStatementHoldsPersonalDataOrAKey() throws {
    let test = try TestVault()
    try test.create()
    var keys: [[UInt8]] = []
    func keep(_ key: borrowing SecretBytes) { keys.append(key.plaintextCopy()) }
    let heard = try StatementTrace.listen(below: test.root.path) {
      let vault = try test.open()
      try vault.ingest([People.anna, People.bert], from: TestSources.crm)
      _ = try vault.project(.service)
      let anna = try vault.theOne(.email, People.annaEmail)
      #expect(try vault.values(anna)["crm.email"] == [People.annaEmail])
      let leaf = try vault.leaf(TestSources.crm, "K-1")
      let records = try vault.queue.read { try RecordStore(database: $0).ofSubject(leaf) }
      try vault.keyring.withSubjectKey(leaf, keep)
      for bucket in Set(records.map(\.bucket) + [.permanent]) {
        try vault.keyring.withBucketKey(bucket, createIfMissing: false, keep)
      }
      try vault.keyring.withSuppressionKey(keep)
      let slot = try FileEpochSlot.open(at: test.slotPath, vault: vault.id, random: test.random)
      for epoch in try slot.read() { keys.append(epoch.secret.plaintextCopy()) }
      keys.append([UInt8](try Data(contentsOf: URL(filePath: test.keyPath))))
      try vault.eraseNow(anna, "R-1")
      #expect(try vault.ingest([People.anna], from: TestSources.crm).suppressed == 1)
      _ = try vault.rebuildIndex(.service)
      try vault.publishLog()
    }
    let files = Set(heard.map { URL(filePath: $0.file).lastPathComponent })
    #expect(
      files == ["vault.sqlite", "keys.sqlite", "index.sqlite", "analytics.sqlite"], "\(files)")
    #expect(heard.count > 300 && keys.count == 6 && Set(keys.map(\.count)) == [32])
    // Bound values are heard too, or finding nothing in them would prove nothing.
    #expect(heard.contains { $0.text.contains("INSERT INTO record") && $0.text.contains("x'") })
    let people = People.annaNeedles + [People.bertEmail, "Bertolt", "Nachbarsson", "1990-01-02"]
    let needles = Set((people.map { Array($0.utf8) } + keys).flatMap(forms))
    for (file, text) in heard {
      for needle in needles where text.contains(needle) {
        Issue.record("a statement on \(file) holds what it must not")
      }
    }
    AttackReport.record(
      number: 43, name: "statements traced with their bound values",
      tried:
        "\(heard.count) statements of ingest, reveal, erasure and rebuild on four databases, "
        + "\(needles.count) needles", result: "no personal data and no key byte in any form")
  }
}

import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// Acts that share a transaction: each happens whole or not at all, whatever the others do.
@Suite struct GroupCommitTests {
  private struct Refused: Error {}

  private static func queue(_ place: URL) throws -> DatabaseQueue {
    let queue = try DatabaseQueue(path: place.appending(path: "group.sqlite").path)
    try queue.write { try $0.execute(sql: "CREATE TABLE act (number INTEGER PRIMARY KEY)") }
    return queue
  }

  private static func withPlace(_ body: (URL) throws -> Void) throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "group-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: place) }
    try body(place)
  }

  @Test func everyThreadGetsItsOwnAnswer() throws {
    try Self.withPlace { place in
      let queue = try Self.queue(place)
      let commits = GroupCommit(queue)
      let failures = Mutex<[Int]>([])
      let wrong = Mutex(0)
      Crowd.run(threads: 400) { number in
        do {
          let answer = try commits.write { database in
            try database.execute(sql: "INSERT INTO act (number) VALUES (?)", arguments: [number])
            if number % 7 == 0 { throw Refused() }
            return number * 2
          }
          if answer != number * 2 { wrong.withLock { $0 += 1 } }
        } catch is Refused {
          failures.withLock { $0.append(number) }
        } catch {
          wrong.withLock { $0 += 1 }
        }
      }
      #expect(wrong.withLock { $0 } == 0)
      let refused = Set(failures.withLock { $0 })
      #expect(refused == Set((0..<400).filter { $0 % 7 == 0 }))
      let kept = try queue.read { try Int.fetchAll($0, sql: "SELECT number FROM act") }
      #expect(Set(kept) == Set(0..<400).subtracting(refused) && kept.count == 400 - refused.count)
    }
  }

  /// A body that breaks a constraint undoes nothing of the others.
  @Test func aBrokenConstraintStaysItsOwn() throws {
    try Self.withPlace { place in
      let queue = try Self.queue(place)
      let commits = GroupCommit(queue)
      let broken = Mutex(0)
      Crowd.run(threads: 100) { number in
        do {
          try commits.write {
            try $0.execute(sql: "INSERT INTO act (number) VALUES (?)", arguments: [number / 2])
          }
        } catch {
          broken.withLock { $0 += 1 }
        }
      }
      #expect(broken.withLock { $0 } == 50)
      #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM act") } == 50)
    }
  }

  /// When the database cannot commit, no act has happened and nobody is told otherwise.
  @Test func aCommitThatFailsFailsForEverybody() throws {
    try Self.withPlace { place in
      let queue = try Self.queue(place)
      // A page limit stands for a full disk.
      try queue.writeWithoutTransaction {
        _ = try Row.fetchAll($0, sql: "PRAGMA max_page_count = 8")
        try $0.execute(sql: "CREATE TABLE bulk (bytes BLOB)")
      }
      let commits = GroupCommit(queue)
      let done = Mutex(0)
      Crowd.run(threads: 64) { number in
        try? commits.write { database in
          try database.execute(sql: "INSERT INTO act (number) VALUES (?)", arguments: [number])
          try database.execute(sql: "INSERT INTO bulk (bytes) VALUES (zeroblob(3000))")
        }
        _ = number
        done.withLock { $0 += 1 }
      }
      #expect(done.withLock { $0 } == 64)
      let (acts, bulk) = try queue.read { database in
        (
          try Int.fetchOne(database, sql: "SELECT count(*) FROM act") ?? 0,
          try Int.fetchOne(database, sql: "SELECT count(*) FROM bulk") ?? 0
        )
      }
      #expect(acts == bulk && acts < 64)
    }
  }

  @Test func concurrentDisclosuresAreAllInTheLog() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let before = try vault.logEntries().count
    let places = Mutex<[Int]>([])
    Crowd.run(threads: 64) { _ in
      guard let dossier = try? vault.disclose(token, fields: ["email"], .dpo) else { return }
      places.withLock { $0.append(dossier.logSequence) }
    }
    #expect(places.withLock { $0.sorted() } == Array(before..<before + 64))
    let entries = try vault.logEntries()
    #expect(entries.count == before + 64)
    let size = try vault.publishLog().size
    #expect(size == before + 64)
  }

  @Test func aBatchIsTheSameTreeAsOneByOne() throws {
    let test = try TestVault()
    let vault = try test.made()
    let events = (0..<300).map { number in
      AuditEvent(
        .erasureSwept, actor: "op_x",
        details: [("reference", .string("R-\(number)")), ("records", .count(number))])
    }
    let range = try vault.record(Array(events.prefix(257)))
    for event in events.dropFirst(257) { _ = try vault.record([event]) }
    #expect(range.count == 257)
    let (entries, root) = try vault.queue.read { database in
      let store = AuditStore(database: database)
      let size = try store.size()
      return (
        try (0..<size).map(store.entry), try MerkleTree.root(size: size, read: store.hash)
      )
    }
    var tree = Frontier()
    for entry in entries { tree.append(.leaf(entry)) }
    #expect(tree.root == root)
    // One event that is not of its form keeps the whole batch out.
    let bad = AuditEvent(.erasureSwept, actor: "op_x", details: [("records", .count(1))])
    expect(.integrity) { _ = try vault.record([events[0], bad]) }
    expect(.limit) {
      _ = try vault.record(Array(repeating: events[0], count: Vault.recordedEventsMaximum + 1))
    }
    #expect(try vault.logEntries().count == entries.count)
  }
}

import GRDB
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct PagingTests {
  /// Reads page after page while the log grows between them.
  private func pages(
    _ ledger: Ledger, _ query: LogQuery, limit: Int, isNewestFirst: Bool
  ) throws -> [[Int]] {
    var pages: [[Int]] = []
    var after: LogCursor?
    repeat {
      let page = try LogSearch(ledger.vault, .auditor).page(
        query, try LogPaging(after: after, limit: limit, isNewestFirst: isNewestFirst))
      pages.append(page.entries.map(\.sequence))
      #expect(page.next?.treeSize == nil || page.next?.treeSize == page.treeSize)
      after = try page.next.map { try LogCursor($0.text) }
      try ledger.look(ledger.anna, .dpo)
    } while after != nil && pages.count < 100
    return pages
  }

  @Test(arguments: [1, 2, 3, 7, 100], [false, true])
  func pagesJoinToTheWholeHoweverTheLogGrows(limit: Int, isNewestFirst: Bool) throws {
    let ledger = try Ledger()
    for query in [LogQuery(), .with { $0.types = ["field.disclosed"] }] {
      let whole = try LogSearch(ledger.vault, .auditor).page(
        query, try LogPaging(limit: LogPaging.limitMaximum, isNewestFirst: isNewestFirst))
      let size = whole.treeSize
      let found = try pages(ledger, query, limit: limit, isNewestFirst: isNewestFirst)
      // The event about the first reading is the only one more that these pages may know.
      let joined = found.flatMap { $0 }.filter { $0 < size }
      #expect(joined == whole.entries.map(\.sequence))
      #expect(found.dropLast().allSatisfy { $0.count == limit })
    }
  }

  @Test func aCursorFromTheFutureIsRefused() throws {
    let ledger = try Ledger()
    let size = try ledger.size()
    let paging = try LogPaging(after: LogCursor(sequence: 1, treeSize: size + 1))
    expect(.invalidInput) { _ = try LogSearch(ledger.vault, .auditor).page(LogQuery(), paging) }
    #expect(try ledger.size() == size)
  }

  @Test func behindTheEndThereIsNothing() throws {
    let ledger = try Ledger()
    let paging = try LogPaging(after: LogCursor(sequence: 1000, treeSize: nil))
    let page = try LogSearch(ledger.vault, .auditor).page(LogQuery(), paging)
    #expect(page.entries.isEmpty && page.next == nil)
  }

  @Test func cursorsAreRead() throws {
    #expect(try LogCursor("17") == LogCursor(sequence: 17, treeSize: nil))
    #expect(try LogCursor("17@200") == LogCursor(sequence: 17, treeSize: 200))
    #expect(try LogCursor("17@200").text == "17@200")
  }

  @Test(arguments: ["", "x", "17@", "@200", "1@2@3", "-1", "1 @2", "99999999999999999", "1@-2"])
  func otherCursorsAreRefused(text: String) {
    expect(.invalidQuery) { _ = try LogCursor(text) }
  }

  @Test func prunedEntriesAreTold() throws {
    let ledger = try Ledger()
    try ledger.prune(below: 4)
    let page = try LogSearch(ledger.vault, .auditor).page(LogQuery(), try .all)
    #expect(page.firstKept == 4 && page.entries.first?.sequence == 4)
    let event = try #require(try ledger.events().last)
    #expect(event.members["from"] == .integer(4))
    let below = try LogSearch(ledger.vault, .auditor).page(
      .with { $0.toSequence = 3 }, try .all)
    #expect(below.entries.isEmpty && below.firstKept == 4)
  }

  @Test func aHoleInTheLogIsNoAnswer() throws {
    let ledger = try Ledger()
    try ledger.vault.queue.write { try $0.execute(sql: "DELETE FROM audit_entry WHERE seq = 3") }
    for isNewestFirst in [false, true] {
      expect(.integrity) {
        _ = try LogSearch(ledger.vault, .auditor).page(
          LogQuery(), try LogPaging(isNewestFirst: isNewestFirst))
      }
    }
  }
}

import Sealing
import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct LogQueryTests {
  /// Every condition alone, with the types of the entries it has to find.
  @Test func everyConditionFindsWhatItMeans() throws {
    let ledger = try Ledger()
    let events = try ledger.events()
    let dana = try ledger.vault.actor("dana")
    let start = Int64(TestVault.day + 40) * VaultClock.millisecondsPerDay
    let table: [(LogQuery, (LoggedEvent) -> Bool)] = [
      (.with { _ in }, { _ in true }), (.with { $0.actor = dana }, { $0.actor == dana }),
      (.with { $0.fromMilliseconds = start }, { $0.milliseconds >= start }),
      (.with { $0.toMilliseconds = start }, { $0.milliseconds < start }),
      (.with { $0.types = ["person.found"] }, { $0.type == "person.found" }),
      (
        .with { $0.types = ["person.found", "vault.created"] },
        { ["person.found", "vault.created"].contains($0.type) }
      ),
      (
        .with { $0.decision = .deny },
        { $0.text("decision") == "deny" || $0.type == "operation.denied" }
      ),
      (.with { $0.decision = .allow }, { $0.text("decision") == "allow" }),
      (.with { $0.purpose = "essential" }, { $0.text("purpose")?.hasPrefix("essential.") == true }),
      (
        .with { $0.purpose = "essential.service" },
        { $0.text("purpose") == "essential.service" }
      ),
      (.with { $0.caseReference = "DSR-1" }, { $0.text("case") == "DSR-1" }),
      (
        .with {
          $0.fromSequence = 2
          $0.toSequence = 5
        }, { (2..<5).contains($0.sequence) }
      ),
      (
        .with {
          $0.actor = dana
          $0.types = ["field.disclosed"]
          $0.fromMilliseconds = start
        },
        { $0.actor == dana && $0.type == "field.disclosed" && $0.milliseconds >= start }
      ),
    ]
    for (query, isMeant) in table {
      let expected = events.filter(isMeant).map(\.sequence)
      let page = try LogSearch(ledger.vault, .auditor).page(query, try .all)
      let found = page.entries.map(\.sequence).filter { $0 < events.count }
      #expect(found == expected, "\(query.conditions)")
      #expect(!expected.isEmpty && page.next == nil, "\(query.conditions)")
      let newest = try LogSearch(ledger.vault, .auditor).page(
        query, try LogPaging(limit: LogPaging.limitMaximum, isNewestFirst: true))
      #expect(
        newest.entries.map(\.sequence).filter { $0 < events.count } == expected.reversed())
    }
  }

  /// `essential` is no purpose below `essen`.
  @Test(arguments: ["essen", "essential.serv", "essential.service.", "marketing"])
  func aPurposeIsComparedByItsParts(purpose: String) throws {
    let ledger = try Ledger()
    let page = try LogSearch(ledger.vault, .auditor).page(
      .with { $0.purpose = purpose }, try .all)
    #expect(page.entries.isEmpty && page.next == nil)
  }

  @Test func aRefusedOperationCountsAsDenied() throws {
    let ledger = try Ledger()
    expect(.denied) { _ = try ledger.vault.find(.email, Array("x@y.de".utf8), .analyst) }
    let page = try LogSearch(ledger.vault, .auditor).page(
      .with {
        $0.decision = .deny
        $0.types = ["operation.denied"]
      }, try .all)
    #expect(page.entries.count == 1)
  }

  @Test func personsAreFoundInEveryMonthByATokenOfTheDesk() throws {
    let ledger = try Ledger()
    let subjects = try ledger.vault.logSubjects(ledger.anna, .auditor)
    let query = LogQuery.with { $0.subjects = subjects.references.map(\.text) }
    let page = try LogSearch(ledger.vault, .auditor).page(query, try .all, about: subjects)
    let types = try page.entries.map { try LoggedEvent($0).type }
    #expect(types == ["person.found"] + [String](repeating: "field.disclosed", count: 5))
    let months = Set(
      try page.entries.map { try LoggedEvent($0).milliseconds / VaultClock.millisecondsPerDay / 30 }
    )
    #expect(months.count == 3)
    // The reading is itself an event about the person.
    let last = try #require(try ledger.events().last)
    #expect(last.type == "log.queried" && last.texts("subjects").count == 1)
    #expect(last.texts("conditions") == ["subjects"])
  }

  @Test func aReferenceOfTheLogStandsForItself() throws {
    let ledger = try Ledger()
    let reference = try #require(
      try ledger.events().first { $0.type == "field.disclosed" }?.texts("subjects").first)
    let subjects = try ledger.vault.logSubjects(try TokenText(reference), .auditor)
    #expect(subjects.references.map(\.text) == [reference])
    let page = try LogSearch(ledger.vault, .auditor).page(
      .with { $0.subjects = [reference] }, try .all, about: subjects)
    #expect(page.entries.count == 3)
    let unknown = TokenText(domain: "audit", token: [UInt8](repeating: 7, count: 16))
    let before = try ledger.size()
    expect(.notFound) { _ = try ledger.vault.logSubjects(unknown, .auditor) }
    #expect(try ledger.size() == before)
  }

  @Test func theEventComesFirstAndNamesTheQueryByDigest() throws {
    let ledger = try Ledger()
    let before = try ledger.size()
    let query = LogQuery.with {
      $0.types = ["field.disclosed"]
      $0.caseReference = "DSR-1"
    }
    let page = try LogSearch(ledger.vault, .auditor).page(query, try .all)
    #expect(page.treeSize == before && page.reading == before)
    let event = try #require(try ledger.events().last)
    #expect(event.sequence == before && event.type == "log.queried")
    #expect(event.text("query") == (try query.digest.hexadecimal))
    #expect(event.texts("conditions") == ["case", "types"])
    #expect(event.members["from"] == .integer(0))
    #expect(event.members["to"] == .integer(Int64(before)))
    #expect(event.members["tree_size"] == .integer(Int64(before)))
    #expect(!page.entries.contains { $0.sequence == event.sequence })
  }

  @Test func whoMayNotReadTheLogReadsNothing() throws {
    let ledger = try Ledger()
    for requester in [Requester.support, .analyst, .engineer, .service] {
      let before = try ledger.size()
      expect(.denied) {
        _ = try LogSearch(ledger.vault, requester).page(LogQuery(), try .all)
      }
      expect(.denied) { _ = try ledger.vault.logSubjects(ledger.anna, requester) }
      let added = try ledger.events()[before...]
      #expect(added.map(\.type) == ["operation.denied", "operation.denied"])
    }
    expect(.unknownOperator) {
      let nobody = Requester(operatorName: "mallory", purpose: "essential.legal_obligation")
      _ = try LogSearch(ledger.vault, nobody).page(LogQuery(), try .all)
    }
  }

  static let unfit: [LogQuery] = [
    .with { $0.actor = "" }, .with { $0.actor = "a\"b" }, .with { $0.purpose = "a\\b" },
    .with { $0.caseReference = "ä" }, .with { $0.types = ["a", "a"] },
    .with { $0.types = [""] }, .with { $0.subjects = ["x\n"] },
    .with { $0.fromMilliseconds = -1 }, .with { $0.toSequence = -1 },
    .with {
      $0.fromMilliseconds = 2
      $0.toMilliseconds = 1
    },
    .with {
      $0.fromSequence = 2
      $0.toSequence = 1
    },
    .with { $0.salt = [1] }, .with { $0.actor = String(repeating: "a", count: 201) },
  ]

  @Test(arguments: unfit.indices)
  func unfitConditionsAreRefusedBeforeAnythingIsLogged(index: Int) throws {
    let ledger = try Ledger()
    let before = try ledger.size()
    expect(.invalidQuery) {
      _ = try LogSearch(ledger.vault, .auditor).page(Self.unfit[index], try .all)
    }
    #expect(try ledger.size() == before)
  }

  @Test func tooManyTypesAreTooMany() {
    expect(AuditingError.Code.limit) {
      try LogQuery.with { $0.types = (0...100).map { "t\($0)" } }.check()
    }
    expect(AuditingError.Code.limit) { _ = try LogPaging(limit: 0) }
    expect(AuditingError.Code.limit) { _ = try LogPaging(limit: LogPaging.limitMaximum + 1) }
  }

  @Test func theCanonicalFormIsReadBack() throws {
    let query = LogQuery.with {
      $0.actor = "op_x"
      $0.types = ["b", "a"]
      $0.subjects = ["t2", "t1"]
      $0.decision = .deny
      $0.fromMilliseconds = 1
      $0.toMilliseconds = 2
      $0.fromSequence = 3
      $0.toSequence = 4
      $0.purpose = "p"
      $0.caseReference = "C 1"
      $0.salt = [UInt8](repeating: 9, count: 16)
    }
    let text = String(decoding: try query.json.canonicalBytes(), as: UTF8.self)
    #expect(
      text == #"{"actor":"op_x","case":"C 1","decision":"deny","from_ms":1,"from_seq":3,"#
        + #""lethe_query":1,"purpose":"p","salt":"09090909090909090909090909090909","#
        + #""subjects":["t1","t2"],"to_ms":2,"to_seq":4,"types":["a","b"]}"#)
    let again = try LogQuery(try CanonicalJSON(canonicalBytes: Array(text.utf8)))
    #expect(try again.json == query.json && again.conditions.count == 10)
    #expect(try LogQuery(try LogQuery().json) == LogQuery())
  }

  @Test(arguments: [
    #"[]"#, #"{}"#, #"{"lethe_query":2}"#, #"{"lethe_query":1,"owner":"x"}"#,
    #"{"actor":1,"lethe_query":1}"#, #"{"decision":"maybe","lethe_query":1}"#,
    #"{"lethe_query":1,"types":["b","a"]}"#, #"{"lethe_query":1,"types":[1]}"#,
    #"{"lethe_query":1,"types":[]}"#, #"{"lethe_query":1,"salt":"0A"}"#,
    #"{"from_ms":-1,"lethe_query":1}"#,
  ])
  func otherFormsAreRefused(text: String) throws {
    let json = try CanonicalJSON(canonicalBytes: Array(text.utf8))
    expect(.invalidQuery) { _ = try LogQuery(json) }
  }
}

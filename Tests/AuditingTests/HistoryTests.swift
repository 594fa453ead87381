import Testing
import Transparency
import VaultTesting

@testable import Auditing
@testable import Vault

@Suite struct HistoryTests {
  @Test func whoLookedAtAPersonWhenAndWhy() throws {
    let ledger = try Ledger()
    let history = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna)
    #expect(
      history.lookUps.map(\.type)
        == ["person.found"] + [String](repeating: "field.disclosed", count: 5))
    let names = history.lookUps.map { history.operators[$0.actor]?.name }
    #expect(names == ["dana", "dana", "sam", "dana", "max", "dana"])
    #expect(history.lookUps[1].purpose == "subject_rights")
    #expect(history.lookUps[1].fields.map(\.field) == ["crm.email"])
    #expect(history.lookUps[1].fields.map(\.rung) == ["plain"])
    #expect(history.lookUps[1].policies == ["dpo-subject-rights"])
    #expect(history.lookUps[1].caseReference == "DSR-1")
    #expect(history.lookUps[4].decision == .deny && history.lookUps[4].shownFields.isEmpty)
    #expect(
      zip(history.lookUps, history.lookUps.dropFirst()).allSatisfy {
        $0.sequence < $1.sequence
      })
  }

  @Test func readingTheHistoryIsPartOfTheNextOne() throws {
    let ledger = try Ledger()
    _ = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna)
    let event = try #require(try ledger.events().last)
    #expect(event.type == "log.examined" && event.text("view") == "subject")
    #expect(event.texts("subjects").count == 1)
    let next = try LogSearch(ledger.vault, .overseer).history(of: ledger.anna)
    #expect(next.lookUps.last?.type == "log.examined")
    #expect(next.operators[next.lookUps.last?.actor ?? ""]?.name == "aude")
  }

  @Test func aReferenceShowsItsOwnMonth() throws {
    let ledger = try Ledger()
    let reference = try #require(
      try ledger.events().last { $0.type == "field.disclosed" }?.texts("subjects").first)
    let history = try LogSearch(ledger.vault, .auditor).history(of: try TokenText(reference))
    #expect(history.lookUps.count == 2)
  }

  @Test func theHistoryOfACase() throws {
    let ledger = try Ledger()
    let history = try LogSearch(ledger.vault, .auditor).history(ofCase: "DSR-1")
    let expected = try ledger.events().filter { $0.text("case") == "DSR-1" }
    #expect(history.lookUps.map(\.sequence) == expected.map(\.sequence) && expected.count > 3)
    let event = try #require(try ledger.events().last)
    #expect(event.type == "log.examined" && event.text("view") == "case")
    #expect(try LogSearch(ledger.vault, .auditor).history(ofCase: "DSR").lookUps.isEmpty)
    expect(.invalidQuery) { _ = try LogSearch(ledger.vault, .auditor).history(ofCase: "a\"b") }
  }

  /// The acts of an erasure carry its reference and no case.
  @Test func theReferenceOfAnErasureIsACaseToo() throws {
    let ledger = try Ledger()
    try ledger.vault.eraseNow(ledger.bert, "C-9")
    let types = try LogSearch(ledger.vault, .auditor).history(ofCase: "C-9").lookUps.map(\.type)
    #expect(types.contains("erasure.requested") && types.contains("erasure.final"))
  }

  @Test func anErasedPersonHasNoHistoryAnyMore() throws {
    let ledger = try Ledger()
    let reference = try #require(
      try ledger.events().last { $0.type == "field.disclosed" }?.texts("subjects").first)
    try ledger.vault.eraseNow(ledger.anna, "C-9")
    expect(.notFound) { _ = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna) }
    // The entries stay, and what they refer to is a number that leads nowhere.
    let history = try LogSearch(ledger.vault, .auditor).history(of: try TokenText(reference))
    #expect(!history.lookUps.isEmpty)
  }

  @Test func whoMayNotReadTheLogReadsNoHistory() throws {
    let ledger = try Ledger()
    for requester in [Requester.support, .analyst, .engineer] {
      expect(.denied) { _ = try LogSearch(ledger.vault, requester).history(of: ledger.anna) }
      expect(.denied) { _ = try LogSearch(ledger.vault, requester).history(ofCase: "DSR-1") }
    }
  }

  @Test func prunedEntriesAreNotPartOfTheHistory() throws {
    let ledger = try Ledger()
    let whole = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna).lookUps
    try ledger.prune(below: whole[2].sequence)
    let history = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna)
    #expect(history.firstKept == whole[2].sequence)
    #expect(history.lookUps.first?.sequence == whole[2].sequence)
    #expect(try ledger.vault.events(about: ledger.anna, .dpo).first?.sequence == whole[2].sequence)
  }

  @Test(arguments: SubjectStatement.Language.allCases)
  func thePersonsOwnVersionNamesNoStaff(language: SubjectStatement.Language) throws {
    let ledger = try Ledger()
    let history = try LogSearch(ledger.vault, .auditor).history(of: ledger.anna)
    let statement = SubjectStatement(
      history, policy: ledger.vault.policy, language: language)
    #expect(statement.lines.count == history.lookUps.count)
    let text = statement.lines.map { "\($0)" }.joined() + statement.title + statement.introduction
    for name in ["dana", "sam", "max", "op_", "dpo", "support", "DSR-1", "denied"] {
      #expect(!text.contains(name), "\(name)")
    }
    let isRussian = language == .russian
    let disclosure = statement.lines[1]
    #expect(disclosure.day == "2024-10-04" && disclosure.fields == ["crm.email"])
    #expect(
      disclosure.purpose
        == (isRussian
          ? "Ответы на запросы людей об их данных"
          : "Answering people's requests about their data"))
    #expect(disclosure.event == (isRussian ? "Данные показаны" : "Data shown"))
    let refusal = statement.lines[4]
    #expect(refusal.fields.isEmpty)
    #expect(
      refusal.event
        == (isRussian
          ? "В доступе отказано, ничего не показано" : "Access refused, nothing was shown"))
  }
}

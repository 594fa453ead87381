import Foundation
import GRDB
import Keyring
import Testing
import VaultTesting

@testable import Vault

/// A process that dies anywhere in an erasure leaves a vault that finishes it at the next opening.
@Suite struct ErasureCrashTests {
  private static func expectErased(_ test: TestVault, _ token: TokenText, _ leaf: Int64) throws {
    let vault = try test.open()
    #expect(throws: KeyringError(.keyDestroyed, "")) {
      try vault.keyring.withSubjectKey(leaf) { _ in }
    }
    expect(VaultError.Code.notFound) { _ = try vault.disclose(token, .dpo) }
    #expect(try vault.count(.email, People.annaEmail) == 0)
    #expect(try vault.count(.email, People.bertEmail) == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM record") == 1)
    let outcome = try vault.erasureOutcome("R-1")
    #expect(outcome.facts.resumed)
    #expect(outcome.facts.verifiedUnreadable == 1)
    #expect(outcome.facts.subjects == 1)
    #expect(try vault.ingest([People.anna], from: TestSources.crm).suppressed == 1)
    for state in ErasureState.allCases {
      #expect(try vault.logTypes().filter { $0 == "erasure.\(state.rawValue)" }.count == 1)
    }
    try vault.publishLog()
    #expect(try FileScan.hits(in: test.directory, People.annaNeedles).isEmpty)
  }

  @Test func dyingAtEveryDraw() throws {
    let origin = try TestVault()
    let vault = try origin.withPeople()
    _ = try vault.project(.service)
    let token = try vault.theOne(.email, People.annaEmail)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let digest = try vault.previewErasure(token, .dpo).digest
    try vault.queue.close()
    try vault.indexQueue.close()
    var states: [String] = []
    for draws in 0..<200 {
      let test = try origin.clone()
      let dying = try test.open()
      test.random.fail(after: draws)
      do {
        _ = try dying.erase(token, confirming: digest, reference: "R-1", .dpo)
        break
      } catch {
        let state =
          try dying.value(String.self, "SELECT state FROM erasure WHERE reference = 'R-1'")
          ?? "none"
        states.append(state)
        test.random.fail(after: nil)
        guard state != "none" else {
          #expect(try test.open().values(token)["crm.email"] == [People.annaEmail])
          continue
        }
        try Self.expectErased(test, token, leaf)
      }
    }
    #expect(
      Set(states)
        == Set(["none"] + ErasureState.allCases.dropLast().map(\.rawValue)))
    #expect((8..<200).contains(states.count))
  }

  /// The states written back by hand, as a crash between the act and its note would leave them.
  @Test(arguments: ErasureState.allCases.dropLast().map(\.rawValue))
  func everyStateIsFinishedAtOpening(state: String) throws {
    let origin = try TestVault()
    let vault = try origin.withPeople()
    let token = try vault.theOne(.email, People.annaEmail)
    let leaf = try vault.leaf(TestSources.crm, "K-1")
    let preview = try vault.previewErasure(token, .dpo)
    let death = ["requested": 1, "fenced": 3][state]
    if let death {
      origin.random.fail(after: death)
      #expect(throws: (any Error).self) {
        _ = try vault.erase(token, confirming: preview.digest, reference: "R-1", .dpo)
      }
      origin.random.fail(after: nil)
    } else {
      _ = try vault.erase(token, confirming: preview.digest, reference: "R-1", .dpo)
      try origin.tamper(origin.layout.vault, "UPDATE erasure SET state = '\(state)'")
    }
    #expect(try vault.value(String.self, "SELECT state FROM erasure") == state)
    let again = try origin.open()
    #expect(try again.value(String.self, "SELECT state FROM erasure") == "swept")
    #expect(throws: KeyringError(.keyDestroyed, "")) {
      try again.keyring.withSubjectKey(leaf) { _ in }
    }
    #expect(try again.count(.email, People.annaEmail) == 0)
    #expect(try again.erasureOutcome("R-1").facts.verifiedUnreadable == 1)
  }

  @Test func anUnknownStateIsNotGuessed() throws {
    let test = try TestVault()
    let vault = try test.withPeople()
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try test.tamper(test.layout.vault, "UPDATE erasure SET state = 'half'")
    expect(VaultError.Code.integrity) { _ = try test.open() }
  }
}

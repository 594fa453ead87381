import Foundation
import GRDB
import Keyring
import Testing
import Transparency
import VaultTesting

@testable import Vault

/// A restore that dies anywhere leaves the old vault as it was, or the new one whole.
@Suite struct RestoreCrashTests {
  private struct Death: Error {}

  private static func scene() throws -> TestVault {
    let test = try TestVault()
    let vault = try test.withEverybody()
    _ = try vault.backUp(to: test.backup, .keeper)
    try vault.eraseNow(try vault.theOne(.email, People.annaEmail), "R-1")
    try vault.publishLog()
    try vault.queue.close()
    try vault.indexQueue.close()
    return test
  }

  private static func expectRestored(_ test: TestVault) throws {
    let vault = try test.open(test.restored)
    try vault.publishLog()
    #expect(try vault.count(.email, People.annaEmail) == 0)
    #expect(try vault.count(.email, People.bertEmail) == 1)
    #expect(try vault.ingest([People.anna], from: TestSources.crm).suppressed == 1)
    #expect(try vault.value(Int.self, "SELECT count(*) FROM subject") == 4)
    #expect(try Set(vault.keyring.liveIndexGenerations().map(\.generation)).count == 1)
    #expect(try vault.logTypes().filter { $0 == "vault.restored" }.count == 1)
    #expect(try vault.logReport().isValid)
  }

  @Test(arguments: RestoreStep.allCases) func dyingAtEveryStep(step: RestoreStep) throws {
    let test = try Self.scene()
    let leftover = test.root.appending(path: "leftover")
    let making = URL(filePath: test.restored + ".making")
    #expect(throws: Death.self) {
      // The plan passes the first steps as well; the one that dies is the restore.
      let digest = try test.plan().digest
      _ = try Vault.restore(
        test.request(), confirming: digest, try test.key(), .keeper,
        RestoreRun.Context(environment: test.environment, progress: { _ in }) { reached in
          guard reached == step else { return }
          // What a killed process leaves.
          if test.exists(making.path) {
            try FileManager.default.copyItem(at: making, to: leftover)
          }
          throw Death()
        })
    }
    guard step != .placed else {
      #expect(test.exists(test.restored) && !test.exists(making.path))
      return try Self.expectRestored(test)
    }
    #expect(!test.exists(test.restored) && !test.exists(making.path))
    #expect(test.exists(leftover.path))
    try FileManager.default.moveItem(at: leftover, to: making)
    #expect(try test.open().count(.email, People.bertEmail) == 1, "the old vault still opens")
    try test.open().publishLog()
    try test.restore()
    #expect(!test.exists(making.path))
    try Self.expectRestored(test)
  }

  /// After each failing draw either the old vault opens, or the new one is there and whole.
  @Test func dyingAtEveryDraw() throws {
    let origin = try Self.scene()
    let digest = try origin.plan().digest
    var outcomes: [Bool] = []
    for draws in 0..<200 {
      let test = try origin.clone()
      test.random.fail(after: draws)
      let report = try? Vault.restore(
        test.request(), confirming: digest, unsealKey: try test.key(),
        environment: test.environment, .keeper)
      test.random.fail(after: nil)
      if report != nil {
        try Self.expectRestored(test)
        break
      }
      let isPlaced = test.exists(test.restored)
      outcomes.append(isPlaced)
      #expect(!test.exists(test.restored + ".making"))
      if isPlaced {
        try Self.expectRestored(test)
      } else {
        #expect(try test.open().count(.email, People.bertEmail) == 1)
      }
    }
    #expect((4..<200).contains(outcomes.count))
    #expect(outcomes.contains(false) && outcomes.contains(true))
  }

  /// Moments at which somebody goes on working with the old vault.
  @Test(arguments: [RestoreStep.copied, .planned, .indexed, .closed])
  func anErasureInTheOldVaultMeanwhile(step: RestoreStep) throws {
    let test = try Self.scene()
    let error = #expect(throws: (any Error).self) {
      try test.restore { reached in
        guard reached == step else { return }
        let old = try test.open()
        try old.eraseNow(try old.theOne(.email, People.bertEmail), "R-2")
        try old.publishLog()
      }
    }
    let code =
      (error as? VaultError).map(\.code.rawValue) ?? (error as? KeyringError)?.code.rawValue
    #expect(["stale", "rollback"].contains(code), "\(String(describing: error))")
    #expect(!test.exists(test.restored) && !test.exists(test.restored + ".making"))
    let old = try test.open()
    #expect(try old.count(.email, People.bertEmail) == 0)
    #expect(try old.count(.email, "carl@example.com") == 1)
    try test.restore()
    #expect(try test.open(test.restored).count(.email, People.bertEmail) == 0)
  }

  /// Ingestion makes keys too; the restored vault would lack them.
  @Test func aNewPersonInTheOldVaultMeanwhile() throws {
    let test = try Self.scene()
    expect(VaultError.Code.stale) {
      try test.restore { reached in
        guard reached == .closed else { return }
        try test.open().ingest([MorePeople.dora], from: TestSources.crm)
      }
    }
    #expect(!test.exists(test.restored))
    #expect(try test.open().count(.email, "dora@example.com") == 1)
  }

  @Test func aPlaceThatIsTakenMeanwhile() throws {
    let test = try Self.scene()
    let file = test.restored + "/mine"
    expect(VaultError.Code.vaultDirectory) {
      try test.restore { reached in
        guard reached == .closed else { return }
        try FileManager.default.createDirectory(
          atPath: test.restored, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: file))
      }
    }
    #expect(test.exists(file) && !test.exists(test.restored + ".making"))
    #expect(try test.open().count(.email, People.bertEmail) == 1)
  }

  /// A count that does not come out stops the restore.
  @Test func aRowTooManyIsNoticed() throws {
    let test = try Self.scene()
    expect(VaultError.Code.integrity) {
      try test.restore { reached in
        guard reached == .swept else { return }
        try test.tamper(
          test.restored + ".making/vault.sqlite",
          "DELETE FROM record WHERE row = (SELECT max(row) FROM record)")
      }
    }
    #expect(!test.exists(test.restored) && !test.exists(test.restored + ".making"))
  }
}

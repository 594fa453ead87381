import Foundation
import Testing

@Suite struct InitTests {
  private let stage: Stage
  private let policies = Program.repository + "/policies"

  init() throws {
    stage = try Stage(Template.bare)
  }

  private func words(
    _ directory: String = "new", key: String = "file:new.key", slot: String = "new.slot",
    policies: String? = nil
  ) -> [String] {
    ["init", directory, "--unseal", key, "--slot", slot, "--policies", policies ?? self.policies]
  }

  @Test func opensFromAnyDirectoryWhenMadeWithRelativePaths() throws {
    #expect(try stage.lethe(words()).status == 0)
    let outcome = try Program.start(
      ["status", "--vault", stage.path("new"), "--as", "dana", "--json"], in: "/"
    ).wait()
    #expect(try outcome.document()["origin"] as? String != nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: stage.path("new.key"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func takenPlacesAreRefused() throws {
    try stage.expectRefused(words("vault"), 1, "vault_directory", naming: [stage.vault])
    try stage.expectRefused(words(slot: "slot"), 1, "vault_directory", naming: [stage.slot])
  }

  @Test func keyAndSlotInsideTheVaultAreRefused() throws {
    try stage.expectRefused(words(key: "file:new/key"), 3, "permission", naming: ["new/key"])
    try stage.expectRefused(words(slot: "new/slot"), 3, "sealed", naming: ["new/slot"])
  }

  @Test func missingDirectoriesAreRefusedAndNoKeyStays() throws {
    try stage.expectRefused(words(policies: "nowhere"), 1, "storage", naming: ["nowhere"])
    try stage.expectRefused(words(key: "file:no/key"), 1, "storage", naming: ["no/key"])
    try stage.expectRefused(words(slot: "no/slot"), 1, "storage", naming: ["no/slot"])
  }

  @Test func brokenPoliciesAreRefusedWhole() throws {
    try FileManager.default.copyItem(
      atPath: stage.path("vault/policies"), toPath: stage.path("bad"))
    try stage.write("lethe_operators: 1\noperators: []\n", "bad/operators.yaml")
    try stage.write("permit (principal, action, resource", "bad/vault.cedar")
    try stage.expectRefused(words(policies: "bad"), 1, "policy_file", naming: ["vault.cedar"])
  }

  @Test func publishedDemoKeyOpensDemoVaultsOnly() throws {
    try FileManager.default.copyItem(
      atPath: Program.repository + "/keys-example/demo-unseal.key",
      toPath: stage.path("demo.key"))
    try stage.setMode(0o600, stage.path("demo.key"))
    let words = words(key: "file:demo.key")
    try stage.expectRefused(words, 3, "demo_key", naming: ["demo"])
    #expect(try stage.lethe(words + ["--demo"]).status == 0)
    #expect(try stage.ask("status", "--vault", "new", "--as", "dana")["demo"] as? Bool == true)
  }

  @Test func passphraseVaults() throws {
    try stage.write("a fine long passphrase\n", "right")
    try stage.write("another long passphrase\n", "wrong")
    try stage.write("short\n", "short")
    let words = words(key: "passphrase")
    try stage.expectRefused(words + ["--passphrase-file", "short"], 3, "weak_parameters")
    try stage.expectRefused(words, 3, "sealed", naming: ["--passphrase-file"])
    #expect(try stage.lethe(words + ["--passphrase-file", "right"]).status == 0)
    let status = ["status", "--vault", "new", "--as", "dana"]
    #expect(try stage.lethe(status + ["--passphrase-file", "right"]).status == 0)
    // This vault lies beside the one whose log is counted; what it logs is an event of its own.
    let wrong = try stage.lethe(status + ["--passphrase-file", "wrong"])
    expectRefusal(wrong, 3, "sealed")
    try stage.expectRefused(status + ["--passphrase-file", "short"], 3, "weak_parameters")
    try stage.expectRefused(
      status + ["--passphrase-file", "none"], 3, "sealed", naming: ["`none`"])
    try stage.expectRefused(
      status + ["--passphrase-file", "/dev/zero"], 3, "sealed", naming: ["`/dev/zero`"])
    try stage.expectRefused(status, 3, "sealed", naming: ["--passphrase-file"])
  }
}

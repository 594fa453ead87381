import Foundation
import TestSupport
import Testing

/// The keys from the command line: shares, copies, keepers, a token.
@Suite struct KeysTests {
  private func splitStage() throws -> Stage {
    let stage = try Stage(Template.bare)
    let split = try stage.lethe(
      "keys", "split", "--shares", "4", "--threshold", "3", "--out", "shares", "--as", "eve")
    #expect(split.status == 0, "\(split.error)")
    try FileManager.default.removeItem(atPath: stage.key)
    return stage
  }

  private func unseal(_ stage: Stage, _ shares: [String]) throws -> Outcome {
    try stage.lethe(["keys", "unseal"] + shares.flatMap { ["--share-file", $0] })
  }

  @Test func sharesGiveTheKeyAgain() throws {
    let stage = try splitStage()
    #expect(try stage.lethe("keys", "status", "--as", "dana").status == 3)
    let outcome = try unseal(stage, [4, 1, 3].map { "shares/share-\($0).txt" })
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try stage.lethe("keys", "status", "--as", "dana").status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: stage.key)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
    #expect(try unseal(stage, ["shares/share-1.txt"]).status == 1, "the key is there already")
  }

  @Test func wrongSharesAreNamedAndWriteNothing() throws {
    let stage = try splitStage()
    let other = try splitStage()
    let files = FileManager.default
    for index in 1...4 {
      try files.copyItem(
        atPath: other.directory + "/shares/share-\(index).txt",
        toPath: stage.directory + "/shares/foreign-\(index).txt")
    }
    let path = stage.directory + "/shares/share-2.txt"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let mistyped = String(text.dropLast(3)) + (text.dropLast(2).last == "0" ? "1" : "0") + "\n"
    try mistyped.write(
      toFile: stage.directory + "/shares/mistyped.txt", atomically: true, encoding: .utf8)
    let cases: [([String], Int32, String)] = [
      (["share-1", "share-2"], 3, "needed"), (["share-1", "share-1", "share-2"], 3, "twice"),
      (["share-1", "share-2", "foreign-3"], 3, "different splits"),
      (["share-1", "mistyped", "share-3"], 4, "share 2"), (["absent"], 3, "cannot be read"),
    ]
    for (names, status, word) in cases {
      let outcome = try unseal(stage, names.map { "shares/\($0).txt" })
      #expect(outcome.status == status, "\(names): \(outcome.error)")
      #expect(outcome.error.contains(word), "\(names): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1)
      #expect(!files.fileExists(atPath: stage.key))
    }
  }

  @Test func anEpochEndsOnceAndOnlyWhenConfirmed() throws {
    let stage = try Stage(Template.bare)
    let before = try Data(contentsOf: URL(filePath: stage.vault + "/keys.sqlite"))
    let preview = try stage.lethe("keys", "roll", "--as", "eve", "--json").document()
    #expect(preview["confirm"] as? String == "1")
    #expect(try stage.lethe("keys", "roll", "--as", "dana", "--confirm", "1").status == 1)
    #expect(try stage.lethe("keys", "roll", "--as", "eve", "--confirm", "1").status == 0)
    #expect(try stage.lethe("keys", "roll", "--as", "eve", "--confirm", "1").status == 1)
    // The key store of before is refused: an old copy was put back.
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: stage.vault + "/keys.sqlite" + suffix)
    }
    try before.write(to: URL(filePath: stage.vault + "/keys.sqlite"))
    #expect(try stage.lethe("keys", "status", "--as", "dana").status == 4)
  }

  private func initialise(_ stage: Stage, _ arguments: [String]) throws -> Outcome {
    try stage.lethe(
      ["init", "new", "--unseal", "file:new.key", "--policies", Program.repository + "/policies"]
        + arguments)
  }

  private let new = ["LETHE_VAULT": "new"]

  @Test func copiesAndAKeeperOnAnotherHostAreKept() throws {
    let stage = try Stage(Template.bare)
    for name in ["a", "b"] {
      try FileManager.default.createDirectory(
        atPath: stage.directory + "/" + name, withIntermediateDirectories: true)
    }
    let keeper = "command:\(Program.path) keys custodian \(stage.directory)/keeper.slot"
    let made = try initialise(
      stage,
      ["--slot", "new.slot", "--custodian", keeper, "--replica", "a", "--replica", "b"])
    #expect(made.status == 0, "\(made.error)")
    #expect(FileManager.default.fileExists(atPath: stage.directory + "/keeper.slot"))
    let roll = try stage.lethe(
      ["keys", "roll", "--as", "eve", "--confirm", "1", "--json"], environment: new)
    #expect(roll.status == 0, "\(roll.error)")
    #expect(try roll.document()["receipts"] as? Int == 2)
    let status = try stage.lethe(
      ["keys", "status", "--as", "dana", "--json"], environment: new
    ).document()
    let keepers = try #require(status["custodians"] as? [[String: Any]])
    #expect(keepers.map { $0["kind"] as? String } == ["file", "command"])
    let copies = try #require(status["replicas"] as? [[String: Any]])
    #expect(copies.map { $0["state"] as? String } == ["current", "current"])

    try FileManager.default.removeItem(atPath: stage.directory + "/a")
    try FileManager.default.removeItem(atPath: stage.directory + "/b")
    let gone = try stage.lethe(["keys", "replicas", "--as", "eve"], environment: new)
    #expect(gone.status == 1 && gone.error.contains("missing"))
  }

  @Test func wrongPlacesForKeysAreRefused() throws {
    let stage = try Stage(Template.bare)
    let cases: [([String], Int32)] = [
      (["--slot", "new/slot"], 3), (["--slot", "new.slot", "--replica", "new/a"], 3),
      (["--slot", "new.slot", "--replica", "a", "--replica-quorum", "2"], 1),
      (["--slot", "new.slot", "--replica", "absent"], 1),
      (["--slot", "new.slot", "--grace-days", "91"], 1),
      (["--slot", "new.slot", "--custodian", "command:/nowhere/program"], 3),
      (["--slot", "pkcs11:token=none?module-path=/nowhere.so"], 3), (["--slot", "command:"], 1),
    ]
    for (arguments, status) in cases {
      let outcome = try initialise(stage, arguments)
      #expect(outcome.status == status, "\(arguments): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
      for name in ["new", "new.key", "new.slot"] {
        #expect(!FileManager.default.fileExists(atPath: stage.directory + "/" + name), "\(name)")
      }
    }
  }
}

/// A vault unsealed by a token and with its epoch secrets on it: a real software token.
@Suite(.enabled(if: SoftToken.isThere, "softhsm2 is not installed"))
struct TokenTests {
  @Test func aVaultLivesOnAToken() throws {
    let stage = try Stage(Template.bare)
    let token = try SoftToken(in: stage.directory)
    let environment = token.environment.merging(["LETHE_VAULT": "new"]) { $1 }
    let made = try stage.lethe(
      [
        "init", "new", "--policies", Program.repository + "/policies",
        "--unseal", token.address(object: "unseal"), "--slot", token.address(object: nil),
      ], environment: environment)
    #expect(made.status == 0, "\(made.error)")
    let status = try stage.lethe(
      ["keys", "status", "--as", "dana", "--json"], environment: environment
    ).document()
    #expect(status["unseal"] as? String == "pkcs11" && status["assurance"] as? String == "L1")
    #expect(try token.objects().filter { $0.contains("lethe-") }.count >= 1)
    let roll = try stage.lethe(
      ["keys", "roll", "--as", "eve", "--confirm", "1"], environment: environment)
    #expect(roll.status == 0, "\(roll.error)")
    #expect(try !token.objects().contains { $0.hasSuffix("-1") })

    try token.setPIN("9999")
    let refused = try stage.lethe(["keys", "status", "--as", "dana"], environment: environment)
    #expect(refused.status == 3 && refused.error.contains("PIN"), "\(refused.error)")
    try token.setPIN("1234")
    try token.delete("unseal")
    let gone = try stage.lethe(["keys", "status", "--as", "dana"], environment: environment)
    #expect(gone.status == 3 && gone.error.contains("unseal"), "\(gone.error)")
  }
}

/// A token of SoftHSM2 in a directory of a test's own.
private struct SoftToken {
  static let module = "/usr/lib/softhsm/libsofthsm2.so"
  static var isThere: Bool { FileManager.default.fileExists(atPath: module) }

  let directory: String
  var environment: [String: String] { ["SOFTHSM2_CONF": directory + "/softhsm2.conf"] }
  private var pinFile: String { directory + "/pin" }

  init(in directory: String) throws {
    self.directory = directory
    try FileManager.default.createDirectory(
      atPath: directory + "/tokens", withIntermediateDirectories: true)
    try "directories.tokendir = \(directory)/tokens\nlog.level = ERROR\n".write(
      toFile: directory + "/softhsm2.conf", atomically: true, encoding: .utf8)
    try setPIN("1234")
    _ = try run(
      "/usr/bin/softhsm2-util", "--init-token", "--free", "--label", "lethe", "--so-pin", "4321",
      "--pin", "1234")
  }

  func setPIN(_ pin: String) throws {
    try pin.write(toFile: pinFile, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pinFile)
  }

  func address(object: String?) -> String {
    "pkcs11:token=lethe" + (object.map { ";object=\($0)" } ?? "")
      + "?module-path=\(Self.module)&pin-source=file:\(pinFile)"
  }

  /// Labels of the token's objects, by another program.
  func objects() throws -> [String] {
    let listing = try run(
      "/usr/bin/pkcs11-tool", "--module", Self.module, "--login", "--pin", "1234",
      "--list-objects")
    return listing.split(separator: "\n").filter { $0.contains("label:") }.map {
      $0.split(separator: "'").last.map(String.init)
        ?? $0.split(separator: " ").last.map(String.init) ?? ""
    }
  }

  func delete(_ label: String) throws {
    _ = try run(
      "/usr/bin/pkcs11-tool", "--module", Self.module, "--login", "--pin", "1234",
      "--delete-object", "--type", "secrkey", "--label", label)
  }

  private func run(_ program: String, _ arguments: String...) throws -> String {
    let outcome = try Program.start(
      arguments, executable: program, in: directory, environment: environment
    ).wait()
    #expect(outcome.status == 0, "\(program): \(outcome.error)")
    return outcome.outputText
  }
}

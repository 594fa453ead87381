import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite struct CommandEpochSlotTests {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "Vectors/custodian.py").path
  private static let head = "lethe-custodian 1\\ncustodian file 1 software_slot\\n"

  private let random = SeededRandom(seed: 70)
  private let vault: VaultID
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    vault = try VaultID(rawBytes: [UInt8](repeating: 9, count: 16))
  }

  private func secret(_ epoch: UInt64) throws -> EpochSecret {
    EpochSecret(epoch: epoch, secret: try SecretBytes(randomCount: 32, from: random))
  }

  /// A custodian in another language, written from the protocol's description.
  private func custodian(
    _ kind: String = "file", _ level: Int = 1, _ weakness: String = "software_slot"
  ) throws -> CommandEpochSlot {
    let place = scratch.url.appending(path: "epochs.json").path
    return try CommandEpochSlot(
      command: ["python3", Self.script, place, kind, String(level), weakness], vault: vault)
  }

  /// A custodian that says something else.
  private func saying(_ text: String, timeout: Duration = .seconds(20)) throws -> CommandEpochSlot {
    try CommandEpochSlot(
      command: ["sh", "-c", "cat >/dev/null; printf '\(text)'"], name: "odd", vault: vault,
      timeout: timeout)
  }

  @Test func secretsGoThereAndComeBack() throws {
    let slot = try custodian()
    #expect(slot.assurance == .l0)
    #expect(slot.custodians[0].weakness == "not_reached")
    #expect(try slot.read().isEmpty)
    #expect(slot.assurance == .l1)
    let (first, second) = (try secret(1), try secret(2))
    try slot.prepare(first)
    try slot.prepare(second)
    let read = try custodian().read()
    #expect(read.map(\.epoch) == [1, 2])
    #expect(read[0].matches(first) && read[1].matches(second))
    expect(.limit) { try slot.prepare(secret(3)) }
    try slot.rest(1, untilUnixSeconds: 77)
    let resting = try slot.resting()
    #expect(resting.map(\.untilUnixSeconds) == [77])
    #expect(resting[0].secret.matches(first))
    try slot.sweep()
    let receipts = try slot.retire(1, unixSeconds: 78)
    #expect(receipts.map(\.method) == [.overwrittenTwice])
    #expect(receipts[0].custodian.kind == .command)
    #expect(receipts[0].custodian.name.hasPrefix("python3 "))
    #expect(receipts[0].unixSeconds == 78)
    #expect(try slot.retire(1, unixSeconds: 79).map(\.method) == [.alreadyAbsent])
    #expect(try slot.read().map(\.epoch) == [2])
  }

  @Test(arguments: [
    ("file", 0, "weak_file_system", AssuranceLevel.l0), ("file", 2, "-", .l1),
    ("file", 3, "-", .l1), ("pkcs11", 2, "-", .l2), ("pkcs11", 3, "-", .l2),
    ("pkcs11", 1, "no_hardware_flag", .l1), ("command", 3, "-", .l2),
  ])
  func reportedWorthIsCapped(
    kind: String, level: Int, weakness: String, assurance: AssuranceLevel
  ) throws {
    let slot = try custodian(kind, level, weakness)
    try slot.prepare(secret(1))
    let custodian = try slot.retire(1, unixSeconds: 0)[0].custodian
    #expect(custodian.assurance == assurance)
    #expect(custodian.weakness == (weakness == "-" ? nil : weakness))
    #expect(slot.custodians == [custodian])
  }

  @Test func keyringRollsWithACustodianElsewhere() throws {
    let vault = try TestVault()
    let slot = try CommandEpochSlot(
      command: [
        "python3", Self.script, vault.slotPath, "file", "1", "software_slot",
      ], name: "elsewhere", vault: vault.vault)
    let key = try UnsealKey.createFile(
      at: vault.keyPath, outside: vault.vaultDirectory.path, random: vault.random)
    let keyring = try Keyring.create(
      at: vault.storePath, vault: vault.vault, unsealKey: key, slot: slot, random: vault.random,
      now: { TestVault.time })
    _ = try keyring.createSubjectKeys(count: 2)
    let receipt = try keyring.erase(subjects: [0])
    #expect(receipt.slotReceipts.map(\.custodian.name) == ["elsewhere"])
    let again = try vault.open(slot: slot)
    expect(.keyDestroyed) { _ = try again.subjectKey(0) }
    _ = try again.subjectKey(1)
  }

  private static let malformed: [(text: String, reason: String)] = [
    ("", "says nothing"), ("hello\\n", "does not speak"), ("lethe-custodian 2\\nok\\n", "speak"),
    ("lethe-custodian 1\\n", "what it is"), ("lethe-custodian 1\\nok\\n", "what it is"),
    ("lethe-custodian 1\\ncustodian stone 1 -\\nok\\n", "what it is"),
    ("lethe-custodian 1\\ncustodian file 4 -\\nok\\n", "what it is"),
    ("lethe-custodian 1\\ncustodian file 1 Weak!\\nok\\n", "what it is"),
    ("lethe-custodian 1\\ncustodian file 1 \\nok\\n", "what it is"),
    (head, "breaks off"), ("\(head)ok", "breaks off"), ("\(head)ok\\nok\\n", "goes on"),
    ("\(head)fine\\n", "not known"), ("\(head)epoch 1 aa\\nok\\n", "not known"),
    ("\(head)epoch 0 \(zeros)\\nok\\n", "not known"),
    ("\(head)epoch 01 \(zeros)\\nok\\n", "not known"),
    ("\(head)epoch 1  \(zeros)\\nok\\n", "not known"),
    ("\(head)epoch 1 \(zeros.dropLast())G\\nok\\n", "not known"),
    ("\(head)epoch 1 \(zeros.dropLast())A\\nok\\n", "not known"),
    ("\(head)epoch 2 \(zeros)\\nepoch 1 \(zeros)\\nok\\n", "ascending"),
    ("\(head)epoch 1 \(zeros)\\nepoch 1 \(zeros)\\nok\\n", "ascending"),
    ("\(head)epoch 1 \(zeros)\\nepoch 2 \(zeros)\\nepoch 3 \(zeros)\\nok\\n", "more than a slot"),
    ("\(head)resting 1 5 \(zeros)\\nok\\n", "not known"),
    ("\(head)receipt 1 overwritten_twice\\nok\\n", "not known"),
    ("lethe-custodian 1\\nerror storage disk \\007gone\\n", "disk ?gone"),
    ("lethe-custodian 1\\nerror storage disk\\n'; exit 3; printf '", "disk"),
    ("\(head)ok\\n'; exit 3; printf '", "status 3"),
    ("\(head)ok\\n'; kill -9 $$; printf '", "status -1"),
  ]

  @Test(arguments: malformed)
  func malformedAnswerIsRefusedByName(text: String, reason: String) throws {
    let slot = try saying(text)
    let error = failure { _ = try slot.read() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.hasPrefix("custodian `odd`: ") == true)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
  }

  private static let zeros = String(repeating: "0", count: 64)

  private static let badReceipts: [(text: String, reason: String)] = [
    ("\(head)ok\\n", "no receipt"), ("\(head)receipt 2 overwritten_twice\\nok\\n", "no receipt"),
    ("\(head)receipt 1 burnt\\nok\\n", "not known"),
    ("\(head)receipt 1 already_absent\\nreceipt 1 overwritten_twice\\nok\\n", "more than a slot"),
  ]

  @Test(arguments: badReceipts)
  func receiptOfAnotherKindIsRefused(text: String, reason: String) throws {
    let slot = try saying(text)
    let error = failure { _ = try slot.retire(1, unixSeconds: 0) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
  }

  @Test(arguments: [
    ("limit", KeyringError.Code.limit), ("wrongSlot", .wrongSlot), ("sealed", .unavailable),
    ("permission", .unavailable), ("nonsense", .unavailable),
  ])
  func errorOverThereKeepsItsMeaning(code: String, expected: KeyringError.Code) throws {
    let slot = try saying("lethe-custodian 1\\nerror \(code) because\\n")
    let error = failure { try slot.sweep() }
    #expect(error?.code == expected)
    #expect(error?.message.contains("because") == true)
  }

  @Test func endlessAnswerIsCutOff() throws {
    let slot = try CommandEpochSlot(
      command: ["sh", "-c", "yes lethe-custodian"], name: "odd", vault: vault)
    let error = failure { _ = try slot.read() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("longer than 65536 bytes") == true)
  }

  @Test(arguments: [
    ("sleep 600", "too long"), ("exec >&-; sleep 600", "does not end"),
    ("printf 'lethe-custodian 1\\n'; sleep 600", "too long"),
    ("sleep 600 & wait", "too long"),
  ])
  func slowCustodianIsEnded(script: String, reason: String) throws {
    let marker = "\(script) # \(UUID().uuidString)"
    let slot = try CommandEpochSlot(
      command: ["sh", "-c", marker], name: "odd", vault: vault, timeout: .milliseconds(300))
    let error = failure { _ = try slot.read() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "no error")")
    // Neither the program nor what it has started is left.
    let left = try Program.run(["ps", "-eo", "args"]).output
    #expect(!left.contains(marker))
  }

  @Test(arguments: [["/nonexistent/program"], ["sh", "-c", "exit 7"]])
  func programThatIsNotThereIsNamed(command: [String]) throws {
    let slot = try CommandEpochSlot(command: command, name: "odd", vault: vault)
    let error = failure { _ = try slot.read() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.hasPrefix("custodian `odd`: ") == true)
  }

  @Test(arguments: [[], [""], Array(repeating: "x", count: 65)])
  func commandOfNoWordsIsRefused(command: [String]) {
    expect(.limit) { _ = try CommandEpochSlot(command: command, vault: vault) }
  }
}

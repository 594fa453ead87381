import Foundation
import Glibc
import Sealing
import Testing

@testable import Keyring

@Suite struct CustodianServerTests {
  private let vault: TestVault

  init() throws {
    vault = try TestVault(seed: 80)
    _ = try FileEpochSlot.create(
      at: vault.slotPath, vault: vault.vault, restingCount: 2, acceptsWeakPlace: true,
      random: vault.random)
  }

  /// Sends bytes to a custodian of the slot file.
  private func answer(to request: [UInt8]) throws -> (isFulfilled: Bool, answer: [UInt8]) {
    let (path, random) = (vault.slotPath, vault.random)
    let (input, output) = (Pipe(), Pipe())
    try input.fileHandleForWriting.write(contentsOf: Data(request))
    try input.fileHandleForWriting.close()
    let isFulfilled = try CustodianServer.serve(
      input: input.fileHandleForReading.fileDescriptor,
      output: output.fileHandleForWriting.fileDescriptor
    ) { try FileEpochSlot.open(at: path, vault: $0, random: random) }
    try output.fileHandleForWriting.close()
    return (isFulfilled, Array(try output.fileHandleForReading.readToEnd() ?? Data()))
  }

  private func ask(
    _ request: CustodianMessage.Request, _ kind: CustodianReply.Kind, vault other: VaultID? = nil
  ) throws -> CustodianReply {
    let bytes = try request.encode(for: other ?? vault.vault).plaintextCopy()
    return try CustodianReply(SecretBytes(copying: answer(to: bytes).answer), expecting: kind)
  }

  private func secret(_ epoch: UInt64) throws -> EpochSecret {
    EpochSecret(epoch: epoch, secret: try SecretBytes(randomCount: 32, from: vault.random))
  }

  @Test func everyRequestIsFulfilled() throws {
    let first = try secret(1)
    #expect(try ask(.read, .epoch).live.isEmpty)
    #expect(try ask(.prepare(first), .none).keeper.kind == .file)
    _ = try ask(.prepare(secret(2)), .none)
    let read = try ask(.read, .epoch).live
    #expect(read.map(\.epoch) == [1, 2])
    #expect(read[0].matches(first))
    _ = try ask(.rest(epoch: 1, untilUnixSeconds: -5), .none)
    let resting = try ask(.resting, .resting).resting
    #expect(resting.map(\.untilUnixSeconds) == [-5])
    #expect(resting[0].secret.matches(first))
    _ = try ask(.sweep, .none)
    let receipts = try ask(.retire(epoch: 1, unixSeconds: 3), .receipt).receipts
    #expect(receipts.map(\.method) == [.overwrittenTwice])
    #expect(try vault.slot().read().map(\.epoch) == [2])
    #expect(try vault.slot().resting().isEmpty)
  }

  @Test func refusalsCarryTheirCode() throws {
    _ = try ask(.prepare(secret(1)), .none)
    _ = try ask(.prepare(secret(2)), .none)
    let other = try VaultID(rawBytes: [UInt8](repeating: 3, count: 16))
    for (request, vault, code) in [
      (.prepare(try secret(3)), nil, .limit), (.read, other, .wrongSlot),
    ] as [(CustodianMessage.Request, VaultID?, KeyringError.Code)] {
      do {
        _ = try ask(request, .none, vault: vault)
        Issue.record("the request was fulfilled")
      } catch let refusal as CustodianReply.Refusal { #expect(refusal.code == code) }
    }
  }

  @Test(arguments: [
    "", "\n\n\n", "lethe-custodian 1\n", "lethe-custodian 1\nvault 00\nread\n",
    "lethe-custodian 2\nvault \(zeros)\nread\n", "lethe-custodian 1\nvault \(zeros)\n",
    "lethe-custodian 1\nvault \(zeros)\nread", "lethe-custodian 1\nvault \(zeros)\nread 1\n",
    "lethe-custodian 1\nvault \(zeros)\nwrite\n", "lethe-custodian 1\nvault \(zeros)\nread\nmore\n",
    "lethe-custodian 1\nvault \(zeros)\nprepare 1 00\n",
    "lethe-custodian 1\nvault \(zeros)\nprepare 0 \(zeros)\(zeros)\n",
    "lethe-custodian 1\nvault \(zeros)\nrest 1 soon\n",
    "lethe-custodian 1\nvault \(zeros)\nretire +1 5\n",
    "lethe-custodian 1\nvault \(zeros)\nretire 1 05\n",
    String(repeating: "x", count: 600),
  ])
  func malformedRequestChangesNothing(text: String) throws {
    let before = try vault.slotBytes()
    let (isFulfilled, answer) = try answer(to: Array(text.utf8))
    #expect(!isFulfilled)
    #expect(answer.starts(with: Array("lethe-custodian 1\nerror unavailable ".utf8)))
    #expect(answer.count { $0 == 10 } == 2)
    #expect(try vault.slotBytes() == before)
  }

  private static let zeros = String(repeating: "0", count: 32)

  @Test func slotThatIsMissingOrOpenToOthersIsReported() throws {
    let read = try CustodianMessage.Request.read.encode(for: vault.vault).plaintextCopy()
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: vault.slotPath)
    var text = String(decoding: try answer(to: read).answer, as: UTF8.self)
    #expect(text.contains("error permission "))
    try FileManager.default.removeItem(atPath: vault.slotPath)
    text = String(decoding: try answer(to: read).answer, as: UTF8.self)
    #expect(text.contains("error unavailable "))
  }

  /// Both sides at once, over two named pipes and a program between them.
  @Test func slotAndServerUnderstandEachOther() throws {
    let place = vault.directory.path
    for name in ["in", "out"] { try #require(unsafe mkfifo("\(place)/\(name)", 0o600) == 0) }
    let (path, random) = (vault.slotPath, vault.random)
    let callCount = 4
    Thread.detachNewThread {
      for _ in 0..<callCount {
        let input = unsafe open("\(place)/in", O_RDONLY | O_CLOEXEC)
        let output = unsafe open("\(place)/out", O_WRONLY | O_CLOEXEC)
        _ = try? CustodianServer.serve(input: input, output: output) {
          try FileEpochSlot.open(at: path, vault: $0, random: random)
        }
        close(input)
        close(output)
      }
    }
    let slot = try CommandEpochSlot(
      command: ["sh", "-c", "cat >\(place)/in; exec cat \(place)/out"], vault: vault.vault)
    let next = try secret(1)
    try slot.prepare(next)
    #expect(try slot.read()[0].matches(next))
    #expect(try slot.retire(1, unixSeconds: 4).map(\.method) == [.overwrittenTwice])
    #expect(try slot.read().isEmpty)
  }
}

import Foundation
import Sealing
import Testing
import Transparency

@testable import Witness

/// A witness and a client that others wrote: the Python package `aics-witness`.
enum Peer {
  /// The program; nil when it is not installed.
  static let path: String? = {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return places.map { "\($0)/aics-witness" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let missing: Comment =
    "no `aics-witness` in PATH; `pip install aics-witness` with Python 3.12 or later to run these"

  /// Runs a program of the package to its end.
  static func run(_ program: String, _ arguments: [String]) throws -> String {
    let output = NSTemporaryDirectory() + "lethe-peer-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: output))
    defer { try? FileManager.default.removeItem(atPath: output) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(arguments.prefix(2))")
    let text = try String(contentsOfFile: output, encoding: .utf8)
    return text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// Ours against theirs, both ways.
@Suite(.enabled(if: Peer.path != nil, Peer.missing))
struct PeerTests {
  private static let log = SignedLog(300)

  private func ask(
    _ entry: WitnessPolicy.Witness, _ log: SignedLog = log, size: Int, known: Int = 0
  ) async throws -> WitnessOutcome {
    try await onThread {
      try WitnessClient(transport: WitnessTransport().beginRound(), prove: log.prove)
        .ask(entry, note: log.note(size), knownSize: known).outcome
    }
  }

  @Test func theirWitnessCosignsForOurClient() async throws {
    let place = try Place()
    let program = try #require(Peer.path)
    let configuration = ["--config", place.path + "/witness.json"]
    let port = try Self.freePort()
    let said = try Peer.run(
      program,
      ["init"] + configuration + ["--name", "peer.example/w1", "--listen", "127.0.0.1:\(port)"])
    let words = said.split { $0.isWhitespace || $0 == "\"" }.map(String.init)
    let key = try #require(words.compactMap { try? NoteVerifierKey(encoded: $0) }.first)
    _ = try Peer.run(
      program,
      ["add-log"] + configuration
        + ["--origin", SignedLog.origin, "--vkey", try Self.log.verifierKey.encoded])
    let server = Process()
    server.executableURL = URL(fileURLWithPath: program)
    server.arguments = ["serve"] + configuration
    server.standardError = FileHandle.nullDevice
    server.standardOutput = FileHandle.nullDevice
    try server.run()
    defer {
      // A process started from a thread of a task has other signals blocked.
      _ = kill(server.processIdentifier, SIGKILL)
      server.waitUntilExit()
    }
    let entry = WitnessPolicy.Witness(
      name: "peer", key: key, url: "http://127.0.0.1:\(port)")
    var first = WitnessOutcome.unreachable(reason: "")
    for _ in 0..<400 where first.word == "unreachable" {
      first = try await ask(entry, size: 7)
      if first.word == "unreachable" { usleep(25_000) }
    }
    #expect(first.word == "cosigned")
    #expect(try await ask(entry, size: 257, known: 7).word == "cosigned")
    #expect(try await ask(entry, size: 300, known: 3).word == "cosigned")
    #expect(try await ask(entry, size: 300, known: 300).word == "cosigned")
    #expect(try await ask(entry, size: 7) == .ahead(size: 300))
    let fork = SignedLog(300, otherFrom: 299)
    #expect(try await ask(entry, fork, size: 300) == .conflicting(size: 300))
    #expect(
      try await ask(entry, SignedLog(7, name: "other.example"), size: 7) == .refused(status: 404))
    #expect(
      try await ask(entry, SignedLog(7, seed: "other"), size: 7) == .refused(status: 403))
  }

  @Test func ourWitnessCosignsForTheirClient() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(
      home, seconds: UInt64(Date().timeIntervalSince1970))
    let python = URL(fileURLWithPath: try #require(Peer.path)).deletingLastPathComponent()
      .appendingPathComponent("python").path
    func submit(_ old: Int, _ new: Int, _ log: SignedLog = Self.log) async throws -> String {
      let document: [String: Any] = [
        "url": server.url, "vkey": home.verifierKey.encoded, "old": old,
        "note": String(decoding: try log.note(new).encoded, as: UTF8.self),
        "proof": try log.prove(old, new).hashes.map(\.description),
      ]
      let text = String(
        decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
      return try await onThread { try Peer.run(python, ["-c", Self.script, text]) }
    }
    let answer = try await submit(0, 7)
    let line = try SignedNote(
      encoded: Self.log.note(7).text + ascii("\n") + ascii(answer + "\n"))
    #expect(try line.verified(by: [home.verifierKey]).signers.count == 1)
    #expect(try await submit(0, 300) == "WitnessConflict 7")
    #expect(try await submit(7, 300).hasPrefix("— witness.example/w1 "))
    #expect(try await submit(0, 257) == "WitnessAhead 300")
    #expect(try await submit(300, 300, SignedLog(300, otherFrom: 9)) == "WitnessRejected 422")
    #expect(try await submit(0, 7, SignedLog(7, name: "other.example")) == "WitnessRejected 404")
    #expect(try await submit(0, 7, SignedLog(7, seed: "other")) == "WitnessRejected 403")
  }

  /// Submits with their client, and says what it made of the answer.
  private static let script = """
    import base64, json, sys
    import aics_witness as peer
    given = json.loads(sys.argv[1])
    proof = (given["old"], [base64.b64decode(h) for h in given["proof"]])
    try:
        lines = peer.submit_checkpoint(
            given["url"], given["note"], proof, witness_vkey=given["vkey"])
        print(lines, end="")
    except peer.WitnessRejected as error:
        print(type(error).__name__, error.status)
    except peer.WitnessConflict as error:
        print(type(error).__name__, error.known_size)
    """

  /// A port that was free a moment ago.
  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let done = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    try #require(done)
    return Int(in_port_t(bigEndian: address.sin_port))
  }
}

import FlyingFox
import FlyingSocks
import Foundation
import Sealing
import Synchronization
import Testing
import Transparency

@testable import Witness

/// The real client against servers that do not keep to the rules.
@Suite struct WitnessTransportTests {
  private static let log = SignedLog(20)

  private static func key(_ seed: String = "witness seed") throws -> WitnessSigningKey {
    try WitnessSigningKey(
      name: "witness.example/w1", seed: SecretBytes(copying: SHA256.hash(ascii(seed))))
  }

  /// Asks a server to cosign.
  private func outcome(
    _ server: RunningServer, transport: WitnessTransport = WitnessTransport()
  ) async throws -> WitnessOutcome {
    let entry = WitnessPolicy.Witness(name: "w", key: try Self.key().verifierKey, url: server.url)
    return try await onThread {
      try WitnessClient(transport: transport.beginRound(), prove: Self.log.prove)
        .ask(entry, note: Self.log.note(20)).outcome
    }
  }

  private func answering(_ body: [UInt8], status: Int = 200) async throws -> RunningServer {
    try await RunningServer.answering { _ in
      HTTPResponse(statusCode: HTTPStatusCode(status, phrase: "x"), body: Data(body))
    }
  }

  @Test func tenMegabytesAreNotRead() async throws {
    let server = try await answering([UInt8](repeating: 0x61, count: 10_000_000))
    #expect(
      try await outcome(server) == .unreachable(reason: "its answer is longer than 65536 bytes"))
  }

  @Test func endlessAnswerIsNotRead() async throws {
    let server = try await RunningServer.answering { _ in
      HTTPResponse(statusCode: .ok, body: HTTPBodySequence(from: Endless()))
    }
    #expect(
      try await outcome(server) == .unreachable(reason: "its answer is longer than 65536 bytes"))
  }

  @Test func longestAnswerIsRead() async throws {
    let server = try await answering(
      [UInt8](repeating: 0x61, count: WitnessAnswer.byteCountMaximum))
    #expect(try await outcome(server).word == "lied")
  }

  @Test func silentServerIsLeft() async throws {
    let server = try await RunningServer.answering { _ in
      try await Task.sleep(for: .seconds(600))
      return HTTPResponse(statusCode: .ok)
    }
    let quick = WitnessTransport(requestSeconds: 0.2, totalSeconds: 30)
    #expect(
      try await outcome(server, transport: quick) == .unreachable(reason: "it takes too long"))
    let total = WitnessTransport(requestSeconds: 30, totalSeconds: 0.2)
    #expect(
      try await outcome(server, transport: total) == .unreachable(reason: "it takes too long"))
  }

  @Test func roundEndsForAllWitnessesTogether() async throws {
    let server = try await answering([])
    let spent = WitnessTransport(totalSeconds: 0)
    #expect(
      try await outcome(server, transport: spent)
        == .unreachable(reason: "the time for all witnesses together is over"))
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func redirectIsNotFollowed(status: Int) async throws {
    let visits = Notices()
    let server = try await RunningServer.answering { request in
      visits.add(request.path)
      var headers = HTTPHeaders()
      headers[.location] = "/elsewhere"
      return HTTPResponse(statusCode: HTTPStatusCode(status, phrase: "x"), headers: headers)
    }
    #expect(try await outcome(server) == .refused(status: status))
    #expect(visits.all == ["/add-checkpoint"])
  }

  @Test func liesAreSeen() async throws {
    let good = try Self.key().cosign(Self.log.checkpoint(20), timeSeconds: 5)
    let older = try Self.key().cosign(Self.log.checkpoint(19), timeSeconds: 5)
    let other = try Self.key("other").cosign(Self.log.checkpoint(20), timeSeconds: 5)
    for body in [older.line, other.line, "garbage", "", "\n", good.line + "x"] {
      #expect(try await outcome(answering(ascii(body))).word == "lied", "\(body)")
    }
    #expect(
      try await outcome(answering(ascii(good.line)))
        == .cosigned(timeSeconds: 5, continuing: 0))
    #expect(try await outcome(answering(ascii("7\n"), status: 409)).word == "lied")
    #expect(try await outcome(answering([], status: 500)) == .refused(status: 500))
  }

  @Test func brokenConnectionIsUnreachable() async throws {
    let server = try await answering([])
    try await server.stop()
    #expect(
      try await outcome(server) == .unreachable(reason: "nobody answers at its address"))
  }

  /// TLS is spoken where the policy says so, never less.
  @Test func plainServerIsNotTakenForASecureOne() async throws {
    let server = try await answering([])
    let secure = "https" + server.url.dropFirst("http".count) + "/add-checkpoint"
    let error = await #expect(throws: WitnessTransportError.self) {
      try await onThread { try WitnessTransport().beginRound()(secure, []) }
    }
    #expect(error != nil)
  }

  @Test(arguments: [
    "", "/", "witness.example", "ftp://witness.example", "file:///etc/passwd", "http://",
    "http:///add-checkpoint", "https://user@witness.example", "https://u:p@witness.example",
    "https://witness.example?x=1", "https://witness.example#x", "http://a b",
    "javascript:alert(1)",
  ])
  func otherAddressesAreRefused(address: String) throws {
    let error = #expect(throws: WitnessTransportError.self) {
      try WitnessTransport().beginRound()(address, [])
    }
    #expect(error?.reason.hasPrefix("its address is not") == true)
  }
}

/// Bytes without end.
private struct Endless: AsyncBufferedSequence {
  typealias Element = UInt8

  struct Iterator: AsyncBufferedIteratorProtocol {
    mutating func next() async throws -> UInt8? { 0x61 }

    mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
      [UInt8](repeating: 0x61, count: Swift.max(count, 4096))
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator() }
}

import Foundation
import Sealing
import Testing
import Transparency

@testable import Witness

/// The real client against the real server over loopback.
@Suite struct WitnessServerTests {
  private static let log = SignedLog(300)

  private func ask(
    _ server: RunningServer, _ home: WitnessHome, _ log: SignedLog = log, size: Int,
    known: Int = 0
  ) async throws -> WitnessedNote {
    let entry = WitnessPolicy.Witness(name: "w", key: home.verifierKey, url: server.url)
    let policy = try WitnessPolicy(witnesses: [entry], quorum: "w")
    return try await onThread {
      try WitnessClient(transport: WitnessTransport().beginRound(), prove: log.prove)
        .cosign(log.note(size), policy: policy, known: [entry.key: known])
    }
  }

  @Test func checkpointsAreCosignedOneAfterTheOther() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    var known = 0
    for size in [0, 1, 7, 256, 257, 257, 300] {
      let done = try await ask(server, home, size: size, known: known)
      #expect(
        done.results.map(\.outcome)
          == [.cosigned(timeSeconds: 1_767_225_600, continuing: known)])
      #expect(done.isQuorumReached)
      let verified = try VerifiedCheckpoint(
        verifying: done.note, logKey: Self.log.verifierKey, witnesses: [home.verifierKey])
      #expect(verified.cosigners.count == 1)
      #expect(try place.bytes(Self.log.state + "/checkpoint") == done.note.encoded)
      known = size
    }
  }

  /// What a log has forgotten it learns from the conflict, byte for byte as specified.
  @Test func conflictTellsTheSize() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    _ = try await ask(server, home, size: 257)
    let reply = try await server.post(Self.log.request(0, 300).encoded)
    #expect(reply.status == 409)
    #expect(reply.contentType == "text/x.tlog.size")
    #expect(reply.body == ascii("257\n"))
    let done = try await ask(server, home, size: 300, known: 0)
    #expect(done.results.map(\.outcome) == [.cosigned(timeSeconds: 1_767_225_600, continuing: 257)])
  }

  @Test func monitorsReadWhatWasCosigned() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    let digest = SHA256.hash(ascii(SignedLog.origin)).hexadecimal
    let address = "\(server.url)/\(digest)/checkpoint"
    let (before, early) = try await get(address)
    #expect(early == 404 && before.isEmpty)
    let done = try await ask(server, home, size: 7)
    let (after, late) = try await get(address)
    #expect(late == 200 && after == done.note.encoded)
    for path in [
      "", "/", "/checkpoint", "/\(digest)", "/\(digest)/", "/\(digest.uppercased())/checkpoint",
      "/\(digest.dropLast())/checkpoint", "/../\(digest)/checkpoint/x",
      "/..%2fstate%2f\(digest)/checkpoint", "/add-checkpoint", "/\(digest)/checkpoint.new",
      "/witness.key", "/../witness.key", "/state/lock",
    ] {
      let (body, status) = try await get(server.url + path)
      #expect(status == 404 && body.isEmpty, "\(path)")
    }
  }

  @Test func twoTreesOfOneSizeAreEvidence() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let notices = Notices()
    let server = try await RunningServer.witness(home, notices: notices)
    let first = try await ask(server, home, size: 257)
    let fork = SignedLog(257, otherFrom: 256)
    for _ in 0..<2 {
      let done = try await ask(server, home, fork, size: 257)
      #expect(done.results.map(\.outcome) == [.conflicting(size: 257)])
      #expect(!done.isQuorumReached && done.cosigners.isEmpty)
    }
    #expect(try await server.post(fork.request(257, 257).encoded).status == 422)
    let names = try place.names(Self.log.state).filter { $0.hasPrefix("conflict-fork-257-") }
    #expect(names.count == 2)
    #expect(names.map { $0.hasSuffix(".request") } == [false, true])
    let stored = try place.bytes("\(Self.log.state)/\(names[0])")
    #expect(stored == first.note.encoded)
    let request = try AddCheckpointRequest(encoded: place.bytes("\(Self.log.state)/\(names[1])"))
    // Either note alone proves itself by the log's key; together they prove the fork.
    let notes = try [SignedNote(encoded: stored), request.note].map {
      try VerifiedCheckpoint(verifying: $0, logKey: Self.log.verifierKey).checkpoint
    }
    #expect(notes[0].treeSize == notes[1].treeSize && notes[0].rootHash != notes[1].rootHash)
    #expect(try place.bytes(Self.log.state + "/checkpoint") == first.note.encoded)
    #expect(notices.all.count >= 2)
    #expect(notices.all[0].hasPrefix("the log `vault.example/audit` signed two trees of 257"))
    #expect(try home.standings().map(\.forkCount) == [1])
    // The log as it was goes on.
    #expect(try await ask(server, home, size: 300, known: 257).isQuorumReached)
  }

  @Test func rewrittenLogIsNotCosigned() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    _ = try await ask(server, home, size: 257, known: 0)
    let rewritten = SignedLog(300, otherFrom: 3)
    let done = try await ask(server, home, rewritten, size: 300, known: 257)
    #expect(done.results.map(\.outcome) == [.conflicting(size: 257)])
    let standing = try #require(home.standings().first)
    #expect(standing.treeSize == 257 && standing.forkCount == 0 && standing.unprovenCount == 1)
  }

  @Test func logSetBackIsAhead() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    _ = try await ask(server, home, size: 300)
    for known in [0, 7, 300] {
      let done = try await ask(server, home, size: 7, known: known)
      #expect(done.results.map(\.outcome) == [.ahead(size: 300)])
    }
  }

  @Test func strangersAreRefused() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    let stranger = SignedLog(7, name: "other.example/audit")
    let impostor = SignedLog(7, seed: "other seed")
    let good = try Self.log.request(0, 7).encoded
    let table: [([UInt8], Int)] = [
      (try stranger.request(0, 7).encoded, 404), (try impostor.request(0, 7).encoded, 403),
      (try Self.log.request(8, 7).encoded, 400), ([], 400), (ascii("old 0\n"), 400),
      (Array(good.dropLast()), 400), (good + ascii("\n"), 400), (ascii("x") + good, 400),
      (Array(repeating: 0x61, count: AddCheckpointRequest.byteCountMaximum), 400),
      (Array(repeating: 0x61, count: AddCheckpointRequest.byteCountMaximum + 1), 413),
      (Array(repeating: 0x61, count: 3_000_000), 413),
    ]
    for (body, status) in table {
      let reply = try await server.post(body)
      #expect(reply.status == status)
      #expect(reply.body.isEmpty)
    }
    #expect(try await server.post(good, "/other").status == 404)
    #expect(try place.names("/state") == ["lock"])
    #expect(try await server.post(good).status == 200)
  }

  @Test func logTrustedLaterIsCosigned() async throws {
    let place = try Place()
    let home = try place.witness()
    let server = try await RunningServer.witness(home)
    #expect(try await server.post(Self.log.request(0, 7).encoded).status == 404)
    #expect(try home.trust(Self.log.verifierKey))
    #expect(try await server.post(Self.log.request(0, 7).encoded).status == 200)
  }

  @Test func stateOutlivesTheServer() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let first = try await RunningServer.witness(home)
    _ = try await ask(first, home, size: 257)
    try await first.stop()
    let second = try await RunningServer.witness(try WitnessHome(opening: place.path))
    #expect(try await second.post(Self.log.request(0, 300).encoded).status == 409)
    #expect(
      try await second.post(SignedLog(257, otherFrom: 9).request(257, 257).encoded).status == 422)
    #expect(try await second.post(Self.log.request(257, 300).encoded).status == 200)
  }

  /// Of requests that start from the same tree one is cosigned; the others learn its size.
  @Test func oneOfManyAtOnceWins() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    // Two servers that share a directory are as two processes: the lock is the file's.
    let servers = [
      try await RunningServer.witness(home), try await RunningServer.witness(home),
    ]
    for (old, sizes) in [(0, 10..<18), (17, 20..<28)] {
      let before = try home.standings().first?.treeSize ?? 0
      let bodies = try sizes.map { try Self.log.request(before, $0).encoded }
      #expect(before >= old || old == 17)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for (index, body) in bodies.enumerated() {
          group.addTask { try await servers[index % 2].post(body).status }
        }
        return try await group.reduce(into: [Int]()) { $0.append($1) }
      }
      #expect(statuses.count { $0 == 200 } == 1)
      #expect(statuses.count { $0 == 409 } == 7)
      #expect(sizes.contains(try #require(home.standings().first?.treeSize)))
    }
  }

  @Test func idleConnectionEnds() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home, idleSeconds: 0.05)
    for head in ["", "POST /add-checkpoint HTTP/1.1\r\nContent-Le", "GET / HTTP/1.1\r\n\r\n"] {
      let count = try await onThread { try Self.readToEnd(server.url, sending: head) }
      #expect(head.hasSuffix("\r\n\r\n") ? count > 0 : count == 0)
    }
    #expect(try await server.post(Self.log.request(0, 7).encoded).status == 200)
  }

  @Test func takenAddressIsRefused() async throws {
    let place = try Place()
    let home = try place.witness(trusting: Self.log)
    let server = try await RunningServer.witness(home)
    let address = try ListenAddress(String(server.url.dropFirst("http://".count)))
    let service = WitnessService(try WitnessLedger(home), now: { 0 }, notice: { _ in })
    let error = await #expect(throws: WitnessError.self) {
      try await WitnessServer(service, at: address).run { _ in }
    }
    #expect(error?.code == .unavailable)
  }

  private func get(_ address: String) async throws -> (body: [UInt8], status: Int) {
    try await onThread { try Monitor.get(address) }
  }

  /// Opens a connection, sends a text and reads until the server ends it.
  private static func readToEnd(_ url: String, sending text: String) throws -> Int {
    let parts = try #require(URLComponents(string: url))
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(try #require(parts.port))).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let bytes = ascii(text)
    #expect(unsafe write(descriptor, bytes, bytes.count) == bytes.count)
    // A server that never ends the connection fails the test instead of holding it.
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var buffer = [UInt8](repeating: 0, count: 4096)
    var total = 0
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      try #require(count >= 0, "the server does not end the connection")
      if count == 0 { return total }
      total += count
    }
  }
}

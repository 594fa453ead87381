import FlyingFox
import FlyingSocks
import Foundation
import Sealing
import Synchronization
import TestSupport
import Testing
import Transparency

@testable import Witness

/// Bytes of an ASCII text.
func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Expects a body to throw an error of the target with the given code.
func expect(
  _ code: WitnessError.Code, naming name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
  let error = #expect(throws: WitnessError.self, sourceLocation: sourceLocation) { try body() }
  #expect(error?.code == code, "\(error?.message ?? "")", sourceLocation: sourceLocation)
  #expect(error?.message.contains(name) == true || name.isEmpty, sourceLocation: sourceLocation)
}

/// Runs work that waits on a thread of its own, as the threads of tasks are few.
func onThread<Result: Sendable>(
  _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Swift.Result { try body() })
    }
  }
}

/// A directory of a test's own.
final class Place: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "lethe-witness-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func names(_ below: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path + below).sorted()
  }

  func bytes(_ below: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + below)))
  }

  func write(_ bytes: [UInt8], _ below: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + below))
  }

  func mode(_ below: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + below)
    return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
  }
}

/// A log in memory that signs.
struct SignedLog: Sendable {
  static let origin = "vault.example/audit"

  private(set) var hashes: [TreeHash] = []
  private var frontier = Frontier()
  private let seed: String
  private let name: String

  /// A log of numbered entries; from an index on the entries are others.
  init(
    _ count: Int, otherFrom fork: Int = .max, name: String = origin, seed: String = "log seed"
  ) {
    self.seed = seed
    self.name = name
    for index in 0..<count {
      hashes += frontier.append(.leaf(ascii("entry-\(index)" + (index < fork ? "" : "'"))))
    }
  }

  var size: Int { frontier.size }

  func read(_ index: Int) throws -> TreeHash {
    try #require(hashes.indices.contains(index) ? hashes[index] : nil)
  }

  func prove(_ old: Int, _ new: Int) throws -> ConsistencyProof {
    try MerkleTree.consistencyProof(from: old, to: new, read: read)
  }

  private func key() throws -> NoteSigningKey {
    try NoteSigningKey(name: name, seed: SecretBytes(copying: SHA256.hash(ascii(seed))))
  }

  var verifierKey: NoteVerifierKey { get throws { try key().verifierKey } }

  func checkpoint(_ size: Int) throws -> Checkpoint {
    try Checkpoint(
      origin: name, treeSize: size, rootHash: MerkleTree.root(size: size, read: read))
  }

  func note(_ size: Int) throws -> SignedNote { try checkpoint(size).signed(by: key()) }

  /// A request whose proof is right.
  func request(_ old: Int, _ new: Int) throws -> AddCheckpointRequest {
    try AddCheckpointRequest(
      oldSize: old, hashes: prove(min(old, new), new).hashes, note: note(new))
  }

  /// Where a witness keeps its state of the log, below the witness's directory.
  var state: String { "/state/" + SHA256.hash(ascii(name)).hexadecimal }
}

extension Place {
  /// Makes a witness in the directory that cosigns for logs.
  func witness(trusting logs: SignedLog...) throws -> WitnessHome {
    let home = try WitnessHome.create(
      at: path, name: "witness.example/w1", random: SeededRandom(seed: 1))
    for log in logs { #expect(try home.trust(log.verifierKey)) }
    return home
  }
}

/// A server that runs for the length of a test.
final class RunningServer: Sendable {
  let url: String
  private let task: Task<Void, any Error>

  private init(url: String, task: Task<Void, any Error>) {
    self.url = url
    self.task = task
  }

  deinit { task.cancel() }

  func stop() async throws {
    task.cancel()
    _ = await task.result
  }

  /// Starts the real server of a witness on a free port.
  static func witness(
    _ home: WitnessHome, notices: Notices = Notices(), seconds: UInt64 = 1_767_225_600,
    idleSeconds: Double = WitnessServer.idleSeconds
  ) async throws -> RunningServer {
    let service = WitnessService(
      try WitnessLedger(home), now: { seconds }, notice: { notices.add($0) })
    let server = WitnessServer(
      service, at: try ListenAddress("127.0.0.1:0"), idleSeconds: idleSeconds)
    let (urls, found) = AsyncStream.makeStream(of: String.self)
    let task = Task {
      defer { found.finish() }
      try await server.run { found.yield($0) }
    }
    for await url in urls { return RunningServer(url: url, task: task) }
    try await task.value
    throw CocoaError(.featureUnsupported)
  }

  /// Starts a server that answers as a test wants.
  static func answering(
    _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
  ) async throws -> RunningServer {
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled,
      handler: ClosureHTTPHandler(body))
    let task = Task { try await server.run() }
    try await server.waitUntilListening()
    let url = try #require(await server.listeningAddress.flatMap(ListenAddress.url))
    return RunningServer(url: url, task: task)
  }

  /// Posts to the witness over the real wire.
  func post(_ body: [UInt8], _ path: String = AddCheckpointRequest.pathSuffix) async throws
    -> WitnessReply
  {
    let address = url + path
    return try await onThread { try WitnessTransport().beginRound()(address, body) }
  }
}

/// What a service told its operator.
final class Notices: Sendable {
  private let texts = Mutex<[String]>([])

  var all: [String] { texts.withLock { $0 } }

  func add(_ text: String) { texts.withLock { $0.append(text) } }
}

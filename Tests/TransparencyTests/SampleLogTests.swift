import Foundation
import Sealing
import Testing
import Transparency

/// The sample that lies beside the auditor's kit: witnessed, pruned, with kept checkpoints.
///
/// It is made of fixed seeds, so it comes out the same; the test holds the files to it, and
/// `scripts/update-golden` writes them anew.
@Suite struct SampleLogTests {
  private static let updateVariable = "LETHE_UPDATE_GOLDEN"

  private static var place: URL {
    var place = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { place.deleteLastPathComponent() }
    return place.appending(path: "audit/sample-watched")
  }

  @Test func theSampleIsTheOneMadeHere() throws {
    let files = try SampleLog().files()
    if ProcessInfo.processInfo.environment[Self.updateVariable] == "1" { try write(files) }
    var found: Set<String> = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: Self.place.path) {
      let url = Self.place.appending(path: path)
      guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
        continue
      }
      found.insert(path)
      #expect(try [UInt8](Data(contentsOf: url)) == files[path], "\(path)")
    }
    #expect(found == Set(files.keys))
  }

  @Test func theSampleVerifies() throws {
    let files = try SampleLog().files()
    let log = files.filter { $0.key.hasPrefix("log/") }
    let policy = try WitnessPolicy(text: #require(files["witnesses.policy"]))
    let kept = try ["kept-300.checkpoint", "kept-450.checkpoint"].map { name in
      try VerifiedCheckpoint(
        verifying: SignedNote(encoded: #require(files[name])), logKey: MemoryLog.logKey
      ).checkpoint
    }
    let report = try LogVerifier(
      logKey: MemoryLog.logKey, policy: policy, knownCheckpoints: kept
    ).verify(paths: log.keys.map { String($0.dropFirst(4)) }) { log["log/\($0)"] }
    #expect(report.isValid, "\(report.findings)")
    #expect(report.prunedEntryCount == 256 && report.minimumEntryIndex == 256)
    #expect(report.checkpoint?.cosigners.count == 2 && report.continuedCheckpointCount == 2)
  }

  private func write(_ files: [String: [UInt8]]) throws {
    try? FileManager.default.removeItem(at: Self.place)
    for (path, bytes) in files {
      let url = Self.place.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: url)
    }
  }
}

/// Makes the files of the sample.
private struct SampleLog {
  static let size = 620
  static let pruning = 500
  static let minimumIndex = 256
  static let noteIndex = 400
  static let note = "Запрос по телефону, личность проверена по договору"
  static let blinding = SHA256.hash(ascii("blinding of the sample"))
  static let witnessNames = ["witness.example/w1", "dpo.example/witness", "bank.example/witness"]
  static let startMilliseconds: Int64 = 1_767_225_600_000
  static let dayMilliseconds: Int64 = 86_400_000

  func files() throws -> [String: [UInt8]] {
    var log = MemoryLog([])
    for index in 0..<Self.size { log.append(try event(index, root: log.root)) }
    try log.publish()
    log.files["tile/entries/000"] = nil
    let witnesses = try Self.witnessNames.map { try Witnesses.key(named: $0).verifierKey }
    log.files["checkpoint"] = try signed(log, size: Self.size, by: [0, 2]).encoded
    log.files["log.vkey"] = ascii(try MemoryLog.logKey.encoded + "\n")
    var files = Dictionary(uniqueKeysWithValues: log.files.map { ("log/\($0.key)", $0.value) })
    for size in [300, 450] {
      files["kept-\(size).checkpoint"] = try signed(log, size: size, by: [0]).encoded
    }
    let names = ["supplier", "dpo", "bank"]
    files["witnesses.policy"] = ascii(
      try WitnessPolicy(
        logs: [WitnessPolicy.Log(key: MemoryLog.logKey)],
        witnesses: zip(names, witnesses).map {
          WitnessPolicy.Witness(name: $0, key: $1)
        },
        groups: [WitnessPolicy.Group(name: "two-of-three", threshold: 2, members: names)],
        quorum: "two-of-three"
      ).text)
    files["note.entry.json"] = log.entries[Self.noteIndex]
    files["note.payload.json"] = try CanonicalJSON.object(
      JSONObject([
        ("payload", .string(Base64.encode(Array(Self.note.utf8)))),
        ("r", .string(hex(Self.blinding))),
      ])
    ).canonicalBytes()
    files["note.tlog-proof"] = try LogProof(
      inclusion: MerkleTree.inclusionProof(
        leafIndex: Self.noteIndex, treeSize: Self.size, read: log.read),
      checkpoint: signed(log, size: Self.size, by: [0, 2])
    ).encoded
    return files
  }

  /// A checkpoint with the cosignatures of some witnesses.
  private func signed(_ log: MemoryLog, size: Int, by cosigners: [Int]) throws -> SignedNote {
    let checkpoint = try log.checkpoint(size: size)
    var note = try checkpoint.signed(by: MemoryLog.signingKey())
    for number in cosigners {
      let key = try Witnesses.key(named: Self.witnessNames[number])
      try note.add(
        key.cosign(checkpoint, timeSeconds: Witnesses.seconds + UInt64(size * 3600 + number)))
    }
    return note
  }

  /// An event of the forms in `docs/format.md`.
  private func event(_ index: Int, root: TreeHash) throws -> [UInt8] {
    let id = Array(SHA256.hash(ascii("sample event \(index)"))[..<16])
    let policySet = hex(SHA256.hash(ascii("sample policies")))
    var members: [(key: String, value: CanonicalJSON)] = [
      ("actor", .string("op_" + ["dana4xq2", "sam7kd3m", "eve2pl5w"][index % 3])),
      ("id", .string(hex(id))), ("seq", .integer(Int64(index))),
      ("time", .integer(Self.startMilliseconds + Int64(index) * Self.dayMilliseconds / 4)),
    ]
    let (type, own) = try content(index, root: root)
    members.append(("type", .string(type)))
    if type != "vault.created" {
      let purpose = type == "log.pruned" ? "essential.legal_obligation" : "subject_rights"
      members += [
        ("case", .string("C-2026-\(index / 10)")), ("policy_set", .string(policySet)),
        ("purpose", .string(purpose)),
      ]
    }
    return try CanonicalJSON.object(JSONObject(members + own)).canonicalBytes()
  }

  private func content(
    _ index: Int, root: TreeHash
  ) throws -> (type: String, members: [(key: String, value: CanonicalJSON)]) {
    if index == 0 {
      let digest = hex(SHA256.hash(ascii("sample policies")))
      return (
        "vault.created",
        [("demo", .bool(true)), ("format", .integer(1)), ("policy_set", .string(digest))]
      )
    }
    if index == Self.pruning {
      return (
        "log.pruned",
        [
          ("before", .integer(Self.startMilliseconds + 64 * Self.dayMilliseconds)),
          ("keep_days", .integer(60)), ("minimum_index", .integer(Int64(Self.minimumIndex))),
          ("root", .string(hex(root.bytes))), ("tree_size", .integer(Int64(Self.pruning))),
        ]
      )
    }
    if index == Self.noteIndex {
      var code = try HMACKey(SecretBytes(copying: Self.blinding))
      let commitment = hex(code.authenticate(Array(Self.note.utf8)))
      return (
        "fields.rectified",
        [
          ("changed", .integer(1)), ("dropped", .integer(0)),
          ("fields", .array([.string("crm.email")])), ("payload_commitment", .string(commitment)),
          ("reference", .string("C-2026-40")), ("rekeyed", .integer(1)),
        ]
      )
    }
    switch index % 4 {
    case 0: return ("person.found", [("found", .integer(1)), ("kind", .string("email"))])
    case 1: return ("token.issued", [("domain", .string("analytics"))])
    case 2:
      return ("operation.denied", [("operation", .string("erase")), ("policies", .array([]))])
    default:
      return (
        "field.disclosed",
        [
          ("decision", .string("allow")), ("policies", .array([.string("dpo-plain")])),
          ("fields", .object(try JSONObject([("crm.email", .string("masked"))]))),
        ]
      )
    }
  }
}

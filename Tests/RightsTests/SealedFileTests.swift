import Foundation
import Rights
import Sealing
import TestSupport
import Testing
import Transparency
import Vault
import VaultTesting

/// A machine whose generator has failed.
private struct NoRandom: RandomSource {
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    throw SealingError(.entropyUnavailable, "no entropy in this test")
  }
}

/// Anna, of two sources, and Bert, who is nobody's business.
private struct Scene {
  let test: TestVault
  let vault: Vault
  let token: TokenText
  static let recipients = Result { () throws(SealingError) in
    try AgeRecipients([AgePair.first.recipient, AgePair.second.recipient])
  }

  init() throws {
    test = try TestVault()
    vault = try test.made()
    let names = [("K-1", "anna@example.org"), ("K-2", "bert@example.org")]
    try vault.ingest(
      names.map { number, email in
        TestSources.crm.record(
          number,
          ["number": number, "email": email, "first_name": "Zoë", "diagnosis": "hay fever"])
      }, from: TestSources.crm)
    try vault.ingest(
      [TestSources.dmp.record("c-1", ["cookie": "c-1", "segments": "travel|garden"])],
      from: TestSources.dmp)
    _ = try vault.assign([(subject: 2, person: 0)], .none, .service)
    token = try vault.theOne(.cookie, "c-1")
  }

  var directory: String { test.root.appending(path: "sealed").path }
  var files: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory))?.sorted() ?? []
  }

  func package(
    _ requester: Requester = .dpo, random: any RandomSource = SystemRandom()
  ) throws -> WrittenPackage {
    try AccessPackage(vault, token, requester)
      .write(sealedFor: Self.recipients.get(), to: directory, random: random)
  }

  func export(_ requester: Requester = .dpo, of other: TokenText? = nil) throws -> WrittenExport {
    try SealedExportFile(vault, other ?? token, to: Self.recipients.get(), requester)
      .write(to: directory)
  }

  /// Writes an export of its own for a case and opens it with age.
  func opened(_ reference: String, of other: TokenText? = nil) throws -> OpenedExport {
    let requester = Requester(
      operatorName: "dana", purpose: "subject_rights", caseReference: reference)
    _ = try export(requester, of: other)
    let text = try #require(try AgeProgram.open(try read("sealed-\(reference).age"), .second))
    return try JSONDecoder().decode(OpenedExport.self, from: Data(text))
  }

  /// The bytes of a written file.
  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)")))
  }

  /// Entries in the log about the person, as the access page counts them.
  func lookUps() throws -> Int { try vault.events(about: token, .dpo).count }
}

/// What is written for a recipient is one file that says nothing to anybody else.
@Suite struct SealedFileTests {
  private static let needles = ["anna@example.org", "hay fever", "travel", "K-1", "index.html"]

  private static func expectSealed(
    _ scene: Scene, _ name: String, beside receipt: [String] = []
  ) throws {
    #expect(scene.files == [name] + receipt, "nothing else lies there, finished or not")
    for file in receipt {
      let bytes = Data(try scene.read(file))
      for needle in needles { #expect(bytes.range(of: Data(needle.utf8)) == nil) }
    }
    let path = "\(scene.directory)/\(name)"
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(attributes[.referenceCount] as? Int == 1)
    let data = Data(try scene.read(name))
    #expect(data.starts(with: Data("age-encryption.org/v1\n-> X25519 ".utf8)))
    for needle in needles { #expect(data.range(of: Data(needle.utf8)) == nil) }
  }

  @Test func bothAreOneSealedFile() throws {
    let first = try Scene()
    let package = try first.package()
    #expect(package.files == ["\(first.directory)/access-DSR-1.tar.age"])
    #expect(package.records == 2)
    try Self.expectSealed(first, "access-DSR-1.tar.age")
    let second = try Scene()
    let export = try second.export()
    #expect(export.file == "\(second.directory)/sealed-DSR-1.age")
    #expect(export.records == 2 && export.subjects == 2)
    let receipt = ["sealed-DSR-1.entry.json", "sealed-DSR-1.tlog-proof"]
    #expect(export.receipt == receipt.map { "\(second.directory)/\($0)" })
    try Self.expectSealed(second, "sealed-DSR-1.age", beside: receipt)
    let proof = try LogProof(encoded: second.read(receipt[1]))
    try proof.verify(
      entry: second.read(receipt[0]),
      logKey: NoteVerifierKey(encoded: second.vault.logVerifierKey()))
    #expect(proof.leafIndex == export.logSequence)
  }

  @Test func neverWrittenOverAndThenNothingIsLogged() throws {
    let scene = try Scene()
    _ = try scene.package()
    _ = try scene.export()
    let before = (scene.files, try scene.read("sealed-DSR-1.age"), try scene.lookUps())
    #expect(throws: RightsError(.alreadyExists, "")) { _ = try scene.package() }
    #expect(throws: RightsError(.alreadyExists, "")) { _ = try scene.export() }
    #expect(scene.files == before.0)
    #expect(try scene.read("sealed-DSR-1.age") == before.1)
    #expect(try scene.lookUps() == before.2)
  }

  @Test func halfAnAnswerIsRefused() throws {
    let scene = try Scene()
    let requester = Requester(
      operatorName: "dana", purpose: "essential.service", caseReference: "DSR-1")
    #expect(throws: RightsError(.incomplete, "")) { _ = try scene.package(requester) }
    #expect(throws: VaultError(.incomplete, "")) { _ = try scene.export(requester) }
    #expect(scene.files.isEmpty)
  }

  @Test(arguments: [
    ("sam", "subject_rights"), ("ana", "analytics.reporting"), ("eve", "essential.service"),
    ("aude", "essential.legal_obligation"), ("max", "marketing"), ("lethe", "essential.service"),
  ])
  func othersGetNothing(name: String, purpose: String) throws {
    let scene = try Scene()
    let requester = Requester(operatorName: name, purpose: purpose, caseReference: "DSR-1")
    #expect(throws: VaultError(.denied, "")) { _ = try scene.package(requester) }
    #expect(throws: VaultError(.denied, "")) { _ = try scene.export(requester) }
    #expect(scene.files.isEmpty)
  }

  @Test func erasedPersonHasNothing() throws {
    let scene = try Scene()
    _ = try scene.vault.eraseNow(scene.token, "C-9")
    #expect(throws: VaultError(.notFound, "")) { _ = try scene.package() }
    #expect(throws: VaultError(.notFound, "")) { _ = try scene.export() }
    #expect(scene.files.isEmpty)
  }

  @Test func withoutRandomnessNoFileStays() throws {
    let scene = try Scene()
    #expect(throws: SealingError(.entropyUnavailable, "")) {
      _ = try scene.package(random: NoRandom())
    }
    #expect(scene.files.isEmpty, "the one that was begun is gone")
  }

  @Test func unwritablePlaceIsOneClearLine() throws {
    let scene = try Scene()
    try Data().write(to: URL(fileURLWithPath: scene.directory))
    let before = try scene.lookUps()
    #expect(throws: RightsError(.unwritable, "")) { _ = try scene.package() }
    #expect(throws: RightsError(.unwritable, "")) { _ = try scene.export() }
    #expect(try scene.lookUps() == before)
  }
}

/// What the recipients find inside, with the program age.
@Suite(.enabled(if: AgeProgram.isPresent, Comment(rawValue: AgeProgram.absenceNote)))
struct OpenedFileTests {
  @Test(arguments: [AgePair.first, .second]) func packageHoldsItsFiles(pair: AgePair) throws {
    let scene = try Scene()
    let written = try scene.package()
    let file = try scene.read("access-DSR-1.tar.age")
    let archive = try #require(try AgeProgram.open(file, pair))
    let tar = try #require(Tool("tar"))
    func member(_ name: String) throws -> [UInt8] {
      try tar.run(["-xOf", "a.tar", name], files: ["a.tar": archive]).output
    }
    let names = try tar.run(["-tf", "a.tar"], files: ["a.tar": archive])
    let expected = "data.json\nindex.html\nmanifest.json\nlog-entry.json\nlog-entry.tlog-proof\n"
    #expect(names.output == Array(expected.utf8))
    let proof = try LogProof(encoded: member("log-entry.tlog-proof"))
    try proof.verify(
      entry: member("log-entry.json"),
      logKey: NoteVerifierKey(encoded: scene.vault.logVerifierKey()))
    let manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(member("manifest.json"))) as? [String: Any])
    let digests = try #require(manifest["sha256"] as? [String: String])
    for name in ["data.json", "index.html"] {
      #expect(digests[name] == SHA256.hash(try member(name)).hexadecimal)
    }
    #expect(manifest["log_entry"] as? Int == written.logSequence)
    #expect(String(decoding: try member("data.json"), as: UTF8.self).contains("hay fever"))
  }

  @Test func exportOpensWithItsOwnKeysAndHoldsNobodyElse() throws {
    let scene = try Scene()
    _ = try scene.export()
    let text = try #require(try AgeProgram.open(try scene.read("sealed-DSR-1.age"), .second))
    #expect(text.last == 0x0A && text.count(where: { $0 == 0x0A }) == 1)
    let export = try JSONDecoder().decode(OpenedExport.self, from: Data(text))
    #expect(export.format == 1 && export.reference == "DSR-1")
    #expect(export.vault.bytes == scene.vault.id.rawBytes)
    #expect(export.subjects.map(\.source) == ["crm", "dmp"], "Bert's subject is not in it")
    #expect(export.subjects.map(\.generation) == [1, 1])
    #expect(export.keys.map(\.subject) == export.subjects.map(\.id))
    #expect(Set(export.keys.map(\.bucket)) == Set(export.records.map(\.bucket)))
    #expect(export.records.allSatisfy { $0.fields.allSatisfy { $0.number < 0x8000 } })
    let values = try export.values()
    #expect(values == (try scene.vault.values(scene.token)))
    #expect(values["crm.diagnosis"] == ["hay fever"] && values["crm.first_name"] == ["Zoë"])
    for needle in ["hay fever", "anna@example.org", "bert@example.org"] {
      #expect(Data(text).range(of: Data(needle.utf8)) == nil, "values stay in their envelopes")
    }
  }
  /// Anna and Bert share a bucket, and no key.
  @Test func aKeyOpensNobodyElseInTheSameBucket() throws {
    let scene = try Scene()
    let anna = try scene.opened("C-1")
    let bert = try scene.opened("C-2", of: scene.vault.theOne(.email, "bert@example.org"))
    let shared = Set(anna.keys.map(\.bucket)).intersection(bert.keys.map(\.bucket))
    #expect(shared.count == 1)
    #expect(Set(anna.keys.map(\.fk)).isDisjoint(with: bert.keys.map(\.fk)))
    #expect(
      try bert.values() == [
        "crm.number": ["K-2"], "crm.email": ["bert@example.org"],
        "crm.first_name": ["Zoë"], "crm.diagnosis": ["hay fever"],
      ])
    for key in anna.keys {
      for record in bert.records {
        for field in record.fields {
          #expect(throws: SealingError(.authenticationFailure, "")) {
            _ = try bert.value(of: field, record, key.fk)
          }
        }
      }
    }
  }

  /// Once a person is changed, an export has the next key, and the one before opens no new value.
  @Test func aRectifiedPersonIsExportedUnderItsPresentKey() throws {
    let scene = try Scene()
    let before = try scene.opened("C-1")
    let change = SubjectChange.rectify([
      RectifiedField(
        path: "crm.email", stored: Array("anna.new@example.org".utf8),
        matched: Array("anna.new@example.org".utf8))
    ])
    let digest = try scene.vault.previewChange(change, of: scene.token, .dpo).digest
    _ = try scene.vault.apply(
      change, to: scene.token, confirming: digest, reference: "R-1", .dpo)
    let after = try scene.opened("C-2")
    #expect(after.subjects.map(\.source) == ["crm", "dmp"])
    #expect(after.subjects.map(\.generation) == [2, 1], "the cookie has not changed")
    #expect(after.subjects.map(\.id) == before.subjects.map(\.id))
    #expect(after.keys[0].fk != before.keys[0].fk && after.keys[1].fk == before.keys[1].fk)
    var expected = try before.values()
    expected["crm.email"] = ["anna.new@example.org"]
    #expect(try after.values() == expected)
    #expect(try scene.vault.values(scene.token) == expected)
    let record = try #require(after.records.first { $0.source == "crm" })
    for field in record.fields {
      #expect(throws: SealingError(.authenticationFailure, "")) {
        _ = try after.value(of: field, record, before.keys[0].fk)
      }
    }
  }
}

import Foundation
import Rights
import Testing
import Transparency

/// A certificate is valid when every check has passed, and nothing that was changed passes.
@Suite struct CertificateVerifierTests {
  private static var files: [WritableKeyPath<SampleCertificate, [UInt8]>] {
    [\.certificate, \.entry, \.proof, \.keyFile, \.logKeyFile]
  }

  /// What the log's entry says differently, and the check that finds it.
  static let disagreements: [(SampleStatement.Members, CertificateCheck.Name)] = [
    (["reference": "C-2026-18"], .reference), (["type": "erasure.requested"], .eventType),
    (["type": "erasure.pending"], .eventType), (["assurance": "L0"], .assurance),
    (["assurance": 1], .assurance), (["seq": 2], .place), (["old_epoch": 2], .epochs),
    (["old_epoch": 1, "new_epoch": 3], .epochs),
  ]

  /// Members that are missing (nil) or wrong.
  static let malformed: [[String: CanonicalJSON?]] = [
    ["not_covered": nil], ["not_covered": []], ["not_covered": [1]], ["state": nil],
    ["state": "done"], ["final_ms": nil], ["final_ms": -1], ["final_due_ms": 1],
    ["state": "pending"], ["assurance": "L4"], ["assurance": 1], ["custodians": nil],
    ["custodians": [:]], ["sanitization": nil], ["assurance_reasons": nil], ["keys": nil],
    ["keys": []], ["lethe_certificate": 3], ["lethe_certificate": "2"], ["lethe_certificate": nil],
    ["reference": nil], ["log_entry": -1], ["subjects": "3"], ["resumed_after_interruption": 1],
    ["residual": []], ["covered": nil], ["kind": nil],
  ]

  @Test(arguments: SampleStatement.allCases)
  func everyKindVerifies(sample: SampleStatement) throws {
    let report = try SampleCertificate(sample.members).report
    #expect(report.isValid, "\(report.checks)")
    #expect(report.checks.count == 11 && report.failed.isEmpty)
    #expect(report.statement?.kind == (sample == .pending ? "person" : report.statement?.kind))
    let besides = report.notes.filter { $0.contains("compare with one you have from elsewhere") }
    #expect(besides.count == 2)
    #expect(report.notes.contains { $0.hasPrefix("not final yet") } == (sample == .pending))
  }

  /// One bit of every byte of every file, and for letters also their case.
  @Test(arguments: [UInt8(0x01), 0x20, 0x80])
  func everyChangedByteIsRefused(bit: UInt8) throws {
    let whole = try SampleCertificate(SampleStatement.person.members)
    #expect(whole.report.isValid)
    var tried = 0
    for place in Self.files {
      for index in whole[keyPath: place].indices {
        var changed = whole
        changed[keyPath: place][index] ^= bit
        #expect(!changed.report.isValid, "byte \(index) of \(place)")
        tried += 1
      }
    }
    #expect(tried > 3500)
  }

  @Test func aShorterOrLongerFileIsRefused() throws {
    let whole = try SampleCertificate(SampleStatement.person.members)
    for place in Self.files {
      for change in [{ Array($0.dropLast()) }, { $0 + [0x0A] }, { $0 + $0 }, { _ in [] }]
        as [([UInt8]) -> [UInt8]]
      {
        var changed = whole
        changed[keyPath: place] = change(whole[keyPath: place])
        #expect(!changed.report.isValid, "\(place)")
      }
    }
  }

  @Test func theNamesOfFailedChecksSayWhere() throws {
    var changed = try SampleCertificate(SampleStatement.person.members)
    changed.certificate[20] ^= 1
    #expect(changed.report.failed == [.signature])
    let skipped = changed.report.checks.filter { $0.outcome == .skipped }.map(\.name)
    #expect(skipped == [.statement, .origin, .place, .eventType, .reference, .assurance])
    #expect(changed.report.statement == nil, "claims of a refused certificate are not repeated")
    changed = try SampleCertificate(SampleStatement.person.members)
    changed.entry[0] ^= 1
    #expect(changed.report.failed == [.inclusion])
    changed = try SampleCertificate(SampleStatement.person.members)
    changed.logKeyFile[0] ^= 1
    #expect(changed.report.failed == [.logKey])
  }

  /// The vault signed both; then they tell different things.
  @Test(arguments: disagreements)
  func logAndCertificateThatDisagreeAreRefused(
    event: SampleStatement.Members, check: CertificateCheck.Name
  ) throws {
    let report = try SampleCertificate(SampleStatement.person.members, event: event).report
    #expect(!report.isValid && report.failed == [check], "\(report.checks)")
  }

  @Test func agreeingEpochsArePartOfTheReport() throws {
    let report = try SampleCertificate(
      SampleStatement.person.members, event: ["old_epoch": 1, "new_epoch": 2]
    ).report
    #expect(report.isValid && report.checks.contains { $0.name == .epochs })
  }

  @Test func anotherPlaceIsRefused() throws {
    var members = SampleStatement.person.members
    members["log_entry"] = 2
    #expect(try SampleCertificate(members).report.failed == [.place])
  }

  @Test func aKeyOfAnotherVaultIsRefused() throws {
    let members = SampleStatement.person.members
    let other = try SampleCertificate(members, keyName: "other.example/audit/certificates")
    #expect(other.report.failed == [.origin])
    var mixed = try SampleCertificate(members)
    mixed.keyFile = try SampleCertificate(members, seed: 9).keyFile
    #expect(mixed.report.failed == [.signature])
    mixed.keyFile = mixed.logKeyFile
    #expect(mixed.report.failed == [.signature])
    mixed.keyFile = Array("\(try SampleCertificate.witnessKey(3).encoded)\n".utf8)
    #expect(mixed.report.failed == [.certificateKey])
  }

  /// What a signed statement has to say; without it there is no certificate.
  @Test(arguments: malformed)
  func aStatementWithoutItsMembersIsRefused(changes: [String: CanonicalJSON?]) throws {
    var members = SampleStatement.person.members
    for (name, value) in changes { members[name] = value }
    let report = try SampleCertificate(members).report
    #expect(report.failed == [.statement], "\(report.checks)")
  }

  @Test func aStatementInAnotherSpellingIsRefused() throws {
    let key = try SampleCertificate.key(SampleCertificate.keyName, 1)
    for text in ["{\"lethe_certificate\": 2}\n", "{}\n", "[]\n", "\n", "{}\n{}\n", "text\n"] {
      var sample = try SampleCertificate(SampleStatement.person.members)
      let bytes = Array(text.utf8)
      sample.certificate = try SignedNote(text: bytes, signatures: [try key.sign(bytes)]).encoded
      #expect(sample.report.failed == [.statement], "\(text)")
    }
  }

  @Test func unknownMembersAndKindsAreNoFault() throws {
    var members = SampleStatement.person.members
    members["kind"] = "household"
    members["later"] = [["deep": [1, true, "x"]]]
    let report = try SampleCertificate(members).report
    #expect(report.isValid && report.statement?.kind == "household")
  }

  @Test func witnessesCount() throws {
    var members = SampleStatement.person.members
    members["assurance"] = "L3"
    members["custodians"] = [.custodian("L2")]
    let alone = try SampleCertificate(members)
    #expect(alone.report.notes.contains { $0.contains("L3 claims a witness") })
    let witness = try SampleCertificate.witnessKey(3)
    #expect(alone.report(witnesses: [witness]).failed == [.witness])
    let witnessed = try SampleCertificate(members, witness: 3)
    let report = witnessed.report(witnesses: [witness])
    #expect(report.isValid && report.checks.last?.name == .witness)
    #expect(!report.notes.contains { $0.contains("L3") })
    let other = try SampleCertificate.witnessKey(4)
    #expect(!witnessed.report(witnesses: [other]).isValid)
  }
}

import Rights
import TestSupport
import Testing
import Transparency

/// A level that the receipts do not bear out is refused, however well it is signed.
@Suite struct CertificateLevelTests {
  /// The level claimed, the levels of the receipts, and whether the one bears the other out.
  static let claims: [(claimed: String, receipts: [String], isBorneOut: Bool)] = [
    ("L2", [], false), ("L3", [], false), ("L1", ["L0"], false), ("L2", ["L1"], false),
    ("L3", ["L1"], false), ("L2", ["L0"], false), ("L2", ["L2", "L1"], false),
    ("L3", ["L2", "L0"], false), ("L2", ["L2", "L2", "L1"], false),
    ("L0", [], true), ("L1", [], true), ("L1", ["L1"], true), ("L2", ["L2"], true),
    ("L2", ["L2", "L3"], true), ("L0", ["L2"], true), ("L3", ["L2"], true), ("L3", ["L3"], true),
  ]

  private func report(_ claimed: String, _ receipts: [CanonicalJSON]) throws -> CertificateReport {
    var members = SampleStatement.person.members
    members["assurance"] = .string(claimed)
    members["custodians"] = .array(receipts)
    return try SampleCertificate(members).report
  }

  @Test func aLevelWithoutItsReceiptsIsRefused() throws {
    for (claimed, receipts, isBorneOut) in Self.claims {
      let report = try report(claimed, receipts.map { .custodian(.string($0)) })
      #expect(report.isValid == isBorneOut, "\(claimed) with \(receipts)")
      #expect(report.failed == (isBorneOut ? [] : [.statement]))
    }
    let refused = Self.claims.count { !$0.isBorneOut }
    AttackReport.record(
      number: 45, name: "certificate of a level without the receipts",
      tried: "\(Self.claims.count) well-signed combinations of level and receipts",
      result: "\(refused) claims above their weakest receipt refused, the others accepted")
  }

  @Test func aReceiptWithoutALevelIsRefused() throws {
    let odd: [CanonicalJSON] = ["L2", [:], .custodian("L9"), .custodian(2), .custodian(""), ["L2"]]
    for receipt in odd {
      #expect(try report("L0", [receipt]).failed == [.statement], "\(receipt)")
    }
  }

  /// Format 1 names no custodians: it bears out the software slot and no more.
  @Test(arguments: [("L0", true), ("L1", true), ("L2", false), ("L3", false)])
  func format1BearsOutL1(claimed: String, isBorneOut: Bool) throws {
    var members = SampleStatement.format1.members
    members["assurance"] = .string(claimed)
    #expect(try SampleCertificate(members).report.isValid == isBorneOut)
  }
}

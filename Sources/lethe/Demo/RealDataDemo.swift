import Foundation
import Intake
import Rights
import Unification
import Vault

/// The same path on published data: FEBRL dataset 3 and all CDNOW transactions.
///
/// - SeeAlso: `docs/sample-data.md` for where the files come from.
struct RealDataDemo {
  /// Records of FEBRL dataset 3.
  static let febrlRecords = 5_000
  /// Transactions of CDNOW.
  static let cdnowRecords = 69_659
  /// Customers of CDNOW.
  static let cdnowCustomers = 23_570

  private let demo: DemoRun
  private let data: String

  init(_ demo: DemoRun, data: String) {
    self.demo = demo
    self.data = data.hasSuffix("/") ? String(data.dropLast()) : data
  }

  func play() throws {
    for name in ["febrl3.csv", "cdnow.csv"]
    where !FileManager.default.fileExists(atPath: "\(data)/\(name)") {
      throw UsageError(message: "`\(data)/\(name)` is missing; get it with scripts/real-data")
    }
    try demo.makeVault()
    demo.console.say("lethe demo on real data: FEBRL dataset 3, CDNOW")
    let vault = try demo.open()
    try ingest(vault, "febrl3.csv", "febrl", expected: Self.febrlRecords)
    let subjects = try ingest(vault, "cdnow.csv", "cdnow", expected: Self.cdnowRecords).subjects
    demo.check("cdnow.csv: every customer is a subject", subjects == Self.cdnowCustomers)
    try unifyAndProject(vault)
    let target = try choosePerson(vault)
    try erase(vault, target)
    try DemoLog(demo, vault).verify()
  }

  @discardableResult
  private func ingest(
    _ vault: Vault, _ file: String, _ contract: String, expected: Int
  ) throws -> IngestReport {
    let report = try demo.step("ingest \(file)") {
      let started = ContinuousClock.now
      let report = try demo.ingest(vault, "\(data)/\(file)", contract: contract)
      let seconds = (ContinuousClock.now - started).seconds
      let rate = Int(Double(report.rows.read) / max(seconds, 0.001))
      return (
        report,
        "\(report.vault.added) records, \(report.vault.subjects) subjects, "
          + "\(report.rows.badTotal) quarantined, \(rate) rows a second"
      )
    }
    demo.check("\(file): \(expected) rows were read", report.rows.read == expected)
    demo.check(
      "\(file): every row is accounted for",
      report.vault.total + report.rows.badTotal == report.rows.read)
    let again = try demo.step("\(file) again") {
      let report = try demo.ingest(vault, "\(data)/\(file)", contract: contract)
      return (report.vault, "\(report.vault.unchanged) unchanged")
    }
    demo.check("\(file) twice changes nothing", again.added == 0 && again.replaced == 0)
    return report.vault
  }

  private func unifyAndProject(_ vault: Vault) throws {
    let report = try demo.step("unify") {
      let report = try Unifier(vault).run(
        demo.requester(DemoRun.Actor.service, "essential.service"))
      return (report, "\(report.subjects) subjects are \(report.persons) persons")
    }
    demo.check("shared social security numbers link records", report.persons < report.personsBefore)
    let projection = try demo.step("project for analysts") {
      let projection = try vault.project(
        demo.requester(DemoRun.Actor.service, "analytics.reporting"))
      return (projection, "\(projection.profiles) profiles, \(projection.events) events")
    }
    demo.check("one profile a person", projection.profiles == report.persons)
    demo.check("one event a transaction", projection.events == Self.cdnowRecords)
  }

  /// A FEBRL person of several records: the number, and the token it leads to.
  private func choosePerson(_ vault: Vault) throws -> (number: [UInt8], token: TokenText) {
    let contract = try ContractFiles(vault.layout.policies).contract("febrl")
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: "REAL-1")
    let path = "\(data)/febrl3.csv"
    var reader = try RecordReader(
      contract: contract, source: try FileByteSource(path: path), file: path,
      ingestDay: vault.clock.day)
    while let item = try reader.next() {
      guard case .record(let record, _) = item,
        let number = record.identifiers.first(where: { $0.kind == .nationalID })?.value
      else { continue }
      let found = try vault.find(.nationalID, number, dpo)
      if found.count == 1, found[0].subjects >= 3 { return (number, found[0].token) }
    }
    throw CheckFailure(message: "no person of FEBRL has three records")
  }

  private func erase(_ vault: Vault, _ target: (number: [UInt8], token: TokenText)) throws {
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: "REAL-1")
    try demo.step("access package") {
      let package = try AccessPackage(vault, target.token, dpo).write(
        to: "\(demo.dataDirectory)/access-package")
      return ((), "\(package.records) records, \(package.lookUps) look-ups")
    }
    try demo.step("erase the person") {
      let preview = try vault.previewErasure(target.token, dpo)
      let outcome = try vault.erase(
        target.token, confirming: preview.digest, reference: "REAL-1", dpo)
      demo.check(
        "every key asked for again is gone", outcome.facts.verifiedUnreadable == preview.subjects)
      return ((), "\(outcome.facts.subjects) subjects, \(outcome.facts.sweptRecords) records")
    }
    demo.check("the number finds nobody", try vault.find(.nationalID, target.number, dpo).isEmpty)
    let again = try demo.ingest(vault, "\(data)/febrl3.csv", contract: "febrl")
    demo.check(
      "the erased person does not come back", again.vault.suppressed >= 3 && again.vault.added == 0)
  }
}

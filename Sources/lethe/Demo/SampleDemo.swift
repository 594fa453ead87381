import Foundation
import Intake
import Retention
import Rights
import SampleData
import Segmentation
import Transparency
import Unification
import Vault

/// The demo on generated data: four sources, one person asked about, one erased, old data expired.
struct SampleDemo {
  /// Days the sources come in before today; then the clock moves on and third-party data ages.
  static let leadDays = 20
  /// Profiles looked at to find people who are in several sources.
  static let candidateMaximum = 400

  private let demo: DemoRun
  private let people: Int
  private let seed: UInt64

  init(_ demo: DemoRun, people: Int, seed: UInt64) {
    self.demo = demo
    self.people = people
    self.seed = seed
  }

  func play() throws {
    demo.clock.set(days: -Self.leadDays)
    let today = CivilDay(daysSince1970: demo.clock.clock.day)
    let generator = try SampleGenerator(seed: seed, people: people, today: today, badRows: true)
    try demo.makeVault()
    demo.console.say("lethe demo: \(people) people, seed \(seed)")
    let summary = try generate(generator)
    let vault = try demo.open()
    try ingestAll(vault, summary)
    try unify(vault)
    try segments(vault)
    let candidates = try SamplePeopleFinder(demo, vault).find(2, in: path(.crm))
    demo.check("two people known to three sources were found", candidates.count == 2)
    guard candidates.count == 2 else { return }
    try access(vault, candidates[0])
    try ErasureDemo(demo, vault, candidates[1], crm: path(.crm)).play()
    demo.clock.set(days: 0)
    try expire(vault)
    try DemoLog(demo, vault).verify()
  }

  private func path(_ file: SampleFile) -> String { "\(demo.dataDirectory)/\(file.rawValue)" }

  private func generate(_ generator: SampleGenerator) throws -> SampleSummary {
    try demo.step("generate sample data") {
      for file in SampleFile.allCases {
        let writer = try LineFile(path(file))
        try generator.write(file) { line in try writer.write(line) }
        try writer.close()
      }
      let summary = generator.summary()
      let rows = summary.sources.values.reduce(0) { $0 + $1.rows }
      return (
        summary, "\(rows) rows in four sources, \(summary.peopleInSeveralSources) people in several"
      )
    }
  }

  private func ingestAll(_ vault: Vault, _ summary: SampleSummary) throws {
    for file in [SampleFile.crm, .orders, .web, .thirdParty] {
      let report = try demo.step("ingest \(file.rawValue)") {
        let report = try demo.ingest(vault, path(file), contract: file.source)
        let parts = report.vault.counts.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }
        return (report, parts.joined(separator: ", ") + ", \(report.rows.badTotal) quarantined")
      }
      let bad = summary.sources[file]?.badRows ?? 0
      demo.check("\(file.rawValue): each bad row is in quarantine", report.rows.badTotal == bad)
      demo.check(
        "\(file.rawValue): every row is accounted for",
        report.vault.total + report.rows.badTotal == report.rows.read)
      if file == .thirdParty {
        demo.check("dmp.csv: rows past their term on arrival are refused", report.vault.expired > 0)
      }
    }
    let again = try demo.step("the same crm.csv again") {
      let report = try demo.ingest(vault, path(.crm), contract: "crm")
      return (report.vault, "\(report.vault.unchanged) unchanged, \(report.vault.added) added")
    }
    demo.check(
      "the same file twice changes nothing",
      again.added == 0 && again.replaced == 0 && again.subjects == 0 && again.unchanged > 0)
  }

  private func unify(_ vault: Vault) throws {
    let report = try demo.step("unify") {
      let report = try Unifier(vault).run(
        demo.requester(DemoRun.Actor.service, "essential.service"))
      let hubs = report.hubValues.reduce(0) { $0 + $1.count }
      return (
        report,
        "\(report.subjects) subjects are \(report.persons) persons; \(hubs) values of too many"
      )
    }
    demo.check("test@test.com and its like link nobody", !report.hubValues.isEmpty)
    try demo.step("compare with the truth") {
      let truth = try SampleTruth(demo, vault, path)
      demo.check("customers were looked up", truth.customers > 50)
      demo.check(
        "strangers are kept apart: \(truth.precisionPercent) % of joined pairs are right",
        truth.precisionPercent >= 97)
      demo.check(
        "duplicates are joined: \(truth.recallPercent) % of the pairs in truth",
        truth.recallPercent >= 60)
      return (
        (),
        "of \(truth.customers) customers: \(truth.right) pairs joined rightly, "
          + "\(truth.falselyJoined) wrongly, \(truth.missed) missed"
      )
    }
  }

  private func segments(_ vault: Vault) throws {
    try demo.step("project for analysts") {
      let report = try vault.project(
        demo.requester(DemoRun.Actor.service, "analytics.reporting"))
      return (
        (), "\(report.profiles) profiles, \(report.attributes) attributes, \(report.events) events"
      )
    }
    let analyst = demo.requester(DemoRun.Actor.analyst, "analytics.reporting")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: "\(vault.layout.policies)/segments"
    ).filter { $0.hasSuffix(".yaml") }.sorted()
    for name in names {
      try demo.step("segment \(name.replacingOccurrences(of: ".yaml", with: ""))") {
        let report = try SegmentCount(vault, analyst).report(
          "\(vault.layout.policies)/segments/\(name)")
        let text = report.text.split(separator: "\n").last.map(String.init) ?? ""
        return ((), text.trimmingCharacters(in: .whitespaces))
      }
    }
    demo.checkRefused("an analyst cannot look people up") {
      _ = try vault.find(.email, Array("someone@example.org".utf8), analyst)
    }
  }

  private func access(_ vault: Vault, _ person: SamplePersonFound) throws {
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: "DEMO-1")
    let views = [
      (demo.requester(DemoRun.Actor.analyst, "analytics.reporting"), Rung.generalised),
      (demo.requester(DemoRun.Actor.support, "essential.service"), Rung.masked), (dpo, Rung.plain),
    ]
    for (requester, highest) in views {
      try demo.step("reveal to \(requester.operatorName)") {
        let dossier = try vault.disclose(person.token, requester)
        let rungs = dossier.records.flatMap(\.fields).compactMap(\.rung)
        demo.check(
          "\(requester.operatorName) sees nothing above \(highest.name)",
          rungs.max() == highest)
        return ((), "\(rungs.count) fields, at most \(highest.name)")
      }
    }
    let package = try demo.step("access package") {
      let package = try AccessPackage(vault, person.token, dpo).write(
        to: "\(demo.dataDirectory)/access-package")
      return (
        package,
        "\(package.records) records, \(package.lookUps) look-ups, \(package.files.count) files"
      )
    }
    demo.check("the package tells who looked", package.lookUps >= views.count)
    let json = try FileByteSource.contents(of: package.files[0], maximumByteCount: 64 << 20)
    demo.check("the package holds the person's e-mail", Bytes.contains(json, person.secrets[0]))
  }

  private func expire(_ vault: Vault) throws {
    let service = demo.requester(DemoRun.Actor.service, "essential.legal_obligation")
    let classes = try ContractFiles(vault.layout.policies).retentionClasses()
    let plan = try demo.step("retention plan, \(Self.leadDays) days later") {
      let plan = try RetentionPlan(vault, classes: classes, service)
      return (
        plan, "\(plan.expiry.records) records in \(plan.expiry.buckets.count) buckets are due"
      )
    }
    demo.check("third-party data is due", plan.expiry.records > 0)
    demo.checkRefused("another plan's fingerprint does not confirm it") {
      _ = try plan.apply(to: vault, confirming: "0000000000000000", service)
    }
    let outcome = try demo.step("retention apply") {
      let outcome = try plan.apply(to: vault, confirming: plan.expiry.digest, service)
      return (
        outcome,
        "\(outcome.facts.sweptRecords) records gone, \(outcome.facts.subjects) subjects had nothing left"
      )
    }
    demo.check("what was due is gone", outcome.facts.sweptRecords >= plan.expiry.records)
    let after = try RetentionPlan(vault, classes: classes, service)
    demo.check("nothing is due any more", after.isEmpty)
  }
}

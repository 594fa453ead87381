import ArgumentParser
import Foundation
import Intake
import Segmentation
import Transparency
import Vault

/// Runs `lethe segment`.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Count segments of pseudonymised profiles.",
    discussion: """
      EXAMPLES
        lethe segment count policies/segments/loyal-germany.yaml --as ana

      EXIT CODES
        0 answered · 1 refused · 2 wrong usage · 3 vault sealed
      """,
    subcommands: [SegmentCountCommand.self])
}

/// Runs `lethe segment count`.
struct SegmentCountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count", abstract: "Count the profiles a rule selects.",
    discussion: """
      A group, or what remains without it, below the threshold is answered as suppressed; the number is \
      not shown.

      EXAMPLES
        lethe segment count policies/segments/loyal-germany.yaml --as ana

      EXIT CODES
        0 answered, also with "suppressed" · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "File with the rule, YAML or JSON.")
  var rule: String

  @Option(help: "Purpose.")
  var purpose = "analytics.reporting"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let report = try options.withVault { vault in
      try SegmentCount(vault, requester).report(rule)
    }
    var members: [(key: String, value: CanonicalJSON)] = [
      ("segment", .string(report.segment)), ("title", .string(report.title)),
      ("explained", .string(report.explained)), ("threshold", .count(report.threshold)),
    ]
    for (name, count) in [("count", report.count), ("total", report.total)] {
      switch count {
      case .released(let number): members.append((name, .count(number)))
      case .suppressed: members.append((name, .string("suppressed")))
      }
    }
    try options.console.answer(members, lines: [report.text])
  }
}

/// Counts one segment: policy, log, release gate.
struct SegmentCount {
  private let vault: Vault
  private let requester: Requester

  init(_ vault: Vault, _ requester: Requester) {
    self.vault = vault
    self.requester = requester
  }

  func report(_ path: String) throws -> SegmentReport {
    try vault.authorise(.countSegment, requester)
    let segment = try Segment.parse(try FileByteSource.contents(of: path))
    let gate = try ReleaseGate(threshold: vault.settings.segmentThreshold)
    let report = try gate.report(segment, in: try vault.openAnalytics(), today: vault.clock.day)
    let isSuppressed = report.count == .suppressed(threshold: gate.threshold)
    try vault.logSegmentCount(
      report.segment, isSuppressed: isSuppressed, threshold: gate.threshold, requester)
    return report
  }
}

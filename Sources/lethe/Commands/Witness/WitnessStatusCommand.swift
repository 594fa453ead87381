import ArgumentParser
import Foundation
import Transparency
import Witness

/// Runs `lethe witness status`.
struct WitnessStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what a witness has cosigned, and conflicts.",
    discussion: """
      Also while the witness runs. A fork is two trees of one size, both signed by the log: proof that \
      it was rewritten or shows different people different entries. `unproven` is a checkpoint that \
      was not shown to continue the one before; it may be only a wrong request.

      EXAMPLES
        lethe witness status /var/lib/lethe-witness
        lethe witness status /var/lib/lethe-witness --json

      EXIT CODES
        0 no fork · 1 refused · 2 wrong usage · 4 a log forked, or the state is damaged
      """)

  @OptionGroup var options: WitnessOptions

  func run() throws {
    let home = try WitnessHome(opening: options.directory)
    let standings = try home.standings()
    let now = Date()
    try options.console.answer(
      [
        ("vkey", .string(home.verifierKey.encoded)),
        ("logs", .array(try standings.map(Self.member))),
      ],
      lines: ["witness \(home.verifierKey.encoded)"]
        + (standings.isEmpty ? ["no log is trusted; see `lethe witness trust`"] : [])
        + standings.flatMap { Self.lines($0, now: now) })
    if standings.contains(where: { $0.forkCount > 0 }) {
      throw ExitCode(ExitStatus.integrity.rawValue)
    }
  }

  private static func member(_ standing: WitnessStanding) throws -> CanonicalJSON {
    try .members([
      ("origin", .string(standing.origin)), ("trusted", .bool(standing.isTrusted)),
      ("size", standing.treeSize.map { .count($0) } ?? .null),
      (
        "cosigned",
        standing.cosignedSeconds.map { .string(KeysStatusText.time(Int64(clamping: $0))) } ?? .null
      ),
      ("forks", .count(standing.forkCount)), ("unproven", .count(standing.unprovenCount)),
      ("directory", .string(standing.directory)),
    ])
  }

  private static func lines(_ standing: WitnessStanding, now: Date) -> [String] {
    var line = standing.origin + (standing.isTrusted ? "" : " (not trusted any more)")
    if let size = standing.treeSize, let seconds = standing.cosignedSeconds {
      let age = max(0, Int(now.timeIntervalSince1970) - Int(clamping: seconds))
      line += ": \(size) entries cosigned, \(Self.age(age)) ago"
    } else {
      line += ": nothing cosigned yet"
    }
    var lines = [line]
    if standing.forkCount > 0 {
      lines.append("  FORK: \(standing.forkCount) on record in \(standing.directory)")
    }
    if standing.unprovenCount > 0 {
      lines.append("  unproven: \(standing.unprovenCount) on record in \(standing.directory)")
    }
    return lines
  }

  /// A length of time for people, in its largest unit.
  private static func age(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
  }
}

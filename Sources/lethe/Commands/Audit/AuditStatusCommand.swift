import ArgumentParser
import Transparency
import Vault

/// Runs `lethe audit status`.
struct AuditStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show how far the log is published and witnessed.",
    discussion: """
      What is published can be compared by others; what is witnessed cannot be rewritten without a \
      witness noticing. Everything since is covered by this machine alone.

      EXAMPLES
        lethe audit status --vault my-vault --as dana
        lethe audit status --as aude --json

      EXIT CODES
        0 shown · 1 refused · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Option(help: "Purpose.")
  var purpose = "essential.service"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let text = LogStatusText(try options.open().logStatus(requester))
    try options.console.answer(try text.members(), lines: text.lines)
  }
}

/// How the state of the log is shown.
struct LogStatusText {
  private static let millisecondsPerMinute: Int64 = 60_000

  private let status: LogStatus

  init(_ status: LogStatus) {
    self.status = status
  }

  func members() throws -> [(key: String, value: CanonicalJSON)] {
    let directories = try status.directories.map { directory in
      try CanonicalJSON.members([
        ("path", .string(directory.path)), ("size", Self.optional(directory.size)),
        ("problem", directory.problem.map { .string($0) } ?? .null),
      ])
    }
    return [
      ("origin", .string(status.origin)), ("size", .count(status.size)),
      ("signed_size", .count(status.signedSize)),
      ("published_size", Self.optional(status.publishedSize)),
      ("published_ms", Self.optional(status.publishedMilliseconds)),
      ("published_age_ms", Self.optional(age(status.publishedMilliseconds))),
      ("unpublished", .count(status.unpublished)), ("minimum_index", .count(status.minimumIndex)),
      ("keep_days", Self.optional(status.keepDays)), ("directories", .array(directories)),
      ("witnessed", .bool(status.isWitnessed)),
      ("witnessing", try status.witnessing.map(witnessing) ?? .null),
    ]
  }

  private func witnessing(_ witnessing: LogStatus.Witnessing) throws -> CanonicalJSON {
    let witnesses = try witnessing.witnesses.map { witness in
      try CanonicalJSON.members([
        ("name", .string(witness.name)), ("key_name", .string(witness.keyName)),
        ("size", Self.optional(witness.size)), ("ms", Self.optional(witness.milliseconds)),
        ("age_ms", Self.optional(age(witness.milliseconds))),
        ("conflict_size", Self.optional(witness.conflictSize)),
      ])
    }
    return try .members([
      ("mode", .string(witnessing.mode.rawValue)), ("age_hours", .count(witnessing.ageHours)),
      ("quorum", witnessing.quorum.map { .string($0) } ?? .null),
      ("size", Self.optional(witnessing.size)), ("ms", Self.optional(witnessing.milliseconds)),
      ("age_ms", Self.optional(age(witnessing.milliseconds))),
      ("unwitnessed_ms", Self.optional(witnessing.unwitnessedMilliseconds)),
      ("closed", .bool(witnessing.isClosed)), ("witnesses", .array(witnesses)),
    ])
  }

  var lines: [String] {
    var lines = [
      "log \(status.origin)", "  \(status.size) entries, signed up to \(status.signedSize)",
      "  published: \(sized(status.publishedSize, status.publishedMilliseconds)), "
        + "\(status.unpublished) not published",
    ]
    for directory in status.directories.dropFirst() {
      lines.append(
        "  published in \(directory.path): "
          + (directory.problem ?? directory.size.map { "\($0) entries" } ?? "nothing"))
    }
    if let problem = status.directories.first?.problem { lines.append("  \(problem)") }
    let rule = status.keepDays.map { "kept for \($0) days at least" } ?? "kept for good"
    lines.append("  entries begin at \(status.minimumIndex), \(rule)")
    guard let witnessing = status.witnessing else {
      return lines + ["  unwitnessed: no witness policy is set"]
    }
    return lines + self.lines(witnessing)
  }

  private func lines(_ witnessing: LogStatus.Witnessing) -> [String] {
    var lines = [
      "  \(status.isWitnessed ? "witnessed" : "unwitnessed"): "
        + "\(sized(witnessing.size, witnessing.milliseconds)), quorum "
        + "\(witnessing.quorum ?? "none"), mode \(witnessing.mode.rawValue)"
    ]
    for witness in witnessing.witnesses {
      lines.append(
        "    \(witness.name): \(sized(witness.size, witness.milliseconds))"
          + (witness.conflictSize.map { ", CONFLICT: it has cosigned another log of \($0)" } ?? ""))
    }
    if witnessing.isClosed {
      lines.append("  nothing is disclosed or destroyed until a quorum cosigns")
    }
    return lines
  }

  private func sized(_ size: Int?, _ milliseconds: Int64?) -> String {
    guard let size else { return "nothing yet" }
    let minutes = age(milliseconds).map { $0 / Self.millisecondsPerMinute }
    return "\(size) entries" + (minutes.map { ", \(Self.duration($0)) ago" } ?? "")
  }

  private func age(_ milliseconds: Int64?) -> Int64? {
    milliseconds.map { max(status.now - $0, 0) }
  }

  private static func duration(_ minutes: Int64) -> String {
    switch minutes {
    case ..<120: "\(minutes) min"
    case ..<2880: "\(minutes / 60) h"
    default: "\(minutes / 1440) days"
    }
  }

  private static func optional(_ number: Int?) -> CanonicalJSON {
    number.map { .count($0) } ?? .null
  }

  private static func optional(_ number: Int64?) -> CanonicalJSON {
    number.map { .integer($0) } ?? .null
  }
}

import ArgumentParser
import Foundation
import Transparency
import Vault

/// Runs `lethe audit publish`.
struct AuditPublishCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Publish the log up to now with a signed checkpoint.",
    discussion: """
      Every command that changes the vault publishes when it is done; this is for other times, for \
      other directories, and for witnesses that were not there. Directories named with --to, and by \
      publish_to in lethe.yaml, get the same files, which any web server can serve. A directory is \
      only ever added to: one that holds anything but an earlier state of this log is refused and \
      named.

      With --every it keeps running and publishes that often, until SIGTERM or SIGINT; a round that \
      fails is repeated, and after ten failures in a row it ends. One line a round.

      EXAMPLES
        lethe audit publish --vault my-vault --as dana
        lethe audit publish --to /srv/www/audit --as dana
        lethe audit publish --every 60 --as lethe

      EXIT CODES
        0 published · 1 refused, a directory failed, or too few witnesses in mode closed
        2 wrong usage · 3 vault sealed · 4 the vault was set back, or a witness knows another log
      """)

  @OptionGroup var options: VaultOptions

  @Option(
    name: .customLong("to"),
    help: "Directory to publish in as well; made if missing; may be repeated.")
  var directories: [String] = []

  @Option(help: "Publish again and again, so many seconds apart.")
  var every: Int?

  @Option(help: "Purpose.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    if let every {
      guard PublicationTimer.secondsBetweenRounds.contains(every) else {
        throw UsageError(
          message: "--every is 1 to \(PublicationTimer.secondsBetweenRounds.upperBound) seconds")
      }
      return try keepPublishing(every, requester)
    }
    let vault = try options.open()
    try vault.requireLogFits()
    let published = try publish(vault, requester)
    let key = try vault.logVerifierKey()
    try options.console.answer(
      try PublishedLogText.members(published) + [("vkey", .string(key))],
      lines: PublishedLogText.lines(published) + ["key \(key)"])
    if let failure = PublishedLogText.failure(published) {
      throw CheckFailure(message: failure)
    }
  }

  private func publish(_ vault: Vault, _ requester: Requester) throws -> PublishedLog {
    do {
      try vault.authorise(.publishLog, requester)
    } catch {
      // A denial is an event too; failing to publish must not hide the reason.
      _ = try? vault.publishLog()
      throw error
    }
    return try vault.publishLog(
      to: directories.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
      patience: .publication)
  }

  /// The vault stays open from round to round, and is opened anew after a failure: its keys may
  /// have been changed by another process.
  private func keepPublishing(_ seconds: Int, _ requester: Requester) throws {
    let stop = StopSignal()
    var vault: Vault? = try options.open()
    try vault?.authorise(.publishLog, requester)
    try PublicationTimer(
      seconds: seconds,
      publish: {
        let open = try vault ?? options.open()
        vault = nil
        let published = try publish(open, requester)
        vault = open
        return published
      }, wait: stop.wait, tell: tell
    ).run()
  }

  private func tell(_ round: PublicationTimer.Round) throws {
    switch round {
    case .published(let published):
      let time = KeysStatusText.time(Int64(Date().timeIntervalSince1970))
      let line = PublishedLogText.lines(published).joined(separator: "; ")
      try options.console.answer(
        try PublishedLogText.members(published) + [("time", .string(time))],
        lines: ["\(time) \(line)"])
    case .failed(let error, let count):
      let description = ExitStatus.describe(error)
      Console.complain(
        "lethe: round failed, \(count) in a row: \(description?.message ?? "unforeseen failure") "
          + "[\(description?.code ?? "internal")]")
    }
  }
}

/// How a publication is shown.
enum PublishedLogText {
  static func members(_ published: PublishedLog) throws -> [(key: String, value: CanonicalJSON)] {
    let witnesses = try published.witnesses.map { result in
      try CanonicalJSON.members([
        ("name", .string(result.witness.name)), ("outcome", .string(result.outcome.word)),
        ("gone_back", .bool(result.hasGoneBack)),
      ])
    }
    return [
      ("size", .count(published.size)), ("root", .string(published.root.description)),
      ("files", .count(published.files)), ("witnesses", .array(witnesses)),
      ("witnessed", published.isWitnessed.map { .bool($0) } ?? .null),
      ("withheld", .bool(published.isWithheld)), ("problems", .texts(published.problems)),
    ]
  }

  static func lines(_ published: PublishedLog) -> [String] {
    var lines = ["published \(published.size) entries, \(published.files) files written"]
    lines += published.witnesses.map { result in
      "witness \(result.witness.name) \(result.outcome)"
        + (result.hasGoneBack ? ", and has forgotten what it cosigned before" : "")
    }
    if published.isWithheld {
      lines = [PublicationNotice.withheldLine(published.size)] + lines.dropFirst()
    } else if let isWitnessed = published.isWitnessed {
      lines.append(isWitnessed ? "witnessed" : "unwitnessed")
    }
    return lines + published.problems.map { "not published: \($0)" }
  }

  /// Why the command fails although it has published what it could; nil when all is well.
  static func failure(_ published: PublishedLog) -> String? {
    if published.isWithheld { return PublicationNotice.withheldLine(published.size) }
    return published.problems.first
  }
}

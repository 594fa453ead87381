public import ArgumentParser
public import Auditing
import Sealing
import Vault

/// The conditions that entries of the log are looked for by; all that are given have to hold.
struct LogQueryOptions: ParsableArguments {
  @Option(help: "Earliest time: 2026-03-01, 2026-03-01T08:30+03:00 or milliseconds; UTC.")
  var from: String?

  @Option(help: "Latest time; a day is meant to its end.")
  var to: String?

  @Option(help: "Who acted: an operator's name or pseudonym.")
  var actor: String?

  @Option(help: "Whom it concerns: a token of any domain.")
  var subject: String?

  @Option(name: .customLong("type"), help: "Type of event, such as field.disclosed; repeatable.")
  var types: [String] = []

  @Option(help: "Whether it was allowed: allow or deny.")
  var decision: LogQuery.Decision?

  @Option(help: "Purpose of the act, or one above it.")
  var usedFor: String?

  @Option(name: .customLong("case"), help: "Reference of the case or act.")
  var caseReference: String?

  @Option(help: "Places in the log, such as 0-999.")
  var entries: String?

  /// The query, with operators and persons as the log names them.
  func query(_ vault: Vault, _ requester: Requester) throws -> (LogQuery, LogSubjects) {
    var query = LogQuery()
    query.fromMilliseconds = try from.map { try TimeText.milliseconds($0) }
    query.toMilliseconds = try to.map { try TimeText.milliseconds($0, isEnd: true) }
    query.actor = try actor.map { try Self.pseudonym($0, vault) }
    query.types = types
    query.decision = decision
    query.purpose = usedFor
    query.caseReference = caseReference
    if let entries {
      let (first, last) = try Self.places(entries)
      query.fromSequence = first
      query.toSequence = last + 1
    }
    // What cannot be meant is refused before a token is looked up, which the log would show.
    try query.check()
    guard let subject else { return (query, .none) }
    let subjects = try vault.logSubjects(try TokenText(subject), requester)
    query.subjects = subjects.references.map(\.text)
    query.salt = try SystemRandom().bytes(count: LogQuery.saltByteCount)
    return (query, subjects)
  }

  /// A pseudonym stays as it is; a name has to be that of an operator.
  static func pseudonym(_ text: String, _ vault: Vault) throws -> String {
    text.hasPrefix(pseudonymPrefix) ? text : try vault.actor(try vault.policy.identify(text).name)
  }

  private static let pseudonymPrefix = "op_"

  private static func places(_ text: String) throws -> (Int, Int) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      (1...15).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        ? Int(part) : nil
    }
    guard (1...2).contains(parts.count), numbers.count == parts.count,
      let first = numbers.first, let last = numbers.last, first <= last
    else { throw UsageError(message: "--entries is written `0-999` or `17`") }
    return (first, last)
  }
}

extension LogQuery.Decision: ExpressibleByArgument {}
extension PopulationFormat: ExpressibleByArgument {}
extension SamplePlan.Strata: ExpressibleByArgument {}
extension SubjectStatement.Language: ExpressibleByArgument {}

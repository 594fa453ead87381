import ArgumentParser
import Auditing
import Transparency
import Vault

/// Runs `lethe audit subject`.
struct AuditSubjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subject", abstract: "Show who looked at a person: when, why, at what.",
    discussion: """
      With a reference of the log itself only the month of that reference is shown; a token of \
      another domain leads to all months, as long as the person is not erased. With --for-subject \
      the answer is the person's own: purposes, dates and names of fields, no staff.

      EXAMPLES
        lethe audit subject t1_desk_… --as aude
        lethe audit subject t1_desk_… --for-subject --language ru --as dana

      EXIT CODES
        0 shown · 1 refused, or the token leads to nobody · 2 wrong usage · 3 vault sealed
        4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "The person's token.")
  var token: String

  @Flag(help: "The person's own version, without staff.")
  var forSubject = false

  @Option(help: "Language of the person's own version: en or ru.")
  var language = SubjectStatement.Language.english

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let token = try TokenText(token)
    let (history, policy) = try options.withVault { vault in
      (try LogSearch(vault, requester).history(of: token), vault.policy)
    }
    guard forSubject else {
      return try HistoryText(history).answer(options.console)
    }
    let statement = SubjectStatement(history, policy: policy, language: language)
    let lines = try statement.lines.map { line in
      try CanonicalJSON.members([
        ("day", .string(line.day)), ("event", .string(line.event)),
        ("purpose", .string(line.purpose)), ("fields", .texts(line.fields)),
      ])
    }
    try options.console.answer(
      [
        ("title", .string(statement.title)), ("introduction", .string(statement.introduction)),
        ("lines", .array(lines)), ("pruned_below", .count(history.firstKept)),
        ("log_entry", .count(history.reading)),
      ],
      lines: [statement.title, statement.introduction]
        + (statement.lines.isEmpty ? [statement.nothing] : statement.lines.map(Self.text)))
  }

  private static func text(_ line: SubjectStatement.Line) -> String {
    let fields = line.fields.isEmpty ? "" : ": \(line.fields.joined(separator: ", "))"
    let purpose = line.purpose.isEmpty ? "" : " – \(line.purpose)"
    return "\(line.day)  \(line.event)\(fields)\(purpose)"
  }
}

/// Runs `lethe audit case`.
struct AuditCaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "case", abstract: "Show what was done in a case: who, when, at what.",
    discussion: """
      A reference of an act, such as that of an erasure or an expiry, is a case too.

      EXAMPLES
        lethe audit case DSR-2026-7 --as aude

      EXIT CODES
        0 shown · 1 refused · 2 wrong usage · 3 vault sealed · 4 the log is not whole
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Reference of the case.")
  var reference: String

  @Option(help: "Purpose of reading.")
  var purpose = "essential.legal_obligation"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    let history = try options.withVault { vault in
      try Progress.counting("reading the log") { progress in
        try LogSearch(vault, requester).history(ofCase: reference, progress: progress)
      }
    }
    try HistoryText(history).answer(options.console)
  }
}

/// How a history is shown on a terminal and as JSON.
struct HistoryText {
  private let history: LogHistory
  private let text: LogEntryText

  init(_ history: LogHistory) {
    self.history = history
    text = LogEntryText(operators: history.operators)
  }

  func answer(_ console: Console) throws {
    try console.answer(
      [
        ("look_ups", .array(try history.lookUps.map(member))),
        ("tree_size", .count(history.treeSize)), ("pruned_below", .count(history.firstKept)),
        ("log_entry", .count(history.reading)),
      ],
      lines: history.lookUps.flatMap(lines) + LogEntryText.pruned(history.firstKept)
        + ["\(history.lookUps.count) events of a log of \(history.treeSize)"])
  }

  private func member(_ lookUp: LookUp) throws -> CanonicalJSON {
    try .members([
      ("seq", .count(lookUp.sequence)), ("time", .string(TimeText.text(lookUp.milliseconds))),
      ("type", .string(lookUp.type)), ("actor", .string(lookUp.actor)),
      ("operator", history.operators[lookUp.actor].map { .string($0.name) } ?? .null),
      ("purpose", lookUp.purpose.map { .string($0) } ?? .null),
      ("case", lookUp.caseReference.map { .string($0) } ?? .null),
      ("decision", lookUp.decision.map { .string($0.rawValue) } ?? .null),
      ("fields", try .members(lookUp.fields.map { ($0.field, .string($0.rung)) })),
      ("policies", .texts(lookUp.policies)),
    ])
  }

  private func lines(_ lookUp: LookUp) -> [String] {
    var parts = [
      String(lookUp.sequence).padding(to: 7), TimeText.text(lookUp.milliseconds),
      lookUp.type, "by \(text.name(lookUp.actor))",
    ]
    if let purpose = lookUp.purpose { parts.append("for \(purpose)") }
    if let reference = lookUp.caseReference { parts.append("case \(reference)") }
    if let decision = lookUp.decision { parts.append(decision.rawValue) }
    var lines = [parts.joined(separator: "  ")]
    if !lookUp.fields.isEmpty {
      let fields = lookUp.fields.map { "\($0.field) \($0.rung)" }
      lines.append("        fields: \(fields.joined(separator: ", "))")
    }
    if !lookUp.policies.isEmpty {
      lines.append("        policies: \(lookUp.policies.joined(separator: ", "))")
    }
    return lines
  }
}

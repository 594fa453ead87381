import ArgumentParser

/// Runs `lethe audit`.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Publish, verify, prove, search, export and prune the log.",
    discussion: """
      EXAMPLES
        lethe audit verify --vault my-vault
        lethe audit prove 17 --out receipt --as aude

      EXIT CODES
        0 done · 1 refused · 2 wrong usage · 3 vault sealed · 4 the log is not whole
      """,
    subcommands: [
      AuditVerifyCommand.self,
      AuditPublishCommand.self,
      AuditStatusCommand.self,
      AuditProveCommand.self,
      AuditVerifyProofCommand.self,
      AuditConsistencyCommand.self,
      AuditPruneCommand.self,
      AuditNoteCommand.self,
      AuditQueryCommand.self,
      AuditExportCommand.self,
      AuditVerifyExportCommand.self,
      AuditSampleCommand.self,
      AuditSubjectCommand.self,
      AuditCaseCommand.self,
      AuditAnomaliesCommand.self,
      AuditHoneytokenCommand.self,
    ])
}

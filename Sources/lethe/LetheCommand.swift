import ArgumentParser
import Foundation
import Sealing

/// The `lethe` program.
@main
struct LetheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lethe",
    abstract: "A vault for customer data that can forget.",
    discussion: """
      Customer data goes in sealed, field by field, under keys of its own for every person. \
      Pseudonyms come out. Every disclosure is decided by policy and logged. What is erased is gone \
      from the backups too.

      ENVIRONMENT
        LETHE_VAULT     directory of the vault, instead of --vault
        LETHE_OPERATOR  name of the operator, instead of --as

      EXAMPLES
        lethe demo
        lethe init my-vault --unseal file:/secure/unseal.key --slot /secure/slot
        lethe ingest --help

      EXIT CODES
        0 done · 1 refused or a check failed · 2 wrong usage · 3 vault sealed or key not available
        4 integrity failure
      """,
    version: "0.1.0",
    subcommands: [
      InitCommand.self, IngestCommand.self, UnifyCommand.self, ProjectCommand.self,
      FindCommand.self, RevealCommand.self, TokenCommand.self, DomainCommand.self,
      SegmentCommand.self, DsrCommand.self, RetentionCommand.self, AuditCommand.self,
      WitnessCommand.self, CertificateCommand.self, IndexCommand.self, KeysCommand.self,
      BackupCommand.self, RestoreCommand.self, StatusCommand.self, DemoCommand.self,
    ])

  /// Parses and runs; every failure becomes one line and an exit code of `ExitStatus`.
  static func main() {
    keepToOneself()
    do {
      var command = try parseAsRoot()
      try command.run()
      PublicationNotice.exitIfWithheld()
    } catch {
      ExitStatus.exit(with: error)
    }
  }

  /// Leaves no core dump with keys in it, and no file that others can read.
  private static func keepToOneself() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    ProcessMemory.forbidDumps()
    // The language's own crash reporter would read and print memory; nothing may catch a crash.
    for crash in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] {
      signal(crash, SIG_DFL)
    }
    umask(0o077)
  }
}

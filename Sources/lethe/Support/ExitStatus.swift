import Analytics
import ArgumentParser
import Auditing
import Foundation
import Intake
import Keyring
import Rights
import SampleData
import Sealing
import Segmentation
import Transparency
import Vault
import Witness

/// The exit codes of every command; the one place where errors become codes.
enum ExitStatus: Int32 {
  case done = 0
  case refused = 1
  case usage = 2
  case sealed = 3
  case integrity = 4

  /// A failure as it is told: exit code, code for machines, one line for people.
  typealias Description = (status: ExitStatus, code: String, message: String)

  /// Prints one line about a failure and ends the process.
  ///
  /// Help and version are answers, not failures; they go to standard output.
  static func exit(with error: any Error) -> Never {
    if LetheCommand.exitCode(for: error) == .success {
      Console.write(HelpText(rendered: LetheCommand.fullMessage(for: error)).text)
      Foundation.exit(done.rawValue)
    }
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    let (status, code, message) = describe(error) ?? describeOther(error)
    Console.complain("lethe: \(message) [\(snakeCase(code))]")
    Foundation.exit(status.rawValue)
  }

  /// The exit code, machine code and line of an error of this project; nil for others.
  static func describe(_ error: any Error) -> Description? {
    switch error {
    case let error as UsageError: (.usage, "usage", error.message)
    case let error as CheckFailure: (.refused, "check_failed", error.message)
    case let error as OutputFailure: (.refused, "unwritable", error.message)
    case let error as VaultError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as KeyringError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as IntakeError: (.refused, error.code.rawValue, error.message)
    case let error as AnalyticsError:
      (error.code == .corrupt ? .integrity : .refused, error.code.rawValue, error.message)
    case let error as AuditingError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as RightsError: (.refused, error.code.rawValue, error.message)
    case let error as SegmentationError: (.refused, error.code.rawValue, error.message)
    case let error as SampleError: (.usage, "usage", error.message)
    case let error as TransparencyError:
      (
        error.code == .malformedPolicy ? .refused : .integrity, error.code.rawValue, error.message
      )
    case let error as WitnessError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as SealingError:
      (
        error.code == .authenticationFailure ? .integrity : .sealed, error.code.rawValue,
        error.message
      )
    default: nil
    }
  }

  /// What a command line that cannot be parsed, or a failure nobody foresaw, is told as.
  ///
  /// The text of a foreign error is left out: it could quote a value.
  private static func describeOther(_ error: any Error) -> Description {
    guard LetheCommand.exitCode(for: error) == .validationFailure else {
      if let file = (error as? CocoaError)?.filePath {
        return (.refused, "storage", "`\(file)` cannot be read or written; check the permissions")
      }
      return (.refused, "internal", "unforeseen failure of type `\(type(of: error))`")
    }
    let usage = UsageText(
      message: LetheCommand.message(for: error), full: LetheCommand.fullMessage(for: error))
    return (.usage, "usage", usage.line)
  }

  private static func status(of code: VaultError.Code) -> ExitStatus {
    switch code {
    case .sealed: .sealed
    case .integrity: .integrity
    default: .refused
    }
  }

  private static func status(of code: WitnessError.Code) -> ExitStatus {
    switch code {
    case .damaged: .integrity
    case .permission: .sealed
    default: .refused
    }
  }

  private static func status(of code: AuditingError.Code) -> ExitStatus {
    switch code {
    case .invalidQuery: .usage
    case .malformedEntry, .malformedManifest, .notComplete: .integrity
    default: .refused
    }
  }

  private static func status(of code: KeyringError.Code) -> ExitStatus {
    switch code {
    case .corrupt, .rollback: .integrity
    case .sealed, .wrongSlot, .permission, .demoKey, .weakParameters, .keyDestroyed, .unknownKey,
      .unavailable:
      .sealed
    default: .refused
    }
  }

  /// Codes for machines look alike whichever part of the program they come from.
  private static func snakeCase(_ code: String) -> String {
    code.reduce(into: "") { text, character in
      if character.isUppercase { text += "_" }
      text += character.lowercased()
    }
  }
}

/// A command line that cannot be meant.
struct UsageError: Error {
  let message: String
}

/// A check that did not pass.
struct CheckFailure: Error {
  let message: String
}

/// Standard output that does not take the answer.
struct OutputFailure: Error {
  let message: String
}

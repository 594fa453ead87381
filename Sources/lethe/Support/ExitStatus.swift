import Analytics
import ArgumentParser
import Foundation
import Intake
import Keyring
import Sealing
import Rights
import Segmentation
import Transparency
import Vault

/// The exit codes of every command; the one place where errors become codes.
enum ExitStatus: Int32 {
  case done = 0
  case refused = 1
  case usage = 2
  case sealed = 3
  case integrity = 4

  /// Prints one line about a failure and ends the process.
  static func exit(with error: any Error) -> Never {
    let parserCode = LetheCommand.exitCode(for: error)
    if error is CleanExit || parserCode == .success {
      LetheCommand.exit(withError: error)
    }
    if let code = error as? ExitCode { Foundation.exit(code.rawValue) }
    guard let (status, code, message) = describe(error) else {
      Console.complain(LetheCommand.fullMessage(for: error))
      Foundation.exit(parserCode == .validationFailure ? usage.rawValue : refused.rawValue)
    }
    Console.complain("lethe: \(message) [\(code)]")
    Foundation.exit(status.rawValue)
  }

  /// The exit code, machine code and line of an error of this project; nil for others.
  static func describe(_ error: any Error) -> (status: ExitStatus, code: String, message: String)? {
    switch error {
    case let error as UsageError: (.usage, "usage", error.message)
    case let error as CheckFailure: (.refused, "check_failed", error.message)
    case let error as VaultError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as KeyringError: (status(of: error.code), error.code.rawValue, error.message)
    case let error as IntakeError: (.refused, error.code.rawValue, error.message)
    case let error as AnalyticsError: (.refused, error.code.rawValue, error.message)
    case let error as RightsError: (.refused, error.code.rawValue, error.message)
    case let error as SegmentationError: (.refused, error.code.rawValue, error.message)
    case let error as TransparencyError: (.integrity, error.code.rawValue, error.message)
    case let error as SealingError:
      (error.code == .authenticationFailure ? .integrity : .sealed, error.code.rawValue, error.message)
    default: nil
    }
  }

  private static func status(of code: VaultError.Code) -> ExitStatus {
    switch code {
    case .sealed: .sealed
    case .integrity: .integrity
    default: .refused
    }
  }

  private static func status(of code: KeyringError.Code) -> ExitStatus {
    switch code {
    case .corrupt, .rollback: .integrity
    case .sealed, .wrongSlot, .permission, .demoKey, .weakParameters, .keyDestroyed, .unknownKey:
      .sealed
    default: .refused
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

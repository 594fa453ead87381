import Foundation
import Logging
import Synchronization
import Vault

/// What the publication at the end of a command leaves to be said.
enum PublicationNotice {
  private static let isWithheld = Mutex(false)

  /// Tells on standard error what of a publication did not go as it should.
  static func take(_ published: PublishedLog) {
    for problem in published.problems { ProgramLog.logger.warning("\(problem)") }
    if published.isWithheld { isWithheld.withLock { $0 = true } }
  }

  /// The line about a checkpoint that is kept back.
  static func withheldLine(_ size: Int) -> String {
    "too few witnesses have cosigned, so nothing new was published; the last checkpoint has "
      + "\(size) entries, see `lethe audit status`"
  }

  /// Ends the process as failed, after a command has done its work, if its log was kept back.
  static func exitIfWithheld() {
    guard isWithheld.withLock({ $0 }) else { return }
    Console.complain(
      "lethe: the act is done; too few witnesses have cosigned the log, so it was not published, "
        + "see `lethe audit status` [unwitnessed]")
    Foundation.exit(ExitStatus.refused.rawValue)
  }
}

import Sealing

/// Reads what was given with `--recipient`; a mistake there is one of the command line.
enum RecipientTexts {
  static func parse(_ texts: [String]) throws -> AgeRecipients {
    do throws(SealingError) {
      return try AgeRecipients(texts)
    } catch {
      guard error.code == .invalidRecipient else { throw error }
      throw UsageError(message: "option `--recipient`: \(error.message)")
    }
  }
}

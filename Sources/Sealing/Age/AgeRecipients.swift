/// The recipients of one sealed file: at least one, none of them twice.
public struct AgeRecipients: Sendable {
  /// Most recipients of a file.
  public static let countMaximum = 20

  let list: [AgeRecipient]

  /// Reads recipients.
  ///
  /// - Parameter texts: 1…``countMaximum`` texts `age1…`.
  /// - Throws: ``SealingError`` `.invalidRecipient` with the number of the recipient, never its
  ///   text.
  public init(_ texts: [String]) throws(SealingError) {
    guard (1...Self.countMaximum).contains(texts.count) else {
      throw SealingError(
        .invalidRecipient, "a sealed file has 1 to \(Self.countMaximum) recipients")
    }
    var list: [AgeRecipient] = []
    for (index, text) in texts.enumerated() {
      do throws(SealingError) {
        list.append(try AgeRecipient(text))
      } catch {
        throw SealingError(error.code, "recipient \(index + 1): \(error.message)")
      }
    }
    guard Set(list).count == list.count else {
      throw SealingError(.invalidRecipient, "a recipient is named twice; name each one once")
    }
    self.list = list
  }

  /// Number of recipients.
  public var count: Int { list.count }

  /// SHA-256 over the texts in byte order, each with a line end behind it.
  ///
  /// It says whether two files had the same recipients, and does not name them.
  public var digest: [UInt8] {
    let lines = list.map { Array($0.text.utf8) + [0x0A] }
      .sorted { $0.lexicographicallyPrecedes($1) }
    return SHA256.hash(lines.flatMap { $0 })
  }
}

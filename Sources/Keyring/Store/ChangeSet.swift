internal import GRDB

/// The statements of one commit, to be repeated on the copies of the key store.
///
/// Used by the thread that holds the keyring's lock.
final class ChangeSet {
  /// Most bytes kept; a larger commit is not repeated, the copies are replaced.
  static let byteCountMaximum = 64 * 1024 * 1024

  private(set) var statements: [(sql: String, arguments: StatementArguments)] = []
  private(set) var isTooLarge = false
  private var byteCount = 0

  /// Whether nothing was written.
  var isEmpty: Bool { byteCount == 0 }

  func append(_ sql: String, _ arguments: StatementArguments, byteCount: Int) {
    self.byteCount += byteCount
    if self.byteCount > Self.byteCountMaximum {
      statements = []
      isTooLarge = true
    }
    if !isTooLarge { statements.append((sql, arguments)) }
  }
}

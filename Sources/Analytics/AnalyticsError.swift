import GRDB

/// Reports why the analytics store refused or failed.
///
/// Two errors are equal when their codes are equal; the message is for people. No message holds a
/// token, an attribute value or an event name.
public struct AnalyticsError: Error, Sendable {
  /// Names the kinds of failure a caller can act on.
  public enum Code: String, Sendable, CaseIterable {
    /// The file does not exist or its directory cannot be entered.
    case notFound
    /// `create` met a file that already exists.
    case alreadyExists
    /// The file, its directory or the file system does not allow writing.
    case readOnly
    /// The disk or the quota is full; the transaction was rolled back.
    case diskFull
    /// Another process held the file longer than the busy timeout.
    case busy
    /// The file was written by a newer version of the program.
    case newerFormat
    /// The file is no database, or a database of something else.
    case notAnalytics
    /// SQLite found the file damaged; it can be rebuilt from the vault.
    case corrupt
    /// The operating system failed to read or write.
    case inputOutput
    /// A token, attribute, event or condition is outside what the store accepts.
    case invalid
    /// An attribute that no contract exposes was handed in.
    case undeclared
    /// A token was handed in twice.
    case duplicate
    /// Something the store did not expect of SQLite.
    case internalFailure
  }

  /// The kind of failure.
  public let code: Code
  /// One line for people, without personal data.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension AnalyticsError: Equatable {
  /// Compares the codes only.
  ///
  /// - Parameters:
  ///   - left: One error.
  ///   - right: The other.
  /// - Returns: Whether both have the same code.
  public static func == (left: AnalyticsError, right: AnalyticsError) -> Bool {
    left.code == right.code
  }
}

extension AnalyticsError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}

extension AnalyticsError {
  /// Translates an SQLite failure, dropping its text: that may quote SQL or values.
  init(_ error: DatabaseError, while act: String) {
    let (code, reason) = Self.meaning(of: error.resultCode)
    let number = error.extendedResultCode.rawValue
    self.init(code, "cannot \(act): \(reason) (SQLite code \(number))")
  }

  private static func meaning(of result: ResultCode) -> (Code, String) {
    switch result {
    case .SQLITE_FULL: (.diskFull, "the disk is full")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: (.readOnly, "the file is read-only")
    case .SQLITE_CANTOPEN: (.readOnly, "the file or its directory cannot be opened for writing")
    case .SQLITE_BUSY, .SQLITE_LOCKED: (.busy, "another process is using the file")
    case .SQLITE_NOTADB: (.notAnalytics, "the file is not an analytics store")
    case .SQLITE_CORRUPT: (.corrupt, "the file is damaged, rebuild it from the vault")
    case .SQLITE_IOERR: (.inputOutput, "reading or writing failed")
    default: (.internalFailure, "unexpected answer of SQLite")
    }
  }
}

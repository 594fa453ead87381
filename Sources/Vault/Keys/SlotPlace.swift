/// Where the epoch secret is kept.
public enum SlotPlace: Hashable, Sendable {
  /// Marks a file that is overwritten in place.
  case file(path: String)
  /// Marks a PKCS#11 token by its address, RFC 7512.
  case token(address: String)
  /// Marks a program that keeps it, usually on another host, as its words.
  case command([String])

  private static let tokenScheme = "pkcs11:"
  private static let commandScheme = "command:"
  private static let fileScheme = "file:"

  /// Reads a path, `file:PATH`, `pkcs11:…` or `command:WORDS` with single blanks between the words.
  ///
  /// - Throws: ``VaultError`` `.invalidInput` for an empty place.
  public init(_ text: String) throws {
    if text.hasPrefix(Self.tokenScheme) {
      self = .token(address: text)
    } else if text.hasPrefix(Self.commandScheme) {
      let words = text.dropFirst(Self.commandScheme.count).split(separator: " ").map(String.init)
      self = .command(words)
    } else {
      let path = text.hasPrefix(Self.fileScheme) ? text.dropFirst(Self.fileScheme.count) : text[...]
      self = .file(path: String(path))
    }
    if case .file("") = self { throw Self.empty }
    if case .command([]) = self { throw Self.empty }
  }

  private static let empty = VaultError(
    .invalidInput, "a slot is a path, a `pkcs11:` address or `command:` with a program")

  /// The text form.
  public var text: String {
    switch self {
    case .file(let path): path
    case .token(let address): address
    case .command(let words): Self.commandScheme + words.joined(separator: " ")
    }
  }

  /// The path, when it is a file.
  public var path: String? { if case .file(let path) = self { path } else { nil } }
}

public import Sealing

/// Reads the PIN of a token from a file, as `pin-source` names it.
public enum PKCS11PIN {
  /// Longest PIN in bytes.
  public static let maximumByteCount = 255

  /// Reads a PIN file: the PIN on one line, with or without a line feed at its end.
  ///
  /// - Parameters:
  ///   - path: A file of mode 0600 or stricter, owned by this process's user.
  ///   - vaultDirectory: The vault's directory, in which the file must not lie.
  /// - Returns: The PIN, in locked memory.
  /// - Throws: ``KeyringError`` `.permission`, `.unavailable` when there is no file, or `.storage`.
  public static func file(at path: String, outside vaultDirectory: String) throws -> SecretBytes {
    guard !FilePlace.isInside(path, directory: vaultDirectory) else {
      throw KeyringError(
        .permission,
        "PIN file `\(path)` lies inside the vault directory, where every backup would take it; "
          + "move it out")
    }
    let file = try PosixFile.open(path, forWriting: false, followsLinks: true, purpose: "PIN file")
    try file.requirePrivate(purpose: "PIN file")
    guard (1...maximumByteCount + 1).contains(file.status.byteCount) else {
      throw KeyringError(
        .permission, "PIN file `\(path)` must hold one PIN of 1 to \(maximumByteCount) bytes")
    }
    let content = try file.read(file.status.byteCount, at: 0)
    let (count, isOneLine) = unsafe content.withUnsafeBytes { bytes in
      let lineFeed = UInt8(ascii: "\n")
      let count = unsafe bytes.last == lineFeed ? bytes.count - 1 : bytes.count
      return unsafe (count, !bytes[..<count].contains(lineFeed))
    }
    guard isOneLine, (1...maximumByteCount).contains(count) else {
      throw KeyringError(
        .permission,
        "PIN file `\(path)` must hold one line with a PIN of 1 to \(maximumByteCount) bytes")
    }
    return try content.slice(0..<count)
  }
}

/// E-mail addresses: checked by the dot-string syntax of RFC 5321 with the UTF-8 of RFC 6531.
///
/// Stored as sent, matched in small letters. Dots and `+tags` are kept for matching: that they do
/// not matter is a habit of single providers (gmail.com), elsewhere they are different mailboxes,
/// and a wrong match would hand one person's data to another and erase the wrong one. What an
/// advertising platform wants stripped is stripped on the way out, by that platform's rules. Quoted
/// local parts, comments and address literals are refused: sources send them by mistake only.
enum EmailNormaliser {
  /// Largest local part, in bytes (RFC 5321 §4.5.3.1.1).
  static let localByteCount = 64
  /// Largest address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
  static let addressByteCount = 254
  /// Largest label of a domain, in bytes (RFC 1035 §2.3.4).
  static let labelByteCount = 63

  private static let atext = Array("!#$%&'*+-/=?^_`{|}~".utf8)

  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> NormalisedValue {
    let parts = value.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, value.count <= addressByteCount, isLocal(parts[0]), isDomain(parts[1])
    else { throw ValueFault(.malformedEmail) }
    return NormalisedValue(stored: Array(value), match: Bytes.fullyLowercased(value))
  }

  private static func isLocal(_ local: ArraySlice<UInt8>) -> Bool {
    guard local.count <= localByteCount else { return false }
    let atoms = local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return atoms.allSatisfy { atom in
      !atom.isEmpty
        && atom.allSatisfy { $0 >= 0x80 || Bytes.isLetterOrDigit($0) || atext.contains($0) }
    }
  }

  private static func isDomain(_ domain: ArraySlice<UInt8>) -> Bool {
    let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, !last.allSatisfy(Bytes.isDigit) else {
      return false
    }
    let hyphen = UInt8(ascii: "-")
    return labels.allSatisfy { label in
      !label.isEmpty && label.count <= labelByteCount && label.first != hyphen
        && label.last != hyphen
        && label.allSatisfy { $0 >= 0x80 || $0 == hyphen || Bytes.isLetterOrDigit($0) }
    }
  }
}

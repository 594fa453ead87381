/// What a mask leaves of a value; a closed registry.
///
/// The hidden part is always ``Masking/hidden``, whatever it replaces, so a mask does not tell the
/// length of a value. A value too short or not of the expected form is hidden whole.
public enum Mask: Hashable, Sendable, CaseIterable {
  /// Leaves nothing.
  case full
  /// Leaves the domain of an e-mail address.
  case emailDomain
  /// Leaves the last two letters or digits.
  case lastTwo
  /// Leaves the first two letters or digits.
  case firstTwo
  /// Leaves the first letter.
  case firstLetter
  /// Leaves the year of a date.
  case year
}

/// Masks values: pure functions from bytes to text, total for every input.
///
/// A mask is for people who know the value already and want to be sure it is the right one. It is
/// no pseudonym and no protection against guessing: an e-mail domain of one's own still names its
/// owner.
public enum Masking {
  /// Stands for what is hidden, at one length for every value.
  public static let hidden = "***"
  /// Letters or digits a value needs before two of them are shown.
  static let shortestWithTwoShown = 5
  /// Letters a name needs before one of them is shown.
  static let shortestNameLetters = 3

  /// The mask of a field type.
  ///
  /// Types that few values share a meaning of (country, gender, language) are hidden whole: any
  /// fragment would be the value.
  public static func mask(for type: FieldType) -> Mask {
    switch type {
    case .email: .emailDomain
    case .phone, .customerNumber, .cookie, .opaqueID: .lastTwo
    case .name: .firstLetter
    case .date, .datetime: .year
    case .postcode: .firstTwo
    case .country, .city, .address, .text, .integer, .amount, .boolean, .nationalID, .eventName,
      .url, .ip, .gender, .language, .segmentList:
      .full
    }
  }

  /// Masks a value as its field type asks.
  ///
  /// - Parameters:
  ///   - value: The stored value; any bytes.
  ///   - type: The type of the field.
  /// - Returns: Text that holds ``hidden``; all of it for a value that is short or malformed.
  public static func masked(_ value: [UInt8], of type: FieldType) -> String {
    masked(value, by: mask(for: type))
  }

  /// Masks a value in a given way.
  public static func masked(_ value: [UInt8], by mask: Mask) -> String {
    guard let text = String(validating: value, as: UTF8.self) else { return hidden }
    switch mask {
    case .full: return hidden
    case .emailDomain: return EmailDomain(of: text).map { "\(hidden)@\($0.text)" } ?? hidden
    case .lastTwo: return shownPair(of: text) { $0.suffix(2) }.map { hidden + $0 } ?? hidden
    case .firstTwo: return shownPair(of: text) { $0.prefix(2) }.map { $0 + hidden } ?? hidden
    case .firstLetter: return firstLetter(of: text).map { $0 + hidden } ?? hidden
    case .year: return CivilDate(startOf: text).map { "\($0.yearText)-**-**" } ?? hidden
    }
  }

  /// Two ends of a value long enough to hide the rest, when both are an ASCII letter or digit.
  private static func shownPair(
    of text: String, _ end: ([Character]) -> ArraySlice<Character>
  ) -> String? {
    let characters = Array(text)
    // Separators do not make a value longer: `1-0-4-2` has four characters to guess.
    guard characters.count(where: isPlain) >= shortestWithTwoShown else { return nil }
    let pair = end(characters)
    return pair.allSatisfy(isPlain) ? String(pair) : nil
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
  }

  /// The first letter without the marks on it: a mark may be rare enough to tell the name.
  private static func firstLetter(of text: String) -> String? {
    guard let first = text.unicodeScalars.first, first.properties.isAlphabetic,
      text.count(where: \.isLetter) >= shortestNameLetters
    else { return nil }
    return String(first)
  }
}

/// The domain of an e-mail address, when the address has the form `local@domain`.
struct EmailDomain: Equatable {
  /// Longest domain name, in bytes (RFC 1035, 2.3.4).
  static let maximumByteCount = 253

  /// The domain in small ASCII letters.
  let text: String

  init?(of address: String) {
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].utf8.count <= Self.maximumByteCount else {
      return nil
    }
    let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy({ Self.isLabel($0.utf8) }) else { return nil }
    text = parts[1].lowercased()
  }

  /// Whether a label has letters, digits and inner hyphens only; others are never shown.
  private static func isLabel(_ label: Substring.UTF8View) -> Bool {
    let hyphen = UInt8(ascii: "-")
    let isClean = label.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, hyphen: true
      default: false
      }
    }
    return isClean && !label.isEmpty && label.first != hyphen && label.last != hyphen
  }
}

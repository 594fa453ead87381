/// Holds the limits of what the analytics store accepts.
public enum AnalyticsLimits {
  /// Longest token in bytes.
  public static let tokenByteCount = 96
  /// Shortest random part of a token in characters: 128 bits in base32.
  public static let tokenRandomCharacterCount = 26
  /// Longest attribute value or event name in bytes of UTF-8.
  public static let textByteCount = 128
  /// Longest attribute name in bytes.
  public static let attributeNameByteCount = 64
  /// Longest source name in bytes.
  public static let sourceByteCount = 32
  /// Days since 1970-01-01 that an event may have; 24 bits, as the vault's buckets.
  public static let days = 1...0xFF_FFFF
  /// Largest amount in cents and largest quantity, either sign; keeps every sum inside 64 bits.
  public static let amount: Int64 = 1_000_000_000_000
  /// Most conditions in one condition tree; keeps SQLite's expression depth (1,000) out of reach.
  public static let conditionCount = 500
  /// Deepest nesting of one condition tree; SQLite's parser stack holds 100 symbols, three a level.
  public static let conditionDepth = 20
  /// Most values in one condition tree; below SQLite's 32,766 bound parameters.
  public static let valueCount = 10_000
}

/// Spells the domain whose tokens this store holds.
///
/// A token of any other domain is refused: it would let analysts join what domains keep apart.
let analyticsDomain = "analytics"

enum AnalyticsText {
  /// Accepts `<prefix>_analytics_<base32>`.
  static func isToken(_ token: String) -> Bool {
    guard token.utf8.count <= AnalyticsLimits.tokenByteCount else { return false }
    let parts = token.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard parts.count == 3 else { return false }
    return isName(parts[0], maximum: 8, extra: nil)
      && parts[1].elementsEqual(analyticsDomain.utf8)
      && parts[2].count >= AnalyticsLimits.tokenRandomCharacterCount
      && parts[2].allSatisfy { isDigit($0) || isLower($0) || isUpper($0) }
  }

  /// Accepts `[a-z][a-z0-9_]*`.
  static func isAttributeName(_ name: String) -> Bool {
    isName(
      name.utf8[...], maximum: AnalyticsLimits.attributeNameByteCount, extra: UInt8(ascii: "_"))
  }

  /// Accepts `[a-z][a-z0-9-]*`, the names of source contracts.
  static func isSource(_ name: String) -> Bool {
    isName(name.utf8[...], maximum: AnalyticsLimits.sourceByteCount, extra: UInt8(ascii: "-"))
  }

  /// Accepts text of 1…128 bytes without control characters and without `@`.
  ///
  /// The `@` is a tripwire, not a proof: whatever exposes an attribute must have generalised it
  /// already, and an e-mail address that comes through all the same is stopped here.
  static func isValue(_ text: String) -> Bool {
    guard (1...AnalyticsLimits.textByteCount).contains(text.utf8.count) else { return false }
    return text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: false
      default: scalar != "@"
      }
    }
  }

  private static func isName(_ name: Substring.UTF8View, maximum: Int, extra: UInt8?) -> Bool {
    guard let first = name.first, isLower(first), name.count <= maximum else { return false }
    return name.allSatisfy { isLower($0) || isDigit($0) || $0 == extra }
  }

  private static func isLower(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isUpper(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

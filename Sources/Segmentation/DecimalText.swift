/// Reads and writes the decimal numbers of a rule without binary fractions.
enum DecimalText {
  /// Cents in one currency unit.
  private static let centsPerUnit: Int64 = 100
  /// Most digits before the point; keeps cents inside 64 bits.
  private static let digitCount = 15

  /// Reads `-?[0-9]+`.
  static func integer(_ text: String) -> Int64? {
    guard let (sign, digits) = split(text), isNumber(digits) else { return nil }
    return Int64(digits).map { $0 * sign }
  }

  /// Reads `-?[0-9]+(.[0-9]{1,2})?` as hundredths: `50`, `50.5` and `50.00` currency units.
  static func cents(_ text: String) -> Int64? {
    guard let (sign, magnitude) = split(text) else { return nil }
    let parts = magnitude.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, isNumber(parts[0]), let units = Int64(parts[0]) else { return nil }
    guard parts.count == 2 else { return sign * units * centsPerUnit }
    guard parts[1].utf8.count <= 2, isNumber(parts[1]), let fraction = Int64(parts[1]) else {
      return nil
    }
    let cents = parts[1].utf8.count == 1 ? fraction * 10 : fraction
    return sign * (units * centsPerUnit + cents)
  }

  /// Writes hundredths as `50.00`.
  static func text(cents: Int64) -> String {
    let fraction = String(cents.magnitude % UInt64(centsPerUnit))
    let units = cents.magnitude / UInt64(centsPerUnit)
    return "\(cents < 0 ? "-" : "")\(units).\(fraction.count == 1 ? "0" : "")\(fraction)"
  }

  private static func split(_ text: String) -> (sign: Int64, digits: Substring)? {
    text.hasPrefix("-") ? (-1, text.dropFirst()) : (1, text[...])
  }

  private static func isNumber(_ digits: Substring) -> Bool {
    (1...digitCount).contains(digits.utf8.count)
      && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}

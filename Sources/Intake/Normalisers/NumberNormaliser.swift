/// Amounts, whole numbers and truth values.
enum NumberNormaliser {
  /// Largest absolute amount, in cents; also exact as a binary double.
  static let maximumCents = 1_000_000_000_000_000
  /// Most digits of a whole number.
  static let integerDigitCount = 18

  /// An amount as whole cents, exact: decimal text in, decimal text out, nothing is rounded.
  ///
  /// Thousands marks, decimal commas, currency signs and exponents are refused: `1,234` is two
  /// different amounts in two countries.
  static func cents(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    let (isNegative, unsigned) = sign(value)
    let parts = unsigned.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Bytes.isDigit) })
    else { throw ValueFault(.malformedAmount) }
    var fraction = parts.count == 2 ? Array(parts[1]) : []
    while fraction.count > 2, fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    guard fraction.count <= 2 else { throw ValueFault(.amountTooPrecise) }
    while fraction.count < 2 { fraction.append(UInt8(ascii: "0")) }
    guard let cents = Bytes.number(Array(parts[0]) + fraction), cents <= maximumCents else {
      throw ValueFault(.numberOutOfRange)
    }
    return Array(String(isNegative ? -cents : cents).utf8)
  }

  /// A whole number without leading zeros or plus sign.
  static func integer(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    let (isNegative, digits) = sign(value)
    guard !digits.isEmpty, digits.allSatisfy(Bytes.isDigit) else {
      throw ValueFault(.malformedInteger)
    }
    guard digits.count <= integerDigitCount, let number = Bytes.number(digits) else {
      throw ValueFault(.numberOutOfRange)
    }
    return Array(String(isNegative ? -number : number).utf8)
  }

  /// `true` or `false`.
  static func boolean(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    switch String(decoding: Bytes.lowercased(value), as: UTF8.self) {
    case "true", "t", "yes", "y", "1": Array("true".utf8)
    case "false", "f", "no", "n", "0": Array("false".utf8)
    default: throw ValueFault(.malformedBoolean)
    }
  }

  private static func sign(
    _ value: ArraySlice<UInt8>
  ) -> (isNegative: Bool, rest: ArraySlice<UInt8>) {
    switch value.first {
    case UInt8(ascii: "-"): (true, value.dropFirst())
    case UInt8(ascii: "+"): (false, value.dropFirst())
    default: (false, value)
    }
  }
}

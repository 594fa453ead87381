/// Phone numbers in the one form of ITU-T E.164: `+`, calling code, national number.
///
/// Blanks, dots, hyphens, slashes and brackets are dropped. A number with `+` or the region's
/// prefix for calls abroad is international; its trunk prefix, as in `+44 (0)20 …`, is dropped too.
/// Every other number is national and needs the contract's region. A number that fits both readings
/// is refused: a guess would make two people one. Extensions and letters are refused.
enum PhoneNormaliser {
  /// Fewest digits of an international number whose calling code the table does not know.
  static let minimumDigitCount = 8
  /// Most digits of an international number (E.164 §6).
  static let maximumDigitCount = 15

  private static let zero = UInt8(ascii: "0")

  static func normalised(
    _ value: ArraySlice<UInt8>, region: PhoneRegion?
  ) throws(ValueFault) -> [UInt8] {
    let (digits, hasPlus) = try digits(value)
    if hasPlus { return try international(digits[...]) }
    guard let rules = region?.rules else { throw ValueFault(.phoneWithoutRegion) }
    if digits.starts(with: rules.abroad), isAbroad(digits, rules) {
      return try international(digits[rules.abroad.count...])
    }
    return try national(digits[...], rules)
  }

  /// Whether a number with the prefix for calls abroad is one.
  ///
  /// Where that prefix begins with the trunk prefix, as `810` does with `8`, only the length tells;
  /// `00` begins no national number.
  private static func isAbroad(_ digits: [UInt8], _ rules: PhoneRules) -> Bool {
    rules.abroad.starts(with: [zero, zero]) || !rules.abroad.starts(with: rules.trunk)
      || digits.count > rules.trunk.count + rules.lengths.upperBound
  }

  private static func joined(_ code: [UInt8], _ number: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(1 + code.count + number.count)
    text.append(UInt8(ascii: "+"))
    text += code
    text += number
    return text
  }

  /// The digits without what is written between them.
  private static func digits(
    _ value: ArraySlice<UInt8>
  ) throws(ValueFault) -> (digits: [UInt8], hasPlus: Bool) {
    var digits: [UInt8] = []
    digits.reserveCapacity(value.count)
    var hasPlus = false
    var rest = value
    while let byte = rest.popFirst() {
      switch byte {
      case 0x30...0x39: digits.append(byte)
      case UInt8(ascii: "+") where digits.isEmpty && !hasPlus: hasPlus = true
      case 0x20, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("),
        UInt8(ascii: ")"):
        break
      case 0xC2 where rest.first == 0xA0: rest.removeFirst()  // no-break space
      case 0xE2 where isDash(rest): rest.removeFirst(2)
      default: throw ValueFault(.malformedPhone)
      }
    }
    return (digits, hasPlus)
  }

  /// Whether the rest of a three-byte character is a hyphen or dash (U+2010…U+2015).
  private static func isDash(_ rest: ArraySlice<UInt8>) -> Bool {
    rest.first == 0x80 && rest.dropFirst().first.map { (0x90...0x95).contains($0) } ?? false
  }

  /// A number that begins with its calling code.
  private static func international(_ digits: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    if let rules = PhoneRegion.rules(ofNumber: digits) {
      guard let number = significant(digits.dropFirst(rules.callingCode.count), rules) else {
        throw ValueFault(.malformedPhone)
      }
      return joined(rules.callingCode, number)
    }
    guard (minimumDigitCount...maximumDigitCount).contains(digits.count), digits.first != zero
    else { throw ValueFault(.malformedPhone) }
    return joined([], digits)
  }

  /// A number as dialled at home, perhaps without its trunk prefix, perhaps with a bare calling
  /// code.
  private static func national(
    _ digits: ArraySlice<UInt8>, _ rules: PhoneRules
  ) throws(ValueFault) -> [UInt8] {
    let atHome = significant(digits, rules)
    var fromAbroad: ArraySlice<UInt8>?
    if digits.starts(with: rules.callingCode), !startsWithTrunk(digits, rules) {
      let rest = digits.dropFirst(rules.callingCode.count)
      if fits(rest, rules), rest.first != zero { fromAbroad = rest }
    }
    switch (atHome, fromAbroad) {
    case (let number?, nil), (nil, let number?): return joined(rules.callingCode, number)
    case (nil, nil): throw ValueFault(.malformedPhone)
    case (_?, _?): throw ValueFault(.ambiguousPhone)
    }
  }

  /// The national number without its trunk prefix; nil when its length or first digit is wrong.
  private static func significant(
    _ digits: ArraySlice<UInt8>, _ rules: PhoneRules
  ) -> ArraySlice<UInt8>? {
    // A national number can begin with the digit of a trunk prefix other than 0: length decides.
    let mayDrop = rules.trunk.first == zero || digits.count > rules.lengths.upperBound
    let number =
      startsWithTrunk(digits, rules) && mayDrop ? digits.dropFirst(rules.trunk.count) : digits
    return fits(number, rules) ? number : nil
  }

  private static func startsWithTrunk(_ digits: ArraySlice<UInt8>, _ rules: PhoneRules) -> Bool {
    !rules.trunk.isEmpty && digits.starts(with: rules.trunk)
  }

  private static func fits(_ digits: ArraySlice<UInt8>, _ rules: PhoneRules) -> Bool {
    guard rules.lengths.contains(digits.count), let first = digits.first else { return false }
    if rules.trunk.first == zero, first == zero { return false }
    return rules.firstDigits.isEmpty || rules.firstDigits.contains(first)
  }
}

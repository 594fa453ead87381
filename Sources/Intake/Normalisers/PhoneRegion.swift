/// A country whose way of writing phone numbers is known.
///
/// A small table of our own, from the countries' numbering plans as published by the ITU (national
/// numbering plans, Recommendation E.129): calling code, trunk prefix, prefix for calls abroad, and
/// the lengths of national numbers. It tells numbers of a region apart from everything else; it
/// does not know whether a number is in service. ``codes`` says which countries it knows.
public struct PhoneRegion: Hashable, Sendable {
  private let index: Int

  /// Nil when the table does not know the region.
  ///
  /// - Parameter code: ISO 3166-1 alpha-2 code in capitals.
  public init?(code: String) {
    guard let index = Self.table.firstIndex(where: { $0.code == code }) else { return nil }
    self.index = index
  }

  /// The regions the table knows.
  public static var codes: [String] { table.map(\.code) }

  /// ISO 3166-1 code of the region.
  public var code: String { rules.code }

  /// Country calling code, without `+`.
  public var callingCode: String { String(decoding: rules.callingCode, as: UTF8.self) }

  var rules: PhoneRules { Self.table[index] }

  /// The rules of the calling code some digits begin with; the first region where several share it.
  static func rules(ofNumber digits: ArraySlice<UInt8>) -> PhoneRules? {
    for length in 1...3 {
      guard let code = Bytes.number(digits.prefix(length)), digits.count >= length else {
        return nil
      }
      if let rules = byCallingCode[code], rules.callingCode.count == length { return rules }
    }
    return nil
  }

  private static let byCallingCode: [Int: PhoneRules] = Dictionary(
    table.map { (Bytes.number($0.callingCode) ?? 0, $0) }, uniquingKeysWith: { first, _ in first })

  // The first digits of RU and KZ are one set: both are +7 and dial each other without a prefix.
  private static let table: [PhoneRules] = [
    .init("DE", "49", 6...12),
    .init("AT", "43", 5...12),
    .init("CH", "41", 9...9),
    .init("GB", "44", 9...10),
    .init("IE", "353", 7...9),
    .init("US", "1", trunk: "1", abroad: "011", 10...10, first: "23456789"),
    .init("CA", "1", trunk: "1", abroad: "011", 10...10, first: "23456789"),
    .init("FR", "33", 9...9),
    .init("NL", "31", 9...9),
    .init("BE", "32", 8...9),
    .init("LU", "352", trunk: "", 5...11),
    .init("IT", "39", trunk: "", 6...11),
    .init("ES", "34", trunk: "", 9...9),
    .init("PT", "351", trunk: "", 9...9),
    .init("PL", "48", trunk: "", 9...9),
    .init("CZ", "420", trunk: "", 9...9),
    .init("SK", "421", 9...9),
    .init("HU", "36", trunk: "06", 8...9),
    .init("RO", "40", 9...9),
    .init("GR", "30", trunk: "", 10...10),
    .init("DK", "45", trunk: "", 8...8),
    .init("NO", "47", trunk: "", 8...8),
    .init("SE", "46", 7...9),
    .init("FI", "358", 6...11),
    .init("RU", "7", trunk: "8", abroad: "810", 10...10, first: "346789"),
    .init("KZ", "7", trunk: "8", abroad: "810", 10...10, first: "346789"),
    .init("UA", "380", 9...9),
    .init("TR", "90", 10...10),
    .init("AU", "61", abroad: "0011", 9...9),
    .init("NZ", "64", 8...10),
    .init("JP", "81", abroad: "010", 9...10),
    .init("IN", "91", 10...10),
    .init("ZA", "27", 9...9),
    .init("MX", "52", trunk: "", 10...10),
  ]
}

/// One row of the table of ``PhoneRegion``; digits are ASCII.
struct PhoneRules: Sendable {
  /// ISO 3166-1 code of the region.
  let code: String
  /// Country calling code, without `+`.
  let callingCode: [UInt8]
  /// Dialled before a national number at home; empty where there is none.
  let trunk: [UInt8]
  /// Dialled before a country code.
  let abroad: [UInt8]
  /// How many digits a national number has, without the trunk prefix.
  let lengths: ClosedRange<Int>
  /// Digits a national number can begin with; empty for no rule.
  let firstDigits: [UInt8]

  fileprivate init(
    _ code: String, _ callingCode: String, trunk: String = "0", abroad: String = "00",
    _ lengths: ClosedRange<Int>, first: String = ""
  ) {
    self.code = code
    self.callingCode = Array(callingCode.utf8)
    self.trunk = Array(trunk.utf8)
    self.abroad = Array(abroad.utf8)
    self.lengths = lengths
    firstDigits = Array(first.utf8)
  }
}

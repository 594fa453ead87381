/// Countries as ISO 3166-1 alpha-2 codes in capitals.
enum CountryNormaliser {
  /// The codes ISO 3166-1 assigns (249).
  static let codes: Set<String> = Set(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split(whereSeparator: \.isWhitespace).map(String.init))

  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    let code = String(decoding: Bytes.uppercased(value), as: UTF8.self)
    switch code {
    case "UK": return Array("GB".utf8)  // reserved in ISO 3166-1 for the United Kingdom
    case "EL": return Array("GR".utf8)  // the European Union's code for Greece
    default:
      guard codes.contains(code) else { throw ValueFault(.unknownCountry) }
      return Array(code.utf8)
    }
  }
}

/// Postcodes in capitals with single blanks.
enum PostcodeNormaliser {
  /// Largest postcode, in bytes.
  static let maximumByteCount = 12

  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    var code: [UInt8] = []
    for byte in Bytes.uppercased(value) {
      if byte == 0x20, code.last == 0x20 { continue }
      guard Bytes.isLetterOrDigit(byte) || byte == 0x20 || byte == UInt8(ascii: "-") else {
        throw ValueFault(.malformedPostcode)
      }
      code.append(byte)
    }
    guard (2...maximumByteCount).contains(code.count), code.contains(where: Bytes.isDigit) else {
      throw ValueFault(.malformedPostcode)
    }
    return code
  }
}

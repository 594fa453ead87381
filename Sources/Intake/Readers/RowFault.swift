/// Names why one record was not taken in.
///
/// The raw value stands in the quarantine file and in reports.
public enum RowCode: String, Sendable, CaseIterable {
  // The shape of the record.
  case wrongColumnCount = "wrong_column_count"
  case strayQuote = "stray_quote"
  case strayCarriageReturn = "stray_carriage_return"
  case nulByte = "nul_byte"
  case notUTF8 = "not_utf8"
  case recordTooLong = "record_too_long"
  case jsonSyntax = "json_syntax"
  case jsonDuplicateKey = "json_duplicate_key"
  case jsonTooDeep = "json_too_deep"
  case jsonNotObject = "json_not_object"
  case wrongJSONType = "wrong_json_type"
  // The values.
  case missingRequired = "missing_required"
  case valueTooLong = "value_too_long"
  case controlCharacter = "control_character"
  case malformedEmail = "malformed_email"
  case malformedPhone = "malformed_phone"
  case phoneWithoutRegion = "phone_without_region"
  case ambiguousPhone = "ambiguous_phone"
  case malformedDate = "malformed_date"
  case impossibleDate = "impossible_date"
  case malformedDatetime = "malformed_datetime"
  case malformedAmount = "malformed_amount"
  case amountTooPrecise = "amount_too_precise"
  case malformedInteger = "malformed_integer"
  case numberOutOfRange = "number_out_of_range"
  case malformedBoolean = "malformed_boolean"
  case unknownCountry = "unknown_country"
  case malformedPostcode = "malformed_postcode"
  case malformedURL = "malformed_url"
  case malformedIP = "malformed_ip"
  case unknownGender = "unknown_gender"
  case malformedLanguage = "malformed_language"
  case malformedSegmentList = "malformed_segment_list"
  case collectedOutOfRange = "collected_out_of_range"

  /// The reason in words; it says what the rule is and never what the record held.
  public var reason: String {
    switch self {
    case .wrongColumnCount: "the record has not as many columns as the header"
    case .strayQuote: "a quote stands inside an unquoted value or text follows a closing quote"
    case .strayCarriageReturn: "a carriage return is not followed by a line feed"
    case .nulByte: "the record has a NUL byte"
    case .notUTF8: "the record is not valid UTF-8"
    case .recordTooLong: "the record is longer than \(IntakeLimit.recordByteCount) bytes"
    case .jsonSyntax: "the line is not valid JSON"
    case .jsonDuplicateKey: "an object has the same key twice"
    case .jsonTooDeep: "nested deeper than \(IntakeLimit.jsonDepth)"
    case .jsonNotObject: "the line is not a JSON object"
    case .wrongJSONType: "the value has a JSON type that does not fit the field"
    case .missingRequired: "a required value is missing or empty"
    case .valueTooLong: "the value is longer than the contract allows"
    case .controlCharacter: "the value has a control character"
    case .malformedEmail: "not an e-mail address"
    case .malformedPhone: "not a phone number of the region"
    case .phoneWithoutRegion: "a national phone number, and the contract names no region"
    case .ambiguousPhone: "the phone number can be read with and without a country code"
    case .malformedDate: "not a date as YYYY-MM-DD or YYYYMMDD"
    case .impossibleDate: "the calendar has no such day"
    case .malformedDatetime: "not an RFC 3339 date and time with offset"
    case .malformedAmount: "not a decimal number"
    case .amountTooPrecise: "the amount has parts of a cent, which would have to be rounded"
    case .malformedInteger: "not a whole number"
    case .numberOutOfRange: "the number is too large"
    case .malformedBoolean: "not true or false"
    case .unknownCountry: "not an ISO 3166-1 alpha-2 code"
    case .malformedPostcode: "not a postcode"
    case .malformedURL: "not an http or https address or an absolute path"
    case .malformedIP: "not an IPv4 or IPv6 address"
    case .unknownGender: "not one of the known words for a gender"
    case .malformedLanguage: "not a BCP 47 language tag"
    case .malformedSegmentList: "a segment name is empty, too long or holds a separator"
    case .collectedOutOfRange: "the day of collection lies before 1970-01-02 or in the future"
    }
  }
}

/// One reason to put a record in quarantine, thrown while it is read.
struct RowFault: Error {
  let code: RowCode
  /// The contract's name of the field, when one field is to blame.
  var field: String?
  /// Offset in the file of the byte to blame, when one is.
  var byteOffset: Int?

  init(_ code: RowCode, field: String? = nil, byteOffset: Int? = nil) {
    self.code = code
    self.field = field
    self.byteOffset = byteOffset
  }
}

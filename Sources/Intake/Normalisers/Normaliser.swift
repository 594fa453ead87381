import Vault

/// Brings the values of one field into the form its type has in the vault.
///
/// A blank value is an absent one. A value that does not fit its type is a fault and never a guess:
/// the record goes to quarantine whole, also when the field is optional, because a half-taken
/// record would give wrong answers to the person it is about. A field whose values are known to be
/// dirty is given type `text`. Values are compared as bytes; no Unicode normalisation is done.
struct Normaliser {
  let type: FieldType
  let region: PhoneRegion?

  /// The value in the form of its type; nil when it is blank.
  func normalised(_ raw: ArraySlice<UInt8>) throws(ValueFault) -> NormalisedValue? {
    let value = Bytes.trimmed(raw)
    guard !value.isEmpty else { return nil }
    let allowsLines = type == .text || type == .address
    for byte in value where Bytes.isControl(byte) {
      guard allowsLines, Bytes.isBlank(byte) else { throw ValueFault(.controlCharacter) }
    }
    switch type {
    case .email: return try EmailNormaliser.normalised(value)
    case .phone: return NormalisedValue(try PhoneNormaliser.normalised(value, region: region))
    case .date: return NormalisedValue(try DateNormaliser.date(value))
    case .datetime: return NormalisedValue(try DateNormaliser.datetime(value))
    case .amount: return NormalisedValue(try NumberNormaliser.cents(value))
    case .integer: return NormalisedValue(try NumberNormaliser.integer(value))
    case .boolean: return NormalisedValue(try NumberNormaliser.boolean(value))
    case .country: return NormalisedValue(try CountryNormaliser.normalised(value))
    case .postcode: return NormalisedValue(try PostcodeNormaliser.normalised(value))
    case .customerNumber, .cookie, .nationalID, .opaqueID:
      guard value.count <= IntakeLimit.identifierByteCount else { throw ValueFault(.valueTooLong) }
      return NormalisedValue(Array(value))
    case .eventName: return NormalisedValue(try EventNameNormaliser.normalised(value))
    case .url: return NormalisedValue(try WebNormaliser.url(value))
    case .ip: return NormalisedValue(try WebNormaliser.address(value))
    case .gender: return NormalisedValue(try GenderNormaliser.normalised(value))
    case .language: return NormalisedValue(try LanguageNormaliser.normalised(value))
    case .segmentList:
      let list = try SegmentListNormaliser.normalised(value)
      return list.isEmpty ? nil : NormalisedValue(list)
    case .name, .city, .address, .text: return NormalisedValue(Array(value))
    }
  }
}

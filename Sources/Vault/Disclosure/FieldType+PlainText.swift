extension FieldType {
  /// A stored value as a person reads it: amounts are stored as whole cents and shown with a point.
  func plainText(_ value: [UInt8]) -> String {
    let text = String(decoding: value, as: UTF8.self)
    guard self == .amount, let cents = Int64(text) else { return text }
    let digits = String(cents.magnitude)
    let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    return (cents < 0 ? "-" : "") + padded.dropLast(2) + "." + padded.suffix(2)
  }
}

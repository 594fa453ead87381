/// Finds the members of an entry that queries ask for, without parsing it.
///
/// An entry is canonical JSON: one object, no white space, each key once. One pass over its bytes
/// finds where the values stand, so that a million entries are looked through in seconds. Values
/// are compared as bytes; a condition holds no character that JSON would escape.
struct EventBytes {
  /// The members that are looked for.
  enum Member: Int, CaseIterable {
    case actor, `case`, decision, purpose, reference, seq, subjects, time, type

    fileprivate static let names = allCases.map { Array("\($0)".utf8) }
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  private let bytes: [UInt8]
  private var places = [Range<Int>](repeating: 0..<0, count: Member.allCases.count)

  /// Scans an entry; nil when it is no JSON object without white space.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.first == UInt8(ascii: "{") else { return nil }
    var position = 1
    while position < bytes.count, bytes[position] == Self.quote {
      let keyStart = position + 1
      guard let keyEnd = Self.endOfText(bytes, keyStart), keyEnd + 2 < bytes.count,
        bytes[keyEnd + 1] == UInt8(ascii: ":"), let end = Self.endOfValue(bytes, keyEnd + 2)
      else { return nil }
      if let member = Self.member(bytes, keyStart, keyEnd) {
        places[member.rawValue] = keyEnd + 2..<end
      }
      guard end < bytes.count, bytes[end] == UInt8(ascii: ",") else {
        guard end == bytes.count - 1, bytes[end] == UInt8(ascii: "}") else { return nil }
        return
      }
      position = end + 1
    }
    return nil
  }

  /// The content of a text, without quotes; nil when the entry has no such text.
  func text(_ member: Member) -> ArraySlice<UInt8>? {
    let place = places[member.rawValue]
    guard place.count >= 2, bytes[place.lowerBound] == Self.quote else { return nil }
    return bytes[place.lowerBound + 1..<place.upperBound - 1]
  }

  /// A whole number from 0; nil when the entry has none there.
  func number(_ member: Member) -> Int64? {
    let place = places[member.rawValue]
    guard (1...16).contains(place.count) else { return nil }
    var value: Int64 = 0
    for byte in bytes[place] {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    return value
  }

  /// Calls a body with each text of a list of texts, until it answers true.
  func contains(_ member: Member, where body: (ArraySlice<UInt8>) -> Bool) -> Bool {
    let place = places[member.rawValue]
    guard !place.isEmpty, bytes[place.lowerBound] == UInt8(ascii: "[") else { return false }
    var position = place.lowerBound + 1
    while position < place.upperBound, bytes[position] == Self.quote,
      let end = Self.endOfText(bytes, position + 1)
    {
      if body(bytes[position + 1..<end]) { return true }
      position = end + 2
    }
    return false
  }

  private static func member(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Member? {
    for (number, name) in Member.names.enumerated()
    where name.count == end - start && name[0] == bytes[start] {
      var isSame = true
      for offset in 1..<name.count where name[offset] != bytes[start + offset] { isSame = false }
      if isSame { return Member(rawValue: number) }
    }
    return nil
  }

  /// Where the quote stands that ends a text.
  private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int? {
    var position = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == quote { return position }
      position += byte == backslash ? 2 : 1
    }
    return nil
  }

  /// The place behind a value.
  private static func endOfValue(_ bytes: [UInt8], _ start: Int) -> Int? {
    var position = start
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case quote:
        guard let end = endOfText(bytes, position + 1) else { return nil }
        position = end
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return position }
        depth -= 1
      case UInt8(ascii: ","): if depth == 0 { return position }
      default: break
      }
      position += 1
    }
    return nil
  }
}

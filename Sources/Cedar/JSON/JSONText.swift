/// Builds JSON text, without spaces, with members in the order they are written.
struct JSONText {
  private(set) var bytes: [UInt8] = []

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Appends text that is JSON already.
  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// Appends a string with quotes; controls and the quote are escaped.
  mutating func string(_ text: CedarString) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.bytes {
      switch byte {
      case UInt8(ascii: "\""): raw(#"\""#)
      case UInt8(ascii: "\\"): raw(#"\\"#)
      case 0x0A: raw(#"\n"#)
      case 0x0D: raw(#"\r"#)
      case 0x09: raw(#"\t"#)
      case 0..<0x20, 0x7F:
        let digits = String(byte, radix: 16)
        raw("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Appends an array.
  mutating func array<Element>(
    _ elements: some Sequence<Element>, _ write: (inout JSONText, Element) -> Void
  ) {
    raw("[")
    var isFirst = true
    for element in elements {
      if !isFirst { raw(",") }
      isFirst = false
      write(&self, element)
    }
    raw("]")
  }

  /// Appends an object with the given members.
  mutating func object<Element>(
    _ members: some Sequence<Element>, key: (Element) -> CedarString,
    _ write: (inout JSONText, Element) -> Void
  ) {
    raw("{")
    var isFirst = true
    for member in members {
      if !isFirst { raw(",") }
      isFirst = false
      string(key(member))
      raw(":")
      write(&self, member)
    }
    raw("}")
  }

  /// Appends `{"type":…,"id":…}`.
  mutating func uid(_ uid: EntityUID) {
    raw(#"{"type":"#)
    string(uid.type.path)
    raw(#","id":"#)
    string(uid.id)
    raw("}")
  }
}

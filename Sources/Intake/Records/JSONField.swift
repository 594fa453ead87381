import Vault

/// Finds the raw value of one field in a JSON object.
struct JSONField {
  private let name: String
  private let path: [[UInt8]]
  private let type: FieldType
  private let isIdentifier: Bool

  init(_ field: FieldContract) {
    name = field.name
    path = field.path.map { Array($0.utf8) }
    type = field.description.type
    isIdentifier = !field.description.type.identifierKinds.isEmpty
  }

  /// The value as bytes; nil when it is missing or `null`.
  ///
  /// Numbers come as the exact text of the file. One with an exponent is refused, and so is one
  /// with a fraction that is to be an identifier: `1042`, `1042.0` and `1.042e3` would be three
  /// customers.
  func raw(in object: JSONValue) throws(RowFault) -> ArraySlice<UInt8>? {
    switch object.lookup(path) {
    case .absent: return nil
    case .blocked: throw fault
    case .found(.string(let text)): return text[...]
    case .found(.boolean(let flag)): return Array((flag ? "true" : "false").utf8)[...]
    case .found(.number(let text)):
      let takesFraction = type == .amount || type == .text
      guard text.allSatisfy({ $0 | 0x20 != UInt8(ascii: "e") }),
        takesFraction || !text.contains(UInt8(ascii: ".")), !isIdentifier || text.first != 0x2D
      else { throw fault }
      return text[...]
    case .found(.array(let items)): return try joined(items)
    case .found(.object), .found(.null): throw fault
    }
  }

  private func joined(_ items: [JSONValue]) throws(RowFault) -> ArraySlice<UInt8>? {
    guard type == .segmentList else { throw fault }
    var names: [ArraySlice<UInt8>] = []
    for item in items {
      switch item {
      case .string(let text), .number(let text): names.append(text[...])
      case .null: continue
      case .boolean, .array, .object: throw fault
      }
    }
    do {
      return try SegmentListNormaliser.joined(names)[...]
    } catch {
      throw RowFault(error.code, field: name)
    }
  }

  private var fault: RowFault { RowFault(.wrongJSONType, field: name) }
}

import Foundation

/// One JSON value as it stands in a file, looked at without being decoded.
///
/// A test file may hold what Cedar's own JSON has no place for, such as null or fractions in fields
/// nobody knows. Only the parts that are Cedar's are handed on, byte by byte as they were written.
struct JSONSlice {
  /// Says that a file is not JSON, or not of the expected form.
  struct Malformed: Error {
    let message: String
  }

  let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
    var scanner = Scanner(bytes)
    self.bytes = try scanner.value()
    guard scanner.isAtEnd else { throw Malformed(message: "text after the JSON value") }
  }

  private init(trusting bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The members of an object; nil for other values.
  ///
  /// The last of several equal keys counts.
  func members() throws(Malformed) -> [String: JSONSlice]? {
    guard bytes.first == UInt8(ascii: "{") else { return nil }
    var scanner = Scanner(bytes.dropFirst())
    var members: [String: JSONSlice] = [:]
    while !scanner.accept(UInt8(ascii: "}")) {
      guard let key = try JSONSlice(trusting: scanner.value()).string() else {
        throw Malformed(message: "a key of an object must be a string")
      }
      guard scanner.accept(UInt8(ascii: ":")) else { throw Malformed(message: "expected `:`") }
      members[key] = JSONSlice(trusting: try scanner.value())
      _ = scanner.accept(UInt8(ascii: ","))
    }
    return members
  }

  /// The elements of an array; nil for other values.
  func elements() throws(Malformed) -> [JSONSlice]? {
    guard bytes.first == UInt8(ascii: "[") else { return nil }
    var scanner = Scanner(bytes.dropFirst())
    var elements: [JSONSlice] = []
    while !scanner.accept(UInt8(ascii: "]")) {
      elements.append(JSONSlice(trusting: try scanner.value()))
      _ = scanner.accept(UInt8(ascii: ","))
    }
    return elements
  }

  /// The text of a string; nil for other values.
  func string() throws(Malformed) -> String? {
    guard bytes.first == UInt8(ascii: "\"") else { return nil }
    guard bytes.contains(UInt8(ascii: "\\")) else {
      return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
    do {
      return try JSONDecoder().decode(String.self, from: Data(bytes))
    } catch {
      throw Malformed(message: "a string has an escape that JSON does not know")
    }
  }

  /// The value of `true` or `false`; nil for other values.
  var bool: Bool? {
    if bytes.elementsEqual("true".utf8) { return true }
    return bytes.elementsEqual("false".utf8) ? false : nil
  }
}

/// Finds where values begin and end; never recurses, so nesting cannot exhaust the stack.
private struct Scanner {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  /// Tells whether only blanks are left.
  var isAtEnd: Bool {
    mutating get {
      skipBlank()
      return index == bytes.endIndex
    }
  }

  mutating func accept(_ byte: UInt8) -> Bool {
    skipBlank()
    guard index < bytes.endIndex, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  /// Moves over one value.
  mutating func value() throws(JSONSlice.Malformed) -> ArraySlice<UInt8> {
    skipBlank()
    let start = index
    var depth = 0
    repeat {
      guard index < bytes.endIndex else { throw ended() }
      switch bytes[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        index += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard depth > 0 else { throw JSONSlice.Malformed(message: "expected a value") }
        depth -= 1
        index += 1
      case UInt8(ascii: "\""): try skipString()
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard depth > 0 else { throw JSONSlice.Malformed(message: "expected a value") }
        index += 1
      default: skipWord()
      }
      if depth > 0 { skipBlank() }
    } while depth > 0
    return bytes[start..<index]
  }

  private mutating func skipString() throws(JSONSlice.Malformed) {
    index += 1
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard index < bytes.endIndex else { throw ended() }
    index += 1
  }

  /// Moves over a number, `true`, `false` or `null`.
  private mutating func skipWord() {
    let ends = Set(",:{}[]\" \n\r\t".utf8)
    repeat { index += 1 } while index < bytes.endIndex && !ends.contains(bytes[index])
  }

  private mutating func skipBlank() {
    while index < bytes.endIndex, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
  }

  private func ended() -> JSONSlice.Malformed {
    JSONSlice.Malformed(message: "the JSON text ends too early")
  }
}

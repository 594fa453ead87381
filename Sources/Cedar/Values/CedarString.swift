/// Holds text as UTF-8 bytes and compares it byte by byte.
///
/// Cedar strings are equal when their Unicode scalars are equal. Swift's `String` compares by
/// canonical equivalence, so `"e\u{301}" == "\u{e9}"` would be true; this type keeps the two apart
/// as values, attribute names, entity ids and dictionary keys.
public struct CedarString: Sendable {
  /// The UTF-8 bytes, always valid.
  public let bytes: [UInt8]

  /// Creates a string from Swift text.
  public init(_ text: some StringProtocol) { self.bytes = Array(text.utf8) }

  /// Creates a string from bytes.
  ///
  /// - Throws: ``CedarError`` – `.invalidText` when the bytes are not valid UTF-8.
  public init(utf8 bytes: [UInt8]) throws(CedarError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CedarError(.invalidText, "the bytes are not valid UTF-8")
    }
    self.bytes = bytes
  }

  /// Creates a string from bytes that are known to be valid UTF-8.
  init(trusting bytes: [UInt8]) { self.bytes = bytes }

  /// The text as a Swift string.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Tells whether the string has no bytes.
  public var isEmpty: Bool { bytes.isEmpty }
}

extension CedarString: Hashable {
  /// Compares the bytes.
  public static func == (left: CedarString, right: CedarString) -> Bool {
    left.bytes == right.bytes
  }

  /// Hashes the bytes and their count.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytes.count)
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
  }
}

extension CedarString: Comparable {
  /// Orders by bytes, which is the order of Unicode scalars.
  public static func < (left: CedarString, right: CedarString) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

extension CedarString: ExpressibleByStringLiteral {
  /// Creates a string from a literal.
  public init(stringLiteral value: String) { self.init(value) }
}

extension CedarString: CustomStringConvertible {
  /// The text as a Swift string.
  public var description: String { text }
}

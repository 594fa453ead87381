/// Holds a JSON value that has exactly one encoding (RFC 8785, restricted profile).
///
/// Objects, arrays, strings, booleans, null and integers within ±(2^53 − 1); no fractions, so that
/// canonical number formatting, the hard part of RFC 8785, is not needed.
public enum CanonicalJSON: Sendable {
  /// Largest magnitude of an integer, the last one every JSON reader keeps exactly.
  public static let integerMaximum: Int64 = (1 << 53) - 1
  /// Deepest nesting of arrays and objects.
  public static let depthMaximum = 32
  /// Largest audit event in bytes.
  public static let eventByteCountMaximum = 16 * 1024

  /// The value null.
  case null
  /// True or false.
  case bool(Bool)
  /// An integer; encoding refuses those beyond ``integerMaximum``.
  case integer(Int64)
  /// A text of Unicode scalars.
  case string(String)
  /// Values in order.
  case array([CanonicalJSON])
  /// Keys and values.
  case object(JSONObject)
}

extension CanonicalJSON: Equatable {
  /// Compares content; texts by their code points and not by Unicode equivalence.
  public static func == (left: CanonicalJSON, right: CanonicalJSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

/// Holds the members of a JSON object in canonical order, each key once.
///
/// The order is that of the keys' UTF-16 code units, as RFC 8785 demands. Keys are told apart by
/// their code points: "é" and "e" with an accent are two keys.
public struct JSONObject: Sendable {
  /// One key and its value.
  public struct Member: Sendable {
    /// The key.
    public let key: String
    /// The value.
    public let value: CanonicalJSON
  }

  /// The members in canonical order.
  public let members: [Member]

  /// Collects members in any order.
  ///
  /// - Parameter members: Keys and values.
  /// - Throws: ``TransparencyError`` `.duplicateKey` when a key comes twice.
  public init(_ members: [(key: String, value: CanonicalJSON)]) throws {
    let given = members.map { Member(key: $0.key, value: $0.value) }
    // Canonical input is in order already, and then without duplicates too.
    self.members =
      Self.isStrictlyAscending(given) ? given : given.sorted { Self.precedes($0.key, $1.key) }
    guard Self.isStrictlyAscending(self.members) else {
      throw TransparencyError(.duplicateKey, "an object has the same key twice")
    }
  }

  private static func isStrictlyAscending(_ members: [Member]) -> Bool {
    zip(members, members.dropFirst()).allSatisfy { precedes($0.key, $1.key) }
  }

  /// Compares by UTF-16 code units, looking at UTF-8 only.
  ///
  /// The two orders differ in one case: a scalar beyond U+FFFF is written with surrogates, which
  /// come before U+E000…U+FFFF. In UTF-8 the first begin with 0xF0 or more, the second with 0xEE
  /// or 0xEF.
  private static func precedes(_ left: String, _ right: String) -> Bool {
    var right = right.utf8.makeIterator()
    for a in left.utf8 {
      guard let b = right.next() else { return false }
      guard a != b else { continue }
      let isSwapped = max(a, b) >= 0xF0 && (0xEE...0xEF).contains(min(a, b))
      return isSwapped ? a > b : a < b
    }
    return right.next() != nil
  }

  /// Finds the value of a key.
  ///
  /// - Parameter key: The key, compared by its code points.
  /// - Returns: The value, or nil when the object has no such key.
  public subscript(key: String) -> CanonicalJSON? {
    members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
  }
}

extension JSONObject: Equatable {
  /// Compares keys and values.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) {
      $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value
    }
  }
}

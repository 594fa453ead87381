/// A type of a generated schema.
indirect enum FuzzType: Equatable, Sendable {
  case bool, long, string
  /// The entity type at this index of the schema.
  case entity(Int)
  case set(FuzzType)
  case record([FuzzField])
  case `extension`(FuzzExtension)
}

/// An attribute of a generated schema.
struct FuzzField: Equatable, Sendable {
  let name: String
  let type: FuzzType
  let isRequired: Bool
}

/// An extension type; the raw value is the constructor.
enum FuzzExtension: String, CaseIterable, Sendable {
  case ip, decimal, datetime, duration

  /// The name of the type in a schema.
  var typeName: String { self == .ip ? "ipaddr" : rawValue }

  /// Texts the constructor reads.
  var texts: [String] {
    switch self {
    case .ip:
      [
        "10.0.0.1", "10.0.0.0/8", "127.0.0.1", "127.0.0.0/7", "::1", "::1/127", "ff00::/8",
        "224.0.0.1", "fe80::1/64", "0.0.0.0/0", "10.0.0.1/24", "1:2:3:4:5:6:7:8", "::/0",
      ]
    case .decimal:
      [
        "0.0", "1.5", "-0.5", "100.0", "1.2345", "1.50", "922337203685477.5807",
        "-922337203685477.5808", "00.10",
      ]
    case .datetime:
      [
        "1970-01-01", "2024-02-29T12:30:00Z", "1969-12-31T23:59:59.999Z", "0000-01-01",
        "2024-01-01T00:00:00+0530", "9999-12-31T23:59:59.999-2359", "2024-01-01",
      ]
    case .duration:
      [
        "0ms", "1h", "60m", "-1d2h", "1d2h3m4s5ms", "500ms", "-9223372036854775808ms",
        "106751991167d", "-1s",
      ]
    }
  }

  /// Texts no constructor reads.
  static let badTexts = [
    "", "x", "1", "10.0.0.256", "2024-13-01", "1x", "1.23456", "::1::", "1ms1s", "-", "1.",
    "922337203685477.5808", "2024-01-01T24:00:00Z",
  ]
}

/// Pools that values and names are drawn from.
enum FuzzPool {
  static let attributes = ["a", "b", "c", "name", "if", "x y", "principal", "\u{e9}", "when"]
  static let ids = ["a", "b", "c", "d \u{e9}", "\"q\"", "e\\n"]
  static let strings = [
    "", "a", "b", "ab", "abc", "a*b", "\u{e9}", "e\u{301}", "\u{65e5}\u{672c}", "\"q\"", "\\",
    "\n", "x y", "\u{1f600}", "\0",
  ]
  static let patterns = [
    [""], ["a", ""], ["", "b"], ["", "a", ""], ["a*", ""], ["\u{e9}", ""], ["", "", ""], ["abc"],
    ["a", "c"], ["\"", "\\"],
  ]
  static let longs: [Int64] = [
    0, 1, 2, 3, 5, 7, -1, -2, 10, 100, 4_611_686_018_427_387_904, .max, .min,
  ]
  static let tags = ["a", "t", "x y"]
}

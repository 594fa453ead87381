/// Web addresses and network addresses.
enum WebNormaliser {
  /// An `http` or `https` address, or a path from the root of a site, as sent.
  static func url(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    guard !value.contains(0x20) else { throw ValueFault(.malformedURL) }
    if value.first == UInt8(ascii: "/") { return Array(value) }
    for scheme in ["http://", "https://"] {
      let count = scheme.utf8.count
      guard Bytes.lowercased(value.prefix(count)).elementsEqual(scheme.utf8) else { continue }
      guard let host = value.dropFirst(count).first, host != UInt8(ascii: "/") else { break }
      return Array(value)
    }
    throw ValueFault(.malformedURL)
  }

  /// An IPv4 address in dotted decimal, or an IPv6 address (RFC 4291 §2.2) in small letters.
  static func address(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    guard isIPv4(value) || isIPv6(value) else { throw ValueFault(.malformedIP) }
    return Bytes.lowercased(value)
  }

  /// Four numbers without leading zeros, which some readers take for octal.
  private static func isIPv4(_ value: ArraySlice<UInt8>) -> Bool {
    let parts = value.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && (part.count == 1 || part.first != UInt8(ascii: "0"))
          && Bytes.number(part).map { $0 <= 255 } ?? false
      }
  }

  private static func isIPv6(_ value: ArraySlice<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    guard let gap = firstGap(value) else { return groupCount(value) == 8 }
    let left = value[..<gap]
    let right = value[(gap + 2)...]
    guard firstGap(right) == nil, right.first != colon,
      let before = left.isEmpty ? 0 : groupCount(left, mayEndInIPv4: false),
      let after = right.isEmpty ? 0 : groupCount(right)
    else { return false }
    return before + after <= 7
  }

  private static func firstGap(_ value: ArraySlice<UInt8>) -> Int? {
    value.indices.dropLast().first {
      value[$0] == UInt8(ascii: ":") && value[$0 + 1] == UInt8(ascii: ":")
    }
  }

  /// How many 16-bit groups some text is; nil when it is something else.
  private static func groupCount(_ value: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> Int? {
    var groups = value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    var count = 0
    if mayEndInIPv4, let last = groups.last, isIPv4(last) {
      groups.removeLast()
      count = 2
    }
    for group in groups {
      guard (1...4).contains(group.count), group.allSatisfy(Bytes.isHexDigit) else { return nil }
      count += 1
    }
    return count
  }
}

/// Holds an IPv4 or IPv6 address with a prefix length; a single address has the full prefix.
///
/// Equality compares address and prefix as written: `10.0.0.1/24` differs from `10.0.0.0/24`.
public struct CedarIPAddress: Hashable, Sendable {
  /// Tells whether the address is IPv6.
  public let isIPv6: Bool
  /// The prefix length in bits: 0…32 for IPv4, 0…128 for IPv6.
  public let prefixLength: UInt8
  private let high: UInt64
  private let low: UInt64

  /// The longest text that is read, in bytes.
  public static let textByteLimit = 43

  init(isIPv6: Bool, address: UInt128, prefixLength: UInt8) {
    self.isIPv6 = isIPv6
    self.prefixLength = prefixLength
    self.high = UInt64(truncatingIfNeeded: address >> 64)
    self.low = UInt64(truncatingIfNeeded: address)
  }

  /// Reads an address with an optional `/prefix`.
  ///
  /// IPv4 parts have no leading zeros; IPv6 has no zone, brackets or embedded IPv4; the prefix has
  /// no leading zeros.
  ///
  /// - Throws: ``CedarError`` – `.extensionFormat` for other text.
  public init(parsing text: CedarString) throws(CedarError) {
    guard text.bytes.count <= CedarIPAddress.textByteLimit,
      let value = IPAddressReader.read(text.bytes)
    else {
      throw CedarError(.extensionFormat, "the text is not an IP address or range")
    }
    self = value
  }

  /// The address as an integer, in the low 32 bits for IPv4.
  var address: UInt128 { UInt128(high) << 64 | UInt128(low) }

  /// Tells whether the range lies within the loopback range of its family.
  var isLoopback: Bool {
    isIPv6 ? address == 1 && prefixLength == 128 : address >> 24 == 127 && prefixLength >= 8
  }

  /// Tells whether the range lies within the multicast range of its family.
  var isMulticast: Bool {
    isIPv6
      ? address >> 120 == 0xFF && prefixLength >= 8 : address >> 28 == 0xE && prefixLength >= 4
  }

  /// Tells whether every address of this range is in the other; false across families.
  func isInRange(_ other: CedarIPAddress) -> Bool {
    guard isIPv6 == other.isIPv6 else { return false }
    return other.first <= first && last <= other.last
  }

  private var width: UInt8 { isIPv6 ? 128 : 32 }

  private var hostMask: UInt128 {
    let hostBits = width - prefixLength
    return hostBits == 128 ? .max : (UInt128(1) << UInt128(hostBits)) - 1
  }

  private var first: UInt128 { address & ~hostMask }
  private var last: UInt128 { address | hostMask }
}

/// Reads the text form of IP addresses and ranges.
enum IPAddressReader {
  static func read(_ bytes: [UInt8]) -> CedarIPAddress? {
    var host = bytes[...]
    var prefixText: ArraySlice<UInt8>?
    if let slash = bytes.firstIndex(of: UInt8(ascii: "/")) {
      host = bytes[..<slash]
      prefixText = bytes[(slash + 1)...]
    }
    let isIPv6 = host.contains(UInt8(ascii: ":"))
    guard let address = isIPv6 ? ipv6(host) : ipv4(host) else { return nil }
    let width: UInt8 = isIPv6 ? 128 : 32
    guard let prefixText else {
      return CedarIPAddress(isIPv6: isIPv6, address: address, prefixLength: width)
    }
    guard let prefix = decimal(prefixText, limit: Int(width)) else { return nil }
    return CedarIPAddress(isIPv6: isIPv6, address: address, prefixLength: UInt8(prefix))
  }

  /// Reads one to three digits without a leading zero.
  private static func decimal(_ text: ArraySlice<UInt8>, limit: Int) -> Int? {
    guard let leading = text.first, text.count <= 3, leading != 48 || text.count == 1 else {
      return nil
    }
    var value = 0
    for byte in text {
      guard Identifier.isDigit(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value <= limit ? value : nil
  }

  private static func ipv4(_ text: ArraySlice<UInt8>) -> UInt128? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt128 = 0
    for part in parts {
      guard let value = decimal(part, limit: 255) else { return nil }
      address = address << 8 | UInt128(value)
    }
    return address
  }

  private static func ipv6(_ text: ArraySlice<UInt8>) -> UInt128? {
    guard let gap = gapStart(text) else {
      guard let groups = groups(text), groups.count == 8 else { return nil }
      return joined(groups)
    }
    let tailText = text[(gap + 2)...]
    // A gap stands for at least one group, and there is only one.
    guard let head = gap == text.startIndex ? [] : groups(text[..<gap]),
      let tail = tailText.isEmpty ? [] : groups(tailText), head.count + tail.count <= 7
    else { return nil }
    let zeros = [UInt16](repeating: 0, count: 8 - head.count - tail.count)
    return joined(head + zeros + tail)
  }

  private static func gapStart(_ text: ArraySlice<UInt8>) -> Int? {
    let colon = UInt8(ascii: ":")
    return text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
  }

  /// Reads groups of one to four hexadecimal digits; a second gap leaves an empty group and fails.
  private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
    var result: [UInt16] = []
    for part in text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
      guard part.count >= 1, part.count <= 4 else { return nil }
      var value: UInt16 = 0
      for byte in part {
        guard let digit = hexadecimalValue(byte) else { return nil }
        value = value << 4 | UInt16(digit)
      }
      result.append(value)
    }
    return result
  }

  private static func joined(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }
}

/// Reads one hexadecimal digit of either case.
func hexadecimalValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

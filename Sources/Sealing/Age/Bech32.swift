/// Bech32 (BIP 173), the text form of keys of age: a prefix, the data and a checksum.
enum Bech32 {
  /// Longest text in characters; beyond it the checksum does not find every four errors.
  static let textByteCountMaximum = 90
  private static let checksumCount = 6
  private static let separator = UInt8(ascii: "1")
  private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  private static let generators: [UInt32] = [
    0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
  ]

  /// Takes a text apart into its prefix in small letters and its groups of five bits.
  ///
  /// - Returns: Nil for letters of both cases, foreign characters, a text that is too long, an
  ///   empty prefix or a checksum that does not fit.
  static func parse(_ text: String) -> (prefix: String, groups: [UInt8])? {
    let bytes = Array(text.utf8)
    guard bytes.count <= textByteCountMaximum, bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
      let lowered = oneCase(bytes), let end = lowered.lastIndex(of: separator), end > 0
    else { return nil }
    let prefix = lowered[..<end]
    var groups: [UInt8] = []
    for byte in lowered[(end + 1)...] {
      guard let group = alphabet.firstIndex(of: byte) else { return nil }
      groups.append(UInt8(group))
    }
    guard groups.count >= checksumCount, remainder(prefix, groups) == 1 else { return nil }
    return (String(decoding: prefix, as: UTF8.self), groups.dropLast(checksumCount))
  }

  /// Joins groups of five bits to bytes; nil when bits are left over that are not zero, or a whole
  /// group too many.
  static func bytes(_ groups: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer: UInt32 = 0
    var bits = 0
    for group in groups {
      buffer = buffer << 5 | UInt32(group)
      bits += 5
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(buffer >> UInt32(bits)))
      }
      buffer &= (1 << UInt32(bits)) - 1
    }
    return bits < 5 && buffer == 0 ? bytes : nil
  }

  /// The text in small letters; nil when it has letters of both cases.
  private static func oneCase(_ bytes: [UInt8]) -> [UInt8]? {
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    let small = UInt8(ascii: "a")...UInt8(ascii: "z")
    guard bytes.contains(where: capitals.contains) else { return bytes }
    guard !bytes.contains(where: small.contains) else { return nil }
    return bytes.map { capitals.contains($0) ? $0 | 0x20 : $0 }
  }

  /// The remainder of prefix and groups by the generator of the code; 1 when the checksum fits.
  private static func remainder(_ prefix: ArraySlice<UInt8>, _ groups: [UInt8]) -> UInt32 {
    let expanded = prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 }
    var sum: UInt32 = 1
    for value in expanded + groups {
      let top = sum >> 25
      sum = (sum & 0x1FF_FFFF) << 5 ^ UInt32(value)
      for (bit, generator) in generators.enumerated() where top >> UInt32(bit) & 1 == 1 {
        sum ^= generator
      }
    }
    return sum
  }
}

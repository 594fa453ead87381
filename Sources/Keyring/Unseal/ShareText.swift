public import Sealing

/// The line by which people keep a share.
///
/// `lethe-share1-KK-II-VVVVVVV-SSSSSSSSSSSSS-` then 11 groups of 7 characters and 7 check
/// characters: threshold, number, vault, split, payload. The digits of base 32 are Crockford's,
/// `0`…`9` and `a`…`z` without `i`, `l`, `o` and `u`; capitals, blanks and hyphens do not matter,
/// `o` is read as `0`, `i` and `l` as `1`.
///
/// - SeeAlso: `docs/format.md#shares`.
public enum ShareText {
  /// Longest line that is looked at, in bytes.
  public static let maximumByteCount = 512
  static let prefix = Array("letheshare".utf8)
  private static let head = "lethe-share"
  private static let version: UInt8 = 1
  /// Length of the groups as they are written, the version's first.
  private static let groups = [1, 2, 2, 7, 13] + Array(repeating: 7, count: 12)
  private static let vaultRange = 5..<12
  private static let setRange = 12..<25
  private static let payloadRange = 25..<102
  /// Number of characters behind the prefix.
  static let symbolCount = 102 + ShareChecksum.symbolCount
  private static let payloadByteCount = HeldKey.byteCount + KeyShare.commitmentByteCount

  /// Writes a share.
  ///
  /// - Returns: A line in ASCII without an end of line, in locked memory.
  public static func encode(_ share: KeyShare) throws -> SecretBytes {
    var symbols = try SecretBytes(zeroCount: symbolCount)
    let commitment = try SecretBytes(copying: share.commitment)
    let payload = try SecretBytes(concatenating: share.value.bytes, commitment)
    unsafe symbols.withUnsafeMutableBytes { symbols in
      let numbers = [share.threshold, share.index].flatMap { [UInt8($0 / 10), UInt8($0 % 10)] }
      for (offset, value) in ([version] + numbers).enumerated() { unsafe symbols[offset] = value }
      unsafe share.vaultPrefix.withUnsafeBytes { unsafe ShareDigits.pack($0, symbols, vaultRange) }
      unsafe share.set.withUnsafeBytes { unsafe ShareDigits.pack($0, symbols, setRange) }
      unsafe payload.withUnsafeBytes { unsafe ShareDigits.pack($0, symbols, payloadRange) }
      unsafe ShareChecksum.complete(symbols)
    }
    return try written(symbols)
  }

  /// Reads a share.
  ///
  /// - Parameters:
  ///   - line: What a person typed or pasted.
  ///   - position: Its place among the shares given, from 1; named when it is wrong.
  /// - Returns: The share.
  /// - Throws: ``KeyringError`` `.corrupt` for a line that is not a share or is mistyped,
  ///   `.newerFormat` for one of a newer program.
  public static func decode(_ line: borrowing SecretBytes, position: Int) throws -> KeyShare {
    let symbols = try symbols(of: line, position)
    let isSound = unsafe symbols.withUnsafeBytes { unsafe ShareChecksum.isSound($0) }
    guard isSound else { throw mistyped(position, "its check characters do not fit the others") }
    var numbers: [Int] = []
    unsafe symbols.withUnsafeBytes { buffer in
      unsafe numbers = buffer[..<vaultRange.lowerBound].map { Int($0) }
    }
    guard numbers[0] == version else {
      throw KeyringError(.newerFormat, "share \(position) was written by a newer version of lethe")
    }
    let (threshold, index) = (numbers[1] * 10 + numbers[2], numbers[3] * 10 + numbers[4])
    let payload = try unpacked(symbols, payloadRange, payloadByteCount)
    let vault = try unpacked(symbols, vaultRange, KeyShare.vaultByteCount)
    let set = try unpacked(symbols, setRange, KeyShare.setByteCount)
    guard numbers.allSatisfy({ $0 < 10 }), KeyShare.counts.contains(threshold),
      (1...KeyShare.counts.upperBound).contains(index), let payload, let vault, let set
    else { throw mistyped(position, "its numbers are out of range") }
    return KeyShare(
      threshold: threshold, index: index, vaultPrefix: vault.bytes.plaintextCopy(),
      set: set.bytes.plaintextCopy(),
      value: HeldKey(try payload.bytes.slice(0..<HeldKey.byteCount)),
      commitment: try payload.bytes.slice(HeldKey.byteCount..<payloadByteCount).plaintextCopy())
  }
}

extension ShareText {
  private static func written(_ symbols: borrowing SecretBytes) throws -> SecretBytes {
    let head = Array(head.utf8)
    var line = try SecretBytes(
      zeroCount: head.count + groups.count - 1 + symbolCount)
    unsafe line.withUnsafeMutableBytes { line in
      unsafe symbols.withUnsafeBytes { symbols in
        unsafe line.copyBytes(from: head)
        var (target, source) = (head.count, 0)
        for (number, group) in groups.enumerated() {
          if number > 0 {
            unsafe line[target] = UInt8(ascii: "-")
            target += 1
          }
          for _ in 0..<group {
            unsafe line[target] = ShareDigits.character(symbols[source])
            (target, source) = (target + 1, source + 1)
          }
        }
      }
    }
    return line
  }

  /// The values of the characters behind the prefix.
  private static func symbols(
    of line: borrowing SecretBytes, _ position: Int
  ) throws -> SecretBytes {
    guard line.count <= maximumByteCount else {
      throw mistyped(position, "it is longer than \(maximumByteCount) characters")
    }
    var compact = try SecretBytes(zeroCount: line.count)
    var count = 0
    unsafe compact.withUnsafeMutableBytes { compact in
      unsafe line.withUnsafeBytes { line in
        for offset in 0..<line.count {
          let byte = unsafe line[offset]
          guard byte > 0x20, byte != UInt8(ascii: "-") else { continue }
          unsafe compact[count] = byte | 0x20
          count += 1
        }
      }
    }
    let isShare = unsafe compact.withUnsafeBytes { unsafe $0[..<count].starts(with: prefix) }
    guard isShare else { throw mistyped(position, "it does not begin with `\(head)`") }
    guard count == prefix.count + symbolCount else {
      let number = count - prefix.count
      throw mistyped(
        position, "it has \(number) characters behind `\(head)` where \(symbolCount) are due")
    }
    var symbols = try SecretBytes(zeroCount: symbolCount)
    var isForeign: UInt8 = 0
    unsafe symbols.withUnsafeMutableBytes { symbols in
      unsafe compact.withUnsafeBytes { compact in
        for offset in 0..<symbolCount {
          let (value, isKnown) = unsafe ShareDigits.value(compact[prefix.count + offset])
          unsafe symbols[offset] = value
          isForeign |= ~isKnown
        }
      }
    }
    guard isForeign == 0 else { throw mistyped(position, "it has a character that no share has") }
    return symbols
  }

  /// Joins base-32 digits; nil when bits are left over that are not zero.
  private static func unpacked(
    _ symbols: borrowing SecretBytes, _ range: Range<Int>, _ count: Int
  ) throws -> HeldKey? {
    var bytes = try SecretBytes(zeroCount: count)
    let spare = unsafe bytes.withUnsafeMutableBytes { bytes in
      unsafe symbols.withUnsafeBytes { unsafe ShareDigits.unpack($0, range, bytes) }
    }
    return spare == 0 ? HeldKey(bytes) : nil
  }

  private static func mistyped(_ position: Int, _ why: String) -> KeyringError {
    KeyringError(.corrupt, "share \(position) is mistyped: \(why)")
  }
}

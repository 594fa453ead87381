/// A few small files as one POSIX ustar archive: the same bytes for the same content and time.
///
/// Members are private to their owner and belong to nobody in particular.
///
/// - SeeAlso: POSIX.1-2024, pax, "ustar Interchange Format".
struct UstarArchive {
  /// Length of a block in bytes.
  static let blockByteCount = 512
  /// Longest name of a member in bytes.
  static let nameByteCountMaximum = 100
  /// Largest member in bytes: eleven octal digits.
  static let memberByteCountMaximum = 0o777_7777_7777
  private static let checksumRange = 148..<156

  private let members: [(name: String, bytes: [UInt8])]
  private let seconds: Int64

  /// Names the members and the time they were changed, in seconds since 1970-01-01 UTC.
  init(_ members: [(name: String, bytes: [UInt8])], seconds: Int64) throws {
    for member in members {
      guard (1...Self.nameByteCountMaximum).contains(member.name.utf8.count),
        member.bytes.count <= Self.memberByteCountMaximum
      else {
        throw RightsError(
          .unwritable, "`\(member.name)` does not fit into an archive; write the files instead")
      }
    }
    self.members = members
    self.seconds = min(max(seconds, 0), Int64(Self.memberByteCountMaximum))
  }

  /// The archive in parts, in order.
  var parts: [[UInt8]] {
    members.flatMap { member in
      let over = member.bytes.count % Self.blockByteCount
      let padding = over == 0 ? 0 : Self.blockByteCount - over
      return [header(member), member.bytes, Self.zeros(padding)]
    } + [Self.zeros(2 * Self.blockByteCount)]
  }

  private func header(_ member: (name: String, bytes: [UInt8])) -> [UInt8] {
    var block = Self.field(member.name, 100)
    block += Self.octal(0o600, 8) + Self.octal(0, 8) + Self.octal(0, 8)
    block += Self.octal(Int64(member.bytes.count), 12) + Self.octal(seconds, 12)
    // While it is summed up, the checksum is blanks; then type, name of a link, magic, version.
    block += [UInt8](repeating: 0x20, count: Self.checksumRange.count)
    block += Array("0".utf8) + Self.zeros(100) + Self.field("ustar", 6) + Array("00".utf8)
    // Names of owner and group, device numbers, prefix of the name.
    block += Self.zeros(64) + Self.octal(0, 8) + Self.octal(0, 8) + Self.zeros(167)
    let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
    block.replaceSubrange(Self.checksumRange, with: Self.octal(sum, 7) + [0x20])
    return block
  }

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private static func field(_ text: String, _ count: Int) -> [UInt8] {
    let bytes = Array(text.utf8)
    return bytes + zeros(count - bytes.count)
  }

  /// Octal digits with a zero byte behind them, as wide as the field.
  private static func octal(_ number: Int64, _ count: Int) -> [UInt8] {
    let digits = Array(String(number, radix: 8).utf8)
    return [UInt8](repeating: 0x30, count: count - 1 - digits.count) + digits + [0]
  }
}

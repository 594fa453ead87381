import Sealing

/// The stored form of a record's fields: `number u16 ‖ length u32 ‖ envelope`, one after another.
///
/// - SeeAlso: `docs/format.md#sealed-record`.
enum SealedFields {
  /// Bytes in front of each envelope: number and length.
  static let prefixByteCount = 6

  static func encode(_ fields: [(number: UInt16, envelope: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(fields.reduce(0) { $0 + $1.envelope.count + prefixByteCount })
    for field in fields {
      append(field.number, field.envelope, to: &bytes)
    }
    return bytes
  }

  static func append(_ number: UInt16, _ envelope: [UInt8], to bytes: inout [UInt8]) {
    let count = UInt32(envelope.count)
    bytes.append(UInt8(number >> 8))
    bytes.append(UInt8(number & 0xFF))
    bytes.append(UInt8(count >> 24))
    bytes.append(UInt8(count >> 16 & 0xFF))
    bytes.append(UInt8(count >> 8 & 0xFF))
    bytes.append(UInt8(count & 0xFF))
    bytes.append(contentsOf: envelope)
  }

  /// Splits the stored form.
  ///
  /// - Throws: ``VaultError`` `.integrity` when lengths do not add up.
  static func decode(_ bytes: [UInt8]) throws -> [(number: UInt16, envelope: [UInt8])] {
    var fields: [(number: UInt16, envelope: [UInt8])] = []
    var offset = 0
    while offset < bytes.count {
      guard offset + 6 <= bytes.count else { throw damaged }
      let number = UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
      let count = bytes[offset + 2..<offset + 6].reduce(0) { $0 << 8 | Int($1) }
      guard count <= bytes.count - offset - 6 else { throw damaged }
      fields.append((number, Array(bytes[offset + 6..<offset + 6 + count])))
      offset += 6 + count
    }
    return fields
  }

  private static let damaged = VaultError(
    .integrity, "a sealed record is damaged; verify the vault and restore from a backup")
}

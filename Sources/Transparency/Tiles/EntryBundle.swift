/// Encodes and decodes an entry bundle: up to 256 entries, each behind its length.
///
/// The length is a big-endian 16-bit number, so an entry has at most 65,535 bytes.
public enum EntryBundle {
  /// Largest entry in bytes that the format can carry.
  public static let entryByteCountMaximum = 65_535

  /// Joins entries to a bundle.
  ///
  /// - Parameter entries: 1…256 entries.
  /// - Returns: The content of the bundle's file.
  /// - Throws: ``TransparencyError`` `.entryTooLarge` above ``entryByteCountMaximum``,
  ///   `.malformedBundle` for no entries or too many.
  public static func encode(_ entries: [[UInt8]]) throws -> [UInt8] {
    guard (1...TileAddress.fullWidth).contains(entries.count) else {
      throw TransparencyError(.malformedBundle, "a bundle cannot have \(entries.count) entries")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.reduce(0) { $0 + $1.count + 2 })
    for entry in entries {
      guard let count = UInt16(exactly: entry.count) else {
        throw TransparencyError(
          .entryTooLarge, "an entry of \(entry.count) bytes is above the limit of 65535")
      }
      bytes.append(UInt8(count >> 8))
      bytes.append(UInt8(count & 0xFF))
      bytes.append(contentsOf: entry)
    }
    return bytes
  }

  /// Cuts a bundle into its entries.
  ///
  /// - Parameters:
  ///   - bytes: The file's content.
  ///   - width: Number of entries the path announces.
  /// - Returns: `width` entries.
  /// - Throws: ``TransparencyError`` `.malformedBundle` when there are fewer or more, or a length
  ///   points beyond the end.
  public static func decode(_ bytes: [UInt8], width: Int) throws -> [[UInt8]] {
    try places(bytes, width: width).map { Array(bytes[$0]) }
  }

  /// Finds the entries of a bundle without copying them.
  static func places(_ bytes: [UInt8], width: Int) throws -> [Range<Int>] {
    var places: [Range<Int>] = []
    places.reserveCapacity(width)
    var start = 0
    for position in 0..<width {
      guard bytes.count - start >= 2 else {
        throw TransparencyError(.malformedBundle, "the bundle ends before entry \(position)")
      }
      let count = Int(bytes[start]) << 8 | Int(bytes[start + 1])
      start += 2
      guard count <= bytes.count - start else {
        throw TransparencyError(.malformedBundle, "the bundle ends inside entry \(position)")
      }
      places.append(start..<start + count)
      start += count
    }
    guard start == bytes.count else {
      throw TransparencyError(
        .malformedBundle, "the bundle has \(bytes.count - start) bytes behind its \(width) entries")
    }
    return places
  }
}

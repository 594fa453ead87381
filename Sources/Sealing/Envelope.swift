/// Names the cell a value is stored in; authenticated, so that a moved value does not open.
public struct Cell: Hashable, Sendable {
  /// Number of the table (`docs/format.md#tables`).
  public let table: UInt16
  /// Number of the field inside the table or contract.
  public let field: UInt16
  /// Row number.
  public let row: UInt64

  /// Creates a cell address.
  public init(table: UInt16, field: UInt16, row: UInt64) {
    self.table = table
    self.field = field
    self.row = row
  }
}

/// The byte layout of envelope v1.
///
/// ```
/// version 0x01 ‖ suite 0x01 ‖ generation u16 ‖ bucket u32 ‖ nonce 12 ‖ ciphertext n ‖ tag 16
/// ```
enum Envelope {
  static let version: UInt8 = 0x01
  static let suite: UInt8 = 0x01
  /// Bytes of the header that the tag covers.
  static let headerByteCount = 8
  /// Bytes before the ciphertext: header and nonce.
  static let prefixByteCount = headerByteCount + AES256GCM.nonceByteCount
  /// Bytes that an envelope has beyond the padded value.
  static let overheadByteCount = prefixByteCount + AES256GCM.tagByteCount
  static let associatedDataByteCount = 57

  /// What the tag covers beside the value: where the envelope belongs, then its header.
  static func associatedData(_ key: borrowing FieldKey, _ cell: Cell) -> [UInt8] {
    var data: [UInt8] = []
    data.reserveCapacity(associatedDataByteCount)
    data.append(contentsOf: Label.envelope)
    data.append(contentsOf: key.vault.rawBytes)
    data.append(contentsOf: key.subject.rawBytes)
    data.append(bigEndian: cell.table)
    data.append(bigEndian: cell.field)
    data.append(bigEndian: cell.row)
    data.append(version)
    data.append(suite)
    data.append(bigEndian: key.generation)
    data.append(bigEndian: key.bucket.rawValue)
    return data
  }
}

/// The padding that hides a value's length: `length u16 ‖ value ‖ zeros` up to a size class.
enum Padding {
  /// Bytes of the length in front of the value.
  static let lengthByteCount = 2
  private static let sizeClasses = [32, 64, 128, 256, 512, 1024, 2048, 4096]
  /// Above the largest class, sizes are multiples of it.
  private static let largestClass = 4096
  private static let maximumSize = size(of: FieldCipher.maximumValueByteCount)

  /// The one padded size of a value of `count` bytes.
  static func size(of count: Int) -> Int {
    let needed = count + lengthByteCount
    for size in sizeClasses where size >= needed { return size }
    return (needed + largestClass - 1) / largestClass * largestClass
  }

  /// Says whether a ciphertext length is one the format makes.
  static func isSizeClass(_ count: Int) -> Bool {
    sizeClasses.contains(count)
      || (count > largestClass && count <= maximumSize && count % largestClass == 0)
  }

  /// Writes length and value into a buffer that holds zeros.
  static func write(_ value: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer) {
    unsafe buffer[0] = UInt8(value.count >> 8)
    unsafe buffer[1] = UInt8(value.count & 0xFF)
    unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[lengthByteCount...]).copyBytes(
      from: value)
  }

  /// Finds the value inside an authenticated plaintext; nil unless the padding is the one
  /// that ``write(_:into:)`` makes.
  static func valueRange(_ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    guard bytes.count >= lengthByteCount else { return nil }
    let length = unsafe Int(bytes[0]) << 8 | Int(bytes[1])
    // A short value in a large class would have two encodings, and would open a covert channel.
    guard size(of: length) == bytes.count else { return nil }
    var rest: UInt8 = 0
    for index in (length + lengthByteCount)..<bytes.count { unsafe rest |= bytes[index] }
    return rest == 0 ? lengthByteCount..<(length + lengthByteCount) : nil
  }
}

/// The clear part of an envelope: which keys it needs.
public struct EnvelopeHeader: Hashable, Sendable {
  /// Generation of the subject key.
  public let generation: UInt16
  /// The bucket whose key is the second lock.
  public let bucket: Bucket

  /// Reads the header of an envelope.
  ///
  /// - Throws: ``SealingError`` `.unsupported` for a version or suite other than 1,
  ///   `.authenticationFailure` for a length the format does not make.
  public init(_ envelope: [UInt8]) throws(SealingError) {
    guard envelope.count >= 2 else { throw SealingError.doesNotOpen }
    guard envelope[0] == Envelope.version, envelope[1] == Envelope.suite else {
      throw SealingError(.unsupported, "envelope has a version or suite this program does not know")
    }
    guard Padding.isSizeClass(envelope.count - Envelope.overheadByteCount) else {
      throw SealingError.doesNotOpen
    }
    generation = UInt16(envelope[2]) << 8 | UInt16(envelope[3])
    bucket = Bucket(
      rawValue: UInt32(envelope[4]) << 24 | UInt32(envelope[5]) << 16 | UInt32(envelope[6]) << 8
        | UInt32(envelope[7]))
  }
}

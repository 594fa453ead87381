/// The random 16 bytes that name a vault; part of every salt and of every associated data.
public struct VaultID: Hashable, Sendable {
  /// Length in bytes.
  public static let byteCount = 16
  /// The 16 bytes.
  public let rawBytes: [UInt8]

  /// Takes 16 bytes.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for another length.
  public init(rawBytes: [UInt8]) throws(SealingError) {
    guard rawBytes.count == Self.byteCount else {
      throw SealingError(.invalidLength, "a vault id has 16 bytes")
    }
    self.rawBytes = rawBytes
  }
}

/// The random 16 bytes that name a subject inside the vault; never shown outside.
public struct SubjectID: Hashable, Sendable {
  /// Length in bytes.
  public static let byteCount = 16
  /// The 16 bytes.
  public let rawBytes: [UInt8]

  /// Takes 16 bytes.
  ///
  /// - Throws: ``SealingError`` `.invalidLength` for another length.
  public init(rawBytes: [UInt8]) throws(SealingError) {
    guard rawBytes.count == Self.byteCount else {
      throw SealingError(.invalidLength, "a subject id has 16 bytes")
    }
    self.rawBytes = rawBytes
  }
}

/// Names the second lock of a value: its retention class and its day of collection.
public struct Bucket: Hashable, Comparable, Sendable {
  /// Largest day number; 24 bits.
  public static let maximumDay: UInt32 = 0xFF_FFFF
  /// The bucket of data without a fixed term.
  public static let permanent = Bucket(retentionClass: 0, day: 0)

  /// Number of the retention class, 0…255.
  public let retentionClass: UInt8
  /// Day of collection in days since 1970-01-01; 0 for data without a fixed term.
  public let day: UInt32

  /// Creates a bucket; a day above ``maximumDay`` is a programmer's error.
  public init(retentionClass: UInt8, day: UInt32) {
    precondition(day <= Self.maximumDay, "bucket day out of range")
    self.retentionClass = retentionClass
    self.day = day
  }

  /// Reads the form of the envelope header: class in the top 8 bits, day in the rest.
  public init(rawValue: UInt32) {
    self.init(retentionClass: UInt8(rawValue >> 24), day: rawValue & Self.maximumDay)
  }

  /// The form of the envelope header.
  public var rawValue: UInt32 { UInt32(retentionClass) << 24 | day }

  /// Orders by class, then by day.
  public static func < (left: Bucket, right: Bucket) -> Bool { left.rawValue < right.rawValue }
}

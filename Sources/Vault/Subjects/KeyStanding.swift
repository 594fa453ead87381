internal import Keyring
internal import Sealing

/// What the keyring says of a key that is asked for and not made.
enum KeyStanding {
  case live, destroyed, unknown

  /// Uses a key to learn how it stands.
  ///
  /// - Throws: Whatever else went wrong: that tells nothing about the key.
  init(_ use: () throws -> Void) throws {
    do {
      try use()
      self = .live
    } catch let error as KeyringError where error.code == .keyDestroyed {
      self = .destroyed
    } catch let error as KeyringError where error.code == .unknownKey {
      self = .unknown
    }
  }
}

extension Keyring {
  /// Whether a bucket had a key that is destroyed.
  func isDestroyed(_ bucket: Bucket) throws -> Bool {
    try KeyStanding { try withBucketKey(bucket, createIfMissing: false) { _ in } } == .destroyed
  }

  /// Whether any index key of a generation exists or existed.
  func isUsed(indexGeneration generation: UInt32) throws -> Bool {
    let fields = [MatchCodes.externalIDField] + IdentifierKind.allCases.map(\.number)
    return try fields.contains { field in
      try KeyStanding {
        try withIndexKey(field: field, generation: generation, createIfMissing: false) { _ in }
      } != .unknown
    }
  }
}

public import Sealing
internal import Synchronization

/// Keys are lent, never given away; bodies run outside the keyring's lock and may nest.
extension Keyring {
  /// Makes fresh subject keys; they are durable on return.
  ///
  /// - Parameter count: 1…``maximumCreateCount``; a large batch shares the writes of its nodes.
  /// - Returns: The leaves of the keys, to be kept with the subjects. Leaves are never reused.
  /// - Throws: ``KeyringError`` `.limit`, `.storage` or `.corrupt`.
  public func createSubjectKeys(count: Int) throws -> Range<Int64> {
    guard (1...Self.maximumCreateCount).contains(count) else {
      throw KeyringError(
        .limit, "subject keys are made 1 to \(Self.maximumCreateCount) at a time, not \(count)")
    }
    return try state.withLock { state in
      try Self.writing(&state, store, environment) { tree, rows in
        var rewrite = try TreeRewrite(tree)
        let leaves = try tree.allocate(.subjects, count: Int64(count), &rewrite, rows)
        try Self.finish(&tree, rewrite, rows)
        return leaves
      }
    }
  }

  /// Lends a subject key CK.
  ///
  /// - Throws: ``KeyringError`` `.keyDestroyed` for an erased key, `.unknownKey` for a leaf never
  ///   handed out; whatever the body throws.
  public func withSubjectKey<R: ~Copyable>(
    _ leaf: Int64, _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    let key = try fetch(
      cached: { try $0.cachedKey(.subjects, leaf) },
      stored: { tree, rows in try tree.key(.subjects, leaf, rows) })
    return try body(key.bytes)
  }

  /// Lends many subject keys, one after the other.
  ///
  /// Asks only once per ``lendingBatchCount`` keys whether another process has committed, which is
  /// most of the cost of lending a single key. An erasure by another process is noticed at the next
  /// batch.
  ///
  /// - Parameters:
  ///   - leaves: Leaves in any order; sorted ones open the fewest nodes.
  ///   - body: Uses a key; given its leaf.
  /// - Throws: ``KeyringError`` `.keyDestroyed` or `.unknownKey` for the first such leaf of a
  ///   batch, before the body sees a key of that batch; whatever the body throws.
  public func withSubjectKeys(
    _ leaves: some Collection<Int64>, _ body: (Int64, borrowing SecretBytes) throws -> Void
  ) throws {
    var rest = leaves[...]
    while !rest.isEmpty {
      let batch = Array(rest.prefix(Self.lendingBatchCount))
      rest = rest.dropFirst(batch.count)
      let keys = try state.withLock { state in
        try Self.reading(&state, store, environment) { tree, rows in
          try batch.map { try tree.key(.subjects, $0, rows) }
        }
      }
      for (leaf, key) in zip(batch, keys) { try body(leaf, key.bytes) }
    }
  }

  /// Makes the keys of buckets that never had one, all in one durable write.
  ///
  /// - Parameter buckets: Any buckets; those with a key, live or destroyed, are left as they are.
  /// - Throws: ``KeyringError`` `.limit`, `.storage` or `.corrupt`.
  public func createBucketKeys(_ buckets: Set<Bucket>) throws {
    try state.withLock { state in
      let isComplete = try Self.reading(&state, store, environment) { tree, rows in
        try buckets.allSatisfy { bucket in
          let name = DirectoryName.bucket(bucket)
          return try tree.directory[name] != nil || rows.directoryEntry(name) != nil
        }
      }
      guard !isComplete else { return }
      try Self.writing(&state, store, environment) { tree, rows in
        for bucket in buckets.sorted() where try rows.directoryEntry(.bucket(bucket)) == nil {
          _ = try Self.createDirectoryKey(.bucket(bucket), &tree, rows)
        }
      }
    }
  }

  /// Lends a bucket key BK, checked against its commitment.
  ///
  /// - Parameters:
  ///   - bucket: Retention class and day of collection.
  ///   - createIfMissing: Whether to make the key of a bucket that never had one.
  ///   - body: Uses the key.
  /// - Returns: What the body returns.
  /// - Throws: ``KeyringError`` `.keyDestroyed` for an expired bucket, also when `createIfMissing`;
  ///   `.unknownKey` for a bucket that never had a key; whatever the body throws.
  public func withBucketKey<R: ~Copyable>(
    _ bucket: Bucket, createIfMissing: Bool, _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    try body(directoryKey(.bucket(bucket), createIfMissing).bytes)
  }

  /// Lends the key DK of a pseudonymisation domain in one of its epochs.
  ///
  /// - Parameters:
  ///   - domain: Number of the domain.
  ///   - epoch: Epoch of the domain.
  ///   - createIfMissing: Whether to make a key that never existed.
  ///   - body: Uses the key.
  /// - Returns: What the body returns.
  /// - Throws: As ``withBucketKey(_:createIfMissing:_:)``.
  public func withDomainKey<R: ~Copyable>(
    domain: UInt16, epoch: UInt32, createIfMissing: Bool,
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    let name = DirectoryName.domain(DomainEpoch(domain: domain, epoch: epoch))
    return try body(directoryKey(name, createIfMissing).bytes)
  }

  /// Lends the key of one field of the match index.
  ///
  /// - Parameters:
  ///   - field: Number of the field.
  ///   - generation: Generation of the index.
  ///   - createIfMissing: Whether to make a key that never existed.
  ///   - body: Uses the key.
  /// - Returns: What the body returns.
  /// - Throws: As ``withBucketKey(_:createIfMissing:_:)``.
  public func withIndexKey<R: ~Copyable>(
    field: UInt16, generation: UInt32, createIfMissing: Bool,
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    let name = DirectoryName.index(IndexGeneration(field: field, generation: generation))
    return try body(directoryKey(name, createIfMissing).bytes)
  }

  /// Lends the key of the suppression list.
  public func withSuppressionKey<R: ~Copyable>(
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    try body(rootKey(RootSlot.suppression).bytes)
  }

  /// Lends the key that authenticates references in the log.
  public func withLedgerKey<R: ~Copyable>(
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    try body(rootKey(RootSlot.ledger).bytes)
  }

  /// Lends the Ed25519 key that signs exports and certificates.
  public func withExportSigningKey<R: ~Copyable>(
    _ body: (borrowing SigningKey) throws -> R
  ) throws -> R {
    try body(SigningKey(seed: rootKey(RootSlot.exportSigning).bytes))
  }

  /// Lends the log-signing seed, for note keys that carry their own name.
  public func withLogSigningSeed<R: ~Copyable>(
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    try body(rootKey(RootSlot.logSigning).bytes)
  }

  /// Lends the export-signing seed, for note keys that carry their own name.
  public func withExportSigningSeed<R: ~Copyable>(
    _ body: (borrowing SecretBytes) throws -> R
  ) throws -> R {
    try body(rootKey(RootSlot.exportSigning).bytes)
  }

  /// Lends the Ed25519 key that signs the log's checkpoints.
  public func withLogSigningKey<R: ~Copyable>(
    _ body: (borrowing SigningKey) throws -> R
  ) throws -> R {
    try body(SigningKey(seed: rootKey(RootSlot.logSigning).bytes))
  }
}

extension Keyring {
  private func rootKey(_ slot: Int) throws -> HeldKey {
    try fetch(
      cached: { try $0.rootKey(inSlot: slot) },
      stored: { tree, _ in try tree.rootKey(inSlot: slot) })
  }

  private func directoryKey(_ name: DirectoryName, _ createIfMissing: Bool) throws -> HeldKey {
    do {
      return try fetch(
        cached: { $0.directory[name] },
        stored: { tree, rows in try tree.directoryKey(name, rows) })
    } catch let error as KeyringError where error.code == .unknownKey && createIfMissing {
      return try state.withLock { state in
        try Self.writing(&state, store, environment) { tree, rows in
          // Another thread or process may have made it since.
          if try rows.directoryEntry(name) != nil { return try tree.directoryKey(name, rows) }
          return try Self.createDirectoryKey(name, &tree, rows)
        }
      }
    }
  }

  private static func createDirectoryKey(
    _ name: DirectoryName, _ tree: inout KeyTree, _ rows: KeyStoreRows
  ) throws -> HeldKey {
    var rewrite = try TreeRewrite(tree)
    let leaf = try tree.allocate(name.subtree, count: 1, &rewrite, rows).lowerBound
    let key = try tree.key(name.subtree, leaf, rows)
    try rows.insertDirectoryEntry(
      name, leaf: leaf, commitment: name.commitment(to: key, vault: tree.vault))
    try finish(&tree, rewrite, rows)
    return key
  }

  /// Ends a change of the tree within the epoch.
  static func finish(
    _ tree: inout KeyTree, _ rewrite: consuming TreeRewrite, _ rows: KeyStoreRows
  ) throws {
    _ = try tree.finish(rewrite, epoch: tree.meta.epoch, rootKey: tree.rootKey, rows)
  }
}

extension KeyTree {
  /// Fetches a bucket, domain or index key and checks its commitment in constant time.
  mutating func directoryKey(_ name: DirectoryName, _ rows: KeyStoreRows) throws -> HeldKey {
    if let key = directory[name] { return key }
    guard let entry = try rows.directoryEntry(name) else {
      throw KeyringError(.unknownKey, "\(name) never had a key")
    }
    guard !entry.isDestroyed else {
      throw KeyringError(.keyDestroyed, "the key of \(name) was destroyed")
    }
    let key = try key(name.subtree, entry.leaf, rows)
    let expected = try name.commitment(to: key, vault: vault)
    guard ConstantTime.isEqual(expected, entry.commitment) else {
      throw KeyringError(.corrupt, "the key of \(name) does not match its commitment")
    }
    if directory.count >= Self.directoryLimit { directory.removeAll() }
    directory[name] = key
    return key
  }
}

extension DirectoryName: CustomStringConvertible {
  /// The name in the form used by messages.
  var description: String {
    switch self {
    case .bucket(let bucket): "bucket \(bucket.retentionClass)/\(bucket.day)"
    case .domain(let name): "domain \(name.domain)/\(name.epoch)"
    case .index(let name): "index key \(name.field)/\(name.generation)"
    }
  }
}

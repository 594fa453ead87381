internal import Sealing

/// The opened view of the key tree at one commit: what one process may use until another commits.
struct KeyTree: Sendable {
  let random: any RandomSource
  var meta: KeyStoreMeta
  var counters: [LeafCounter]
  /// RK of the epoch in ``meta``.
  var rootKey: HeldKey
  var root: HeldNode
  var nodes = NodeCache()
  /// Keys of buckets, domains and indexes whose commitment was checked.
  var directory: [DirectoryName: HeldKey] = [:]

  /// Most keys kept in ``directory``; 32 bytes each of the 4 MiB of locked memory.
  static let directoryLimit = 2048

  var vault: VaultID { meta.vault }

  /// Opens the root of a key store under the epoch it names.
  ///
  /// - Parameters:
  ///   - rows: Access to the key store.
  ///   - unsealKey: UK.
  ///   - epochs: The live epochs of the slot, ascending.
  ///   - random: Source of keys and nonces for changes.
  /// - Throws: ``KeyringError`` `.rollback`, `.sealed` or `.corrupt`.
  init(
    rows: KeyStoreRows, unsealKey: HeldKey, epochs: [EpochSecret], random: any RandomSource
  ) throws {
    let meta = try rows.meta()
    guard let oldest = epochs.first else {
      throw KeyringError(
        .sealed, "the epoch slot holds no epoch; without it nothing of this vault can be opened")
    }
    guard meta.epoch >= oldest.epoch else {
      throw KeyringError(
        .rollback,
        "the key store is of epoch \(meta.epoch), the slot's oldest is \(oldest.epoch): "
          + "an old copy was put back; use the current key store")
    }
    if let newest = epochs.last, newest.epoch < meta.epoch {
      throw KeyringError(
        .rollback,
        "the epoch slot's newest epoch is \(newest.epoch), the key store is of epoch "
          + "\(meta.epoch): an old slot was put back, which no copy may be made of; without the "
          + "current slot nothing of this vault can be opened")
    }
    guard let epoch = epochs.first(where: { $0.epoch == meta.epoch }) else {
      throw KeyringError(
        .sealed,
        "the epoch slot does not hold epoch \(meta.epoch) of the key store; is it the right slot?")
    }
    guard let blob = try rows.node(.root) else {
      throw KeyringError(.corrupt, "the key store has no root node")
    }
    rootKey = try RootKey.derive(unsealKey: unsealKey, epoch: epoch, vault: meta.vault)
    root = try Self.openRoot(blob, meta.vault, rootKey)
    guard root.version == meta.generation else {
      throw KeyringError(
        .corrupt, "the root node is of generation \(root.version), not \(meta.generation)")
    }
    counters = try rows.counters()
    self.meta = meta
    self.random = random
  }

  private static func openRoot(
    _ blob: [UInt8], _ vault: VaultID, _ key: HeldKey
  ) throws -> HeldNode {
    do {
      return try NodeBlob.open(blob, at: .root, vault: vault, key: key.bytes)
    } catch let error as KeyringError where error.code == .corrupt {
      // One answer for a wrong passphrase, a wrong key and an altered root: no oracle.
      throw KeyringError(
        .sealed, "the root node does not open: wrong unseal key, wrong slot or altered key store")
    }
  }
}

extension KeyTree {
  /// Takes a key out of the cached nodes; nil when its leaf node is not cached.
  ///
  /// - Throws: ``KeyringError`` `.unknownKey` or `.keyDestroyed`.
  func cachedKey(_ subtree: Subtree, _ leaf: Int64) throws -> HeldKey? {
    try requireKnown(subtree, leaf)
    let address = NodeAddress(subtree, height: 0, above: leaf)
    return try nodes[address].map { try key(in: $0, at: address, leaf) }
  }

  /// Fetches a key, opening the nodes on its path.
  mutating func key(_ subtree: Subtree, _ leaf: Int64, _ rows: KeyStoreRows) throws -> HeldKey {
    try requireKnown(subtree, leaf)
    let node = try leafNode(subtree, leaf, rows)
    return try key(in: node, at: NodeAddress(subtree, height: 0, above: leaf), leaf)
  }

  /// Says whether a leaf is punctured.
  mutating func isDestroyed(
    _ subtree: Subtree, _ leaf: Int64, _ rows: KeyStoreRows
  ) throws -> Bool {
    try requireKnown(subtree, leaf)
    let address = NodeAddress(subtree, height: 0, above: leaf)
    return try leafNode(subtree, leaf, rows).keys.isEmpty(address.slot(toward: leaf))
  }

  /// Copies one of the single keys out of the root node.
  func rootKey(inSlot slot: Int) throws -> HeldKey {
    guard let key = try root.keys.key(slot) else {
      throw KeyringError(.corrupt, "root slot \(slot) is empty")
    }
    return key
  }

  /// Height of the top node of a subtree.
  func topHeight(_ subtree: Subtree) -> UInt8 {
    NodeAddress.topHeight(leafCount: counters[subtree.rootSlot].next)
  }

  /// Refuses a leaf that was never handed out.
  func requireKnown(_ subtree: Subtree, _ leaf: Int64) throws {
    guard leaf >= 0, leaf < counters[subtree.rootSlot].next else {
      throw KeyringError(.unknownKey, "leaf \(leaf) of the \(subtree) was never handed out")
    }
  }

  private func key(in node: HeldNode, at address: NodeAddress, _ leaf: Int64) throws -> HeldKey {
    guard let key = try node.keys.key(address.slot(toward: leaf)) else {
      throw KeyringError(.keyDestroyed, "the key in leaf \(leaf) was destroyed")
    }
    return key
  }

  private mutating func leafNode(
    _ subtree: Subtree, _ leaf: Int64, _ rows: KeyStoreRows
  ) throws -> HeldNode {
    var address = NodeAddress(subtree, height: topHeight(subtree), above: leaf)
    let bottom = NodeAddress(subtree, height: 0, above: leaf)
    if let node = nodes[bottom] { return node }
    var childKey = try root.keys.key(subtree.rootSlot)
    while true {
      let node = try node(at: address, key: childKey, rows)
      guard let child = address.child(toward: leaf) else { return node }
      childKey = nodes[child] == nil ? try node.keys.key(address.slot(toward: leaf)) : nil
      address = child
    }
  }

  /// Fetches a node from the cache, or opens it under its parent's key.
  mutating func node(
    at address: NodeAddress, key: HeldKey?, _ rows: KeyStoreRows
  ) throws -> HeldNode {
    if let node = nodes[address] { return node }
    guard let key, let blob = try rows.node(address) else {
      throw KeyringError(.corrupt, "node `\(address)` is missing")
    }
    let node = try NodeBlob.open(blob, at: address, vault: vault, key: key.bytes)
    nodes.insert(node, at: address)
    return node
  }
}

internal import Sealing

/// What happens to the leaves of a rewrite.
enum LeafEdit {
  /// Unused slots get fresh keys.
  case fill
  /// Slots are zeroed: their keys are gone once the epoch ends.
  case puncture
}

/// A rewrite of the tree under way: the changed root and what was counted.
struct TreeRewrite: ~Copyable {
  var root: NodeKeys
  /// Nodes sealed anew, without the root.
  var nodeCount = 0
  /// Keys destroyed.
  var puncturedCount = 0

  init(_ tree: KeyTree) throws {
    root = try tree.root.keys.copy()
  }
}

/// Every change goes through here: each node on a changed path gets a fresh key, so that an older
/// version of it never opens again, and its parent's slot is set to that key.
extension KeyTree {
  /// Hands out the next leaves of a subtree and fills them with fresh keys.
  mutating func allocate(
    _ subtree: Subtree, count: Int64, _ rewrite: inout TreeRewrite, _ rows: KeyStoreRows
  ) throws -> Range<Int64> {
    let first = counters[subtree.rootSlot].next
    let (end, overflow) = first.addingReportingOverflow(count)
    guard !overflow, end <= NodeAddress.maximumLeafCount else {
      throw KeyringError(.limit, "the tree of the \(subtree) has no room for \(count) more keys")
    }
    try grow(subtree, toLeafCount: end, &rewrite, rows)
    counters[subtree.rootSlot].next = end
    try apply(.fill, subtree, Array(first..<end), &rewrite, rows)
    try rows.setCounter(subtree, counters[subtree.rootSlot])
    return first..<end
  }

  /// Destroys the keys of leaves; sorted, without duplicates.
  ///
  /// Leaves punctured before are passed over, and nodes with nothing else are left as they are.
  ///
  /// - Returns: Number of keys destroyed.
  /// - Throws: ``KeyringError`` `.unknownKey` for a leaf never handed out.
  @discardableResult
  mutating func puncture(
    _ subtree: Subtree, _ leaves: [Int64], _ rewrite: inout TreeRewrite, _ rows: KeyStoreRows
  ) throws -> Int {
    guard !leaves.isEmpty else { return 0 }
    for leaf in leaves { try requireKnown(subtree, leaf) }
    let before = rewrite.puncturedCount
    try apply(.puncture, subtree, leaves, &rewrite, rows)
    let count = rewrite.puncturedCount - before
    counters[subtree.rootSlot].destroyed += Int64(count)
    try rows.setCounter(subtree, counters[subtree.rootSlot])
    return count
  }

  /// Seals the changed root and records the commit's generation and epoch.
  ///
  /// - Returns: The sealed root node.
  mutating func finish(
    _ rewrite: consuming TreeRewrite, epoch: UInt64, rootKey: HeldKey, _ rows: KeyStoreRows
  ) throws -> [UInt8] {
    let generation = meta.generation + 1
    let blob = try NodeBlob.seal(
      rewrite.root, at: .root, version: generation, vault: vault, key: rootKey.bytes,
      random: random)
    try rows.setNode(.root, blob)
    try rows.setGeneration(generation, epoch: epoch)
    meta.generation = generation
    meta.epoch = epoch
    self.rootKey = rootKey
    root = HeldNode(rewrite.root, version: generation)
    return blob
  }
}

extension KeyTree {
  private mutating func grow(
    _ subtree: Subtree, toLeafCount end: Int64, _ rewrite: inout TreeRewrite,
    _ rows: KeyStoreRows
  ) throws {
    var height = topHeight(subtree)
    while height < NodeAddress.topHeight(leafCount: end) {
      guard let oldTop = try rewrite.root.key(subtree.rootSlot) else {
        throw KeyringError(.corrupt, "the tree of the \(subtree) has no top node")
      }
      height += 1
      var keys = try NodeKeys()
      keys.set(0, to: oldTop)
      let top = NodeAddress(subtree, height: height, above: 0)
      rewrite.root.set(subtree.rootSlot, to: try seal(keys, at: top, version: 1, rows))
      rewrite.nodeCount += 1
    }
  }

  private mutating func apply(
    _ edit: LeafEdit, _ subtree: Subtree, _ leaves: [Int64], _ rewrite: inout TreeRewrite,
    _ rows: KeyStoreRows
  ) throws {
    let top = NodeAddress(subtree, height: topHeight(subtree), above: 0)
    let key = try rewrite.root.key(subtree.rootSlot)
    if let fresh = try rewriteNode(top, key, edit, leaves[...], &rewrite, rows) {
      rewrite.root.set(subtree.rootSlot, to: fresh)
    }
  }

  /// Rewrites a node and everything below it on the way to the leaves.
  ///
  /// Only the nodes of one path are open at a time, so a batch of any size fits into locked
  /// memory.
  ///
  /// - Returns: The node's fresh key; nil when there was nothing to change.
  private mutating func rewriteNode(
    _ address: NodeAddress, _ key: HeldKey?, _ edit: LeafEdit, _ leaves: ArraySlice<Int64>,
    _ rewrite: inout TreeRewrite, _ rows: KeyStoreRows
  ) throws -> HeldKey? {
    // A slot without a key means that the node does not exist yet; only filling may create one.
    if key == nil, edit == .puncture {
      throw KeyringError(.corrupt, "node `\(address)` is missing")
    }
    let old = try key.map { try node(at: address, key: $0, rows) }
    var keys = try old?.keys.copy() ?? NodeKeys()
    var isChanged = false
    var rest = leaves
    while let leaf = rest.first {
      let slot = address.slot(toward: leaf)
      guard let child = address.child(toward: leaf) else {
        isChanged = try editLeaves(edit, rest, at: address, &keys, &rewrite)
        break
      }
      let end = rest.firstIndex { address.slot(toward: $0) != slot } ?? rest.endIndex
      if let fresh = try rewriteNode(child, keys.key(slot), edit, rest[..<end], &rewrite, rows) {
        keys.set(slot, to: fresh)
        isChanged = true
      }
      rest = rest[end...]
    }
    guard isChanged else { return nil }
    rewrite.nodeCount += 1
    return try seal(keys, at: address, version: (old?.version ?? 0) + 1, rows)
  }

  /// - Returns: Whether any slot has changed.
  private func editLeaves(
    _ edit: LeafEdit, _ leaves: ArraySlice<Int64>, at address: NodeAddress,
    _ keys: inout NodeKeys, _ rewrite: inout TreeRewrite
  ) throws -> Bool {
    let slots = leaves.map { address.slot(toward: $0) }
    switch edit {
    case .puncture:
      let before = rewrite.puncturedCount
      for slot in slots where !keys.isEmpty(slot) {
        keys.puncture(slot)
        rewrite.puncturedCount += 1
      }
      return rewrite.puncturedCount > before
    case .fill:
      guard let first = slots.first, let last = slots.last else { return false }
      for slot in slots where !keys.isEmpty(slot) {
        throw KeyringError(
          .corrupt, "slot \(slot) of node `\(address)` is taken; the leaf counter was set back")
      }
      // Leaves are handed out in order, so the slots follow each other.
      try keys.fill(first..<last + 1, from: random)
      return true
    }
  }

  private mutating func seal(
    _ keys: consuming NodeKeys, at address: NodeAddress, version: UInt64, _ rows: KeyStoreRows
  ) throws -> HeldKey {
    let key = try HeldKey(randomFrom: random)
    let blob = try NodeBlob.seal(
      keys, at: address, version: version, vault: vault, key: key.bytes, random: random)
    try rows.setNode(address, blob)
    nodes.insert(HeldNode(keys, version: version), at: address)
    return key
  }
}

internal import Sealing

extension KeyTree {
  /// Writes the tree of a new vault: an empty top node per subtree, random keys in all other root
  /// slots, and the root sealed under the first epoch.
  static func plant(
    _ meta: KeyStoreMeta, _ rootKey: HeldKey, _ rows: KeyStoreRows, _ random: any RandomSource
  ) throws {
    try rows.insert(meta)
    var root = try NodeKeys()
    try root.fill(RootSlot.suppression..<NodeAddress.fanOut, from: random)
    for subtree in Subtree.allCases {
      let top = NodeAddress(subtree, height: 0, above: 0)
      let key = try HeldKey(randomFrom: random)
      let blob = try NodeBlob.seal(
        NodeKeys(), at: top, version: 1, vault: meta.vault, key: key.bytes, random: random)
      try rows.setNode(top, blob)
      root.set(subtree.rootSlot, to: key)
    }
    let blob = try NodeBlob.seal(
      root, at: .root, version: meta.generation, vault: meta.vault, key: rootKey.bytes,
      random: random)
    try rows.setNode(.root, blob)
  }
}

public import Sealing
internal import Synchronization

extension Keyring {
  /// Seals the root under another unseal key; nothing else is touched.
  ///
  /// This erases nothing: a copy of the key store from before opens with the old unseal key as long
  /// as its epoch lives. End the epoch as well when the old key may be known to somebody.
  ///
  /// - Parameters:
  ///   - unsealKey: The new key, of any kind.
  ///   - scrypt: Parameters for a passphrase.
  /// - Throws: ``KeyringError`` `.demoKey`, `.weakParameters`, `.permission`, `.storage`; the old
  ///   key stays in force then.
  public func rotateUnseal(
    to unsealKey: borrowing UnsealKey, scrypt: Scrypt.Parameters = .standard
  ) throws {
    let directory = FilePlace.parent(of: store.path)
    if let path = unsealKey.path, FilePlace.isInside(path, directory: directory) {
      throw KeyringError(
        .permission, "unseal key `\(path)` lies inside the vault directory; move it out")
    }
    let isDemo = try store.read { try $0.meta().isDemo }
    let (key, record) = try unsealKey.enroll(scrypt, isDemo: isDemo, random: environment.random)
    try state.withLock { state in
      try Self.writing(&state, store, environment) { tree, rows in
        let epoch = tree.meta.epoch
        guard let secret = try environment.slot.read().first(where: { $0.epoch == epoch }) else {
          throw KeyringError(.sealed, "the epoch slot does not hold epoch \(epoch)")
        }
        let rootKey = try RootKey.derive(unsealKey: key, epoch: secret, vault: tree.vault)
        try rows.setUnseal(record)
        tree.meta.unseal = record
        let rewrite = try TreeRewrite(tree)
        _ = try tree.finish(rewrite, epoch: epoch, rootKey: rootKey, rows)
      }
      state.unsealKey = key
    }
    // The old root, sealed under the old key, is in the log until then.
    _ = try store.truncateLog()
  }
}

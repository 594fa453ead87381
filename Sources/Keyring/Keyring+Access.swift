internal import Sealing
internal import Synchronization

/// How the keyring reaches the tree: which state it may trust, and for how long.
extension Keyring {
  /// How often a reader starts over because another process ended the epoch meanwhile.
  static let loadAttempts = 4

  /// Fetches a key, from the opened nodes if no other process has committed since.
  func fetch(
    cached: (KeyTree) throws -> HeldKey?,
    stored: (inout KeyTree, KeyStoreRows) throws -> HeldKey
  ) throws -> HeldKey {
    try state.withLock { state in
      let hit = try store.run { rows -> HeldKey? in
        guard let tree = state.tree, try rows.dataVersion() == state.dataVersion else { return nil }
        return try cached(tree)
      }
      if let hit { return hit }
      return try Self.reading(&state, store, environment, stored)
    }
  }

  /// Runs a body on the tree as one state of the file shows it.
  static func reading<T>(
    _ state: inout State, _ store: KeyStore, _ environment: Environment,
    _ body: (inout KeyTree, KeyStoreRows) throws -> T
  ) throws -> T {
    var attempt = 1
    while true {
      do {
        return try store.read { rows in
          var tree = try takeCurrent(&state, rows, environment)
          defer { state.tree = tree }
          return try body(&tree, rows)
        }
      } catch let error as KeyringError where error.code == .rollback && attempt < loadAttempts {
        // Between reading the file and reading the slot another process may have ended the epoch.
        attempt += 1
      }
    }
  }

  /// Runs a change of the tree under the write lock; the tree is trusted again once it is durable.
  static func writing<T>(
    _ state: inout State, _ store: KeyStore, _ environment: Environment,
    _ body: (inout KeyTree, KeyStoreRows) throws -> T
  ) throws -> T {
    var changed: (tree: KeyTree, from: UInt64)?
    let changes = environment.replicas.isEmpty ? nil : ChangeSet()
    let result = try store.write(changes) { rows in
      var tree = try takeCurrent(&state, rows, environment)
      let generation = tree.meta.generation
      let result = try body(&tree, rows)
      changed = (tree, generation)
      return result
    }
    state.tree = changed?.tree
    if let changed, let changes, !changes.isEmpty {
      environment.replicas.follow(changes, from: changed.from, to: changed.tree.meta, of: store)
    }
    return result
  }

  /// Takes the tree out of the state, opened anew if another process has committed since.
  private static func takeCurrent(
    _ state: inout State, _ rows: KeyStoreRows, _ environment: Environment
  ) throws -> KeyTree {
    let version = try rows.dataVersion()
    if let tree = state.tree.take(), version == state.dataVersion { return tree }
    let tree = try KeyTree(
      rows: rows, unsealKey: state.unsealKey, epochs: environment.slot.read(),
      random: environment.random)
    state.dataVersion = version
    return tree
  }

  /// Finishes or drops what an interrupted roll left in the slot.
  ///
  /// Runs under the write lock, since a prepared epoch of a roll in progress elsewhere looks the
  /// same. The root has been opened under the epoch that stays before anything is destroyed. What
  /// waits for a custodian or a copy of the key store waits on; it does not keep the vault shut.
  static func recover(
    _ state: inout State, _ store: KeyStore, _ environment: Environment
  ) throws -> [SlotReceipt] {
    let slot = environment.slot
    environment.replicas.synchronise(with: store)
    let receipts = try writing(&state, store, environment) { tree, _ in
      let current = tree.meta.epoch
      var receipts: [SlotReceipt] = []
      try unlessWaiting {
        try slot.sweep()
        for stray in try slot.read() where stray.epoch > current {
          receipts += try slot.retire(stray.epoch, unixSeconds: environment.now())
        }
      }
      try unlessWaiting {
        guard try slot.read().contains(where: { $0.epoch < current }) else { return }
        try environment.replicas.requireQuorum(holding: current)
        receipts += try endOld(before: current, environment)
      }
      try unlessWaiting { receipts += try retireRested(environment) }
      return receipts
    }
    if !receipts.isEmpty { _ = try store.truncateLog() }
    return receipts
  }

  private static func unlessWaiting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as KeyringError where error.isWaiting {}
  }
}

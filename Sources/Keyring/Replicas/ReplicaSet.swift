internal import Foundation
internal import Sealing
internal import Synchronization

/// Keeps copies of the key store in other directories, only ever the latest.
///
/// An old copy is worth nothing once the epoch has ended, so each commit is repeated on the copies
/// at once. One that missed a commit is replaced as a whole. A copy that cannot be written is
/// named, never waited for; but no epoch secret is destroyed while fewer than the quorum are
/// current.
final class ReplicaSet: Sendable {
  static let fileName = "keys.sqlite"

  private let directories: [String]
  let quorum: Int
  private let stores = Mutex<[String: KeyStore]>([:])

  init(_ keeping: KeyKeeping = KeyKeeping()) {
    directories = keeping.replicas
    quorum = keeping.quorum
  }

  var isEmpty: Bool { directories.isEmpty }

  /// Refuses copies where a backup of the vault, or a search for the slot, would find them.
  func requireOutside(_ vaultDirectory: String, slot: any EpochSlot) throws {
    for directory in directories {
      guard !FilePlace.isInside(directory, directory: vaultDirectory) else {
        throw KeyringError(
          .permission,
          "replica `\(directory)` lies inside the vault directory, where it dies with it; move it")
      }
      if let place = slot.paths.first(where: { FilePlace.isInside($0, directory: directory) }) {
        throw KeyringError(
          .permission,
          "epoch slot `\(place)` lies beside a copy of the key store; whoever copies one copies "
            + "both, move it")
      }
    }
  }

  /// Repeats a commit on every copy that had the state before it.
  func follow(
    _ changes: ChangeSet, from generation: UInt64, to meta: KeyStoreMeta, of store: KeyStore
  ) {
    for directory in directories {
      let isFollowed = try? replica(directory).repeatCommit(
        changes, vault: meta.vault, from: generation)
      // Whatever is wrong with the copy is found again, and told, by whoever needs it.
      if isFollowed != true { _ = state(of: directory, bringingUpTo: store) }
    }
  }

  /// Brings every copy up to date as far as that is possible.
  @discardableResult
  func synchronise(with store: KeyStore) -> [ReplicaState] {
    directories.map { state(of: $0, bringingUpTo: store) }
  }

  /// Brings the copies up to date.
  ///
  /// - Throws: ``KeyringError`` `.replica` naming those that are not, when they are too many.
  @discardableResult
  func requireQuorum(of store: KeyStore) throws -> [ReplicaState] {
    let states = synchronise(with: store)
    let behind = states.filter { $0.condition != .current }
    guard states.count - behind.count >= quorum else { throw tooFew(behind) }
    return states
  }

  /// Refuses unless enough copies hold an epoch, without writing to any.
  func requireQuorum(holding epoch: UInt64) throws {
    let metas = directories.map { (directory: $0, meta: try? replica($0).read { try $0.meta() }) }
    let behind = metas.filter { ($0.meta?.epoch ?? 0) < epoch }
    guard metas.count - behind.count >= quorum else {
      throw tooFew(
        behind.map {
          ReplicaState(
            directory: $0.directory, condition: $0.meta == nil ? .missing : .lagging,
            epoch: $0.meta?.epoch, generation: $0.meta?.generation, reason: nil)
        })
    }
  }

  /// Refuses a key store that is older than one of its copies.
  func requireNoneAhead(of store: KeyStore, vault: VaultID) throws {
    guard !isEmpty else { return }
    let generation = try store.read { try $0.meta().generation }
    for directory in directories {
      guard let meta = try? replica(directory).read({ try $0.meta() }), meta.vault == vault,
        meta.generation > generation
      else { continue }
      throw KeyringError(
        .rollback,
        "the key store is of generation \(generation), its copy in `\(directory)` of "
          + "\(meta.generation): an old key store was put back; use the copy")
    }
  }

  private func tooFew(_ behind: [ReplicaState]) -> KeyringError {
    let names = behind.map { "`\($0.directory)` (\($0.reason ?? $0.condition.rawValue))" }
    return KeyringError(
      .replica,
      "\(directories.count - behind.count) of \(directories.count) copies of the key store are "
        + "current, \(quorum) are needed before an epoch is destroyed; mend "
        + names.joined(separator: ", "))
  }

  private func replica(_ directory: String) throws -> KeyStore {
    let path = "\(directory)/\(Self.fileName)"
    return try stores.withLock { stores in
      if let store = stores[directory], FileManager.default.fileExists(atPath: path) {
        return store
      }
      stores[directory] = nil
      let store = try KeyStore.open(at: path)
      stores[directory] = store
      return store
    }
  }

  private func state(of directory: String, bringingUpTo store: KeyStore) -> ReplicaState {
    do {
      let meta = try store.read { try $0.meta() }
      if let copy = try? replica(directory).read({ try $0.meta() }) {
        guard copy.vault == meta.vault else {
          return ReplicaState(
            directory: directory, condition: .missing, epoch: nil, generation: nil,
            reason: "holds the keys of another vault")
        }
        guard copy.generation < meta.generation else {
          return ReplicaState(
            directory: directory, condition: .current, epoch: copy.epoch,
            generation: copy.generation, reason: nil)
        }
      }
      stores.withLock { $0[directory] = nil }
      try store.copy(into: directory, as: Self.fileName)
      let copy = try replica(directory).read { try $0.meta() }
      return ReplicaState(
        directory: directory, condition: .current, epoch: copy.epoch, generation: copy.generation,
        reason: nil)
    } catch {
      let copy = try? replica(directory).read { try $0.meta() }
      return ReplicaState(
        directory: directory, condition: copy == nil ? .missing : .lagging, epoch: copy?.epoch,
        generation: copy?.generation,
        reason: (error as? KeyringError)?.message ?? "cannot be written")
    }
  }
}

import Foundation
internal import Keyring

/// A directory that is about to be made, with links resolved.
struct NewPlace {
  /// Where it will be.
  let directory: String
  /// Where it is built; whoever finds it there finds an interrupted attempt.
  var making: String { directory + ".making" }

  /// Names the directory; it must be absent or empty.
  ///
  /// - Throws: ``VaultError`` `.vaultDirectory` when it is taken.
  init(_ path: String) throws {
    directory = Self.resolved(path)
    var isFree = !FileManager.default.fileExists(atPath: directory)
    if !isFree, DurableFiles.isDirectory(directory) {
      isFree = (try? FileManager.default.contentsOfDirectory(atPath: directory).isEmpty) ?? false
    }
    guard isFree else {
      throw VaultError(
        .vaultDirectory, "`\(path)` is not empty; name a new directory or an empty one")
    }
  }

  /// Removes what an interrupted attempt left, and begins anew.
  func begin() throws {
    discard()
    try DurableFiles.makeDirectory(making)
  }

  /// Removes the unfinished directory.
  func discard() {
    try? FileManager.default.removeItem(atPath: making)
  }

  /// Says whether this place is a directory, or lies inside it.
  func isInside(_ other: String) -> Bool { Self.contains(Self.resolved(other), directory) }

  /// Says whether a path lies in this place.
  func holds(_ path: String) -> Bool { Self.contains(directory, Self.resolved(path)) }

  /// The absolute path with links resolved, as far as it exists.
  static func resolved(_ path: String) -> String {
    var existing = URL(fileURLWithPath: path).standardizedFileURL
    var rest: [String] = []
    while !FileManager.default.fileExists(atPath: existing.path), existing.path != "/" {
      rest.insert(existing.lastPathComponent, at: 0)
      existing.deleteLastPathComponent()
    }
    let base = existing.resolvingSymlinksInPath().path
    return rest.reduce(base) { $0 == "/" ? "/" + $1 : $0 + "/" + $1 }
  }

  private static func contains(_ directory: String, _ path: String) -> Bool {
    path == directory || path.hasPrefix(directory == "/" ? "/" : directory + "/")
  }
}

extension Vault {
  /// Names the place of a backup and refuses one where it would lie with what opens it.
  func backupPlace(_ path: String) throws -> NewPlace {
    let resolved = NewPlace.resolved(path)
    for (secret, name) in try secretPlaces() {
      let isBeside = NewPlace.resolved(secret)
      let isHeld = isBeside == resolved || isBeside.hasPrefix(resolved + "/")
      guard !isHeld else {
        throw VaultError(
          .invalidInput,
          "`\(path)` holds \(name) `\(secret)`, which must never lie with a backup; name another "
            + "place")
      }
    }
    let place = try NewPlace(path)
    guard !place.isInside(layout.directory) else {
      throw VaultError(
        .invalidInput,
        "`\(path)` lies inside the vault directory, where it dies with it; name another place")
    }
    for replica in try keyring.status().replicas where place.isInside(replica.directory) {
      throw VaultError(
        .invalidInput,
        "`\(path)` lies beside the copy of the key store in `\(replica.directory)`; name another "
          + "place")
    }
    return place
  }

  private func secretPlaces() throws -> [(path: String, name: String)] {
    var places = keyring.custodians.filter { $0.kind == .file }.map { ($0.name, "the epoch slot") }
    places += settings.slotPlaces.compactMap(\.path).map { ($0, "the epoch slot") }
    if case .file(let path) = settings.unseal { places.append((path, "the unseal key")) }
    places += try keyring.status().replicas.map { ($0.directory, "a copy of the key store") }
    return places
  }
}

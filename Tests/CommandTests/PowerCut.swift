import Foundation

/// A disk that loses what was not synced.
///
/// Data that was written and not synced is there in part: any writes of a file may be missing, and
/// one may be torn between sectors. Names change as in a journal: what is lost of them is lost from
/// the end, and a sync of a directory, or of the file a name was given to, keeps everything before.
struct PowerCut {
  static let sectorByteCount = 512

  private enum Change {
    case write(Int, [UInt8])
    case truncate(Int)
  }

  private final class File {
    var durable: [UInt8]
    var pending: [Change] = []
    var position = 0
    init(_ bytes: [UInt8] = []) { durable = bytes }
  }

  private struct Naming {
    let apply: (inout [String: File]) -> Void
    let file: File?
  }

  private let directory: String
  private var names: [String: File] = [:]
  private var durableNames: [String: File] = [:]
  private var journal: [Naming] = []

  /// Starts with the files below a directory, all of them durable.
  init(_ directory: String) throws {
    self.directory = directory
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
      let path = "\(directory)/\(name)"
      guard let bytes = FileManager.default.contents(atPath: path), !Self.isShared(path) else {
        continue
      }
      names[path] = File([UInt8](bytes))
    }
    durableNames = names
  }

  /// Another disk of the same content, for one on which nothing was done yet.
  func copy() -> PowerCut {
    var other = self
    var copies: [ObjectIdentifier: File] = [:]
    for file in durableNames.values { copies[ObjectIdentifier(file)] = File(file.durable) }
    other.durableNames = durableNames.mapValues { copies[ObjectIdentifier($0)] ?? $0 }
    other.names = other.durableNames
    return other
  }

  /// Memory shared by processes, gone with the power and made anew.
  private static func isShared(_ path: String) -> Bool { path.hasSuffix("-shm") }

  /// Applies one call; what lies outside the directory is no part of the disk.
  mutating func apply(_ act: Trace.Act) {
    switch act {
    case .open(let path, let flags): open(path, flags)
    case .write(let path, let offset, let bytes):
      guard let file = names[path] else { return }
      file.pending.append(.write(offset ?? file.position, bytes))
      file.position = (offset ?? file.position) + bytes.count
    case .truncate(let path, let count): names[path]?.pending.append(.truncate(count))
    case .sync(let path): sync(path)
    case .rename(let path, let final):
      guard let file = names[path] else { return }
      rename(
        Naming(
          apply: { names in
            names[path] = nil
            names[final] = file
          }, file: file))
    case .unlink(let path):
      guard names[path] != nil else { return }
      rename(Naming(apply: { $0[path] = nil }, file: nil))
    }
  }

  private mutating func open(_ path: String, _ flags: String) {
    guard path.hasPrefix(directory + "/"), !Self.isShared(path) else { return }
    if names[path] == nil, flags.contains("O_CREAT") {
      let file = File()
      rename(Naming(apply: { $0[path] = file }, file: file))
    }
    names[path]?.position = 0
    if flags.contains("O_TRUNC") { names[path]?.pending.append(.truncate(0)) }
  }

  private mutating func rename(_ naming: Naming) {
    naming.apply(&names)
    journal.append(naming)
  }

  private mutating func sync(_ path: String) {
    var kept = 0
    if let file = names[path] {
      for change in file.pending { Self.apply(change, to: &file.durable) }
      file.pending = []
      kept = (journal.lastIndex { $0.file === file } ?? -1) + 1
    } else if path == directory || path.hasPrefix(directory + "/") {
      kept = journal.count
    }
    for naming in journal.prefix(kept) { naming.apply(&durableNames) }
    journal.removeFirst(kept)
  }

  private static func apply(_ change: Change, to bytes: inout [UInt8]) {
    switch change {
    case .write(let offset, let new):
      let end = offset + new.count
      if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
      bytes.replaceSubrange(offset..<end, with: new)
    case .truncate(let count):
      if bytes.count > count { bytes.removeLast(bytes.count - count) }
      if bytes.count < count { bytes += [UInt8](repeating: 0, count: count - bytes.count) }
    }
  }

  /// What of the unsynced is there after the cut.
  enum Loss: CaseIterable { case everything, nothing, some }

  /// The files as the next start finds them, by path relative to the directory.
  func image(_ loss: Loss, using dice: inout some RandomNumberGenerator) -> [String: [UInt8]] {
    var found = durableNames
    let kept =
      switch loss {
      case .everything: 0
      case .nothing: journal.count
      case .some: Int.random(in: 0...journal.count, using: &dice)
      }
    for naming in journal.prefix(kept) { naming.apply(&found) }
    var image: [String: [UInt8]] = [:]
    for (path, file) in found {
      var bytes = file.durable
      for change in file.pending {
        switch loss {
        case .everything: break
        case .nothing: Self.apply(change, to: &bytes)
        case .some:
          if let part = Self.part(of: change, &dice) { Self.apply(part, to: &bytes) }
        }
      }
      image[String(path.dropFirst(directory.count + 1))] = bytes
    }
    return image
  }

  private static func part(
    of change: Change, _ dice: inout some RandomNumberGenerator
  ) -> Change? {
    switch (Int.random(in: 0..<4, using: &dice), change) {
    case (0, _): nil
    case (1, .write(let offset, let bytes)):
      .write(offset, Array(bytes.prefix(sectors(of: bytes.count, &dice) * sectorByteCount)))
    default: change
    }
  }

  private static func sectors(
    of byteCount: Int, _ dice: inout some RandomNumberGenerator
  ) -> Int {
    Int.random(in: 0...byteCount / sectorByteCount, using: &dice)
  }
}

public import Sealing

/// Keeps the epoch secret in a small file outside the vault directory.
///
/// The file has two sectors of 4,096 bytes, allocated once. Both are written in place and
/// synced; the file is never replaced by a new one, because a rename leaves the old secret in
/// freed blocks. A file on an SSD or a virtual disk proves no more than ``AssuranceLevel/l1``:
/// the device may have remapped the blocks.
///
/// - SeeAlso: `docs/format.md#epoch-slot`.
public final class FileEpochSlot: EpochSlot {
  /// Length of the file in bytes.
  public static let byteCount = 2 * SlotSector.byteCount

  /// Path of the slot file.
  public let path: String?
  /// Always ``AssuranceLevel/l1``.
  public let assurance = AssuranceLevel.l1

  private let filePath: String
  private let vault: VaultID
  private let random: any RandomSource

  private init(_ path: String, _ vault: VaultID, _ random: any RandomSource) {
    self.path = path
    filePath = path
    self.vault = vault
    self.random = random
  }

  /// Creates the slot file of a new vault, with no epoch in it.
  ///
  /// - Parameters:
  ///   - path: Where; nothing may exist there, and the file system must overwrite in place.
  ///   - vault: The vault the slot belongs to.
  ///   - random: Source of the bytes secrets are overwritten with.
  /// - Returns: The slot, empty.
  /// - Throws: ``KeyringError`` `.storage` or `.permission`.
  public static func create(
    at path: String, vault: VaultID, random: any RandomSource
  ) throws -> FileEpochSlot {
    if let reason = MountTable.current()?.objection(toOverwritingAt: FilePlace.resolved(path)) {
      throw KeyringError(
        .permission,
        "epoch slot `\(path)` would lie on \(reason), which keeps overwritten bytes; "
          + "place it on ext4 or xfs")
    }
    let file = try PosixFile.create(path, purpose: "epoch slot")
    try file.write(SecretBytes(zeroCount: byteCount), at: 0)
    try file.sync()
    try PosixFile.syncDirectory(of: path)
    return FileEpochSlot(path, vault, random)
  }

  /// Opens the slot file of a vault.
  ///
  /// - Parameters:
  ///   - path: The slot file; mode 0600, one name only, not a symbolic link.
  ///   - vault: The vault the slot must belong to.
  ///   - random: Source of the bytes secrets are overwritten with.
  /// - Returns: The slot.
  /// - Throws: ``KeyringError`` `.permission`, `.wrongSlot`, or `.unavailable` when there is no
  ///   file.
  public static func open(
    at path: String, vault: VaultID, random: any RandomSource
  ) throws -> FileEpochSlot {
    let slot = FileEpochSlot(path, vault, random)
    _ = try slot.read()
    return slot
  }

  /// Reads the live epochs in ascending order.
  public func read() throws -> [EpochSecret] {
    let file = try openFile(forWriting: false)
    return try live(in: file).map(\.secret).sorted { $0.epoch < $1.epoch }
  }

  /// Writes the next epoch into the free sector, in place, and syncs it.
  public func prepare(_ next: EpochSecret) throws {
    let file = try openFile(forWriting: true)
    let live = try live(in: file)
    guard !live.contains(where: { $0.secret.epoch == next.epoch }),
      let free = (0..<2).first(where: { sector in !live.contains { $0.sector == sector } })
    else {
      throw KeyringError(.limit, "epoch slot `\(filePath)` has no room for epoch \(next.epoch)")
    }
    try file.write(SlotSector.encode(next, vault: vault), at: free * SlotSector.byteCount)
    try file.sync()
    guard try self.live(in: file).contains(where: { $0.secret.epoch == next.epoch }) else {
      throw KeyringError(.storage, "epoch slot `\(filePath)` does not read back what was written")
    }
  }

  /// Overwrites the sector of an epoch twice and reads it back.
  public func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> SlotReceipt {
    let file = try openFile(forWriting: true)
    let found = try live(in: file).filter { $0.secret.epoch == epoch }
    for entry in found { try overwrite(entry.sector, of: file) }
    return SlotReceipt(
      epoch: epoch, method: found.isEmpty ? .alreadyAbsent : .overwrittenTwice,
      assurance: assurance, unixSeconds: unixSeconds)
  }

  /// Overwrites torn sectors.
  public func sweep() throws {
    let file = try openFile(forWriting: true)
    for sector in 0..<2 {
      if case .torn = try content(sector, of: file) { try overwrite(sector, of: file) }
    }
  }
}

extension FileEpochSlot {
  private func openFile(forWriting: Bool) throws -> PosixFile {
    let file = try PosixFile.open(
      filePath, forWriting: forWriting, followsLinks: false, purpose: "epoch slot")
    try file.requirePrivate(purpose: "epoch slot")
    guard file.status.byteCount == Self.byteCount, file.status.linkCount == 1 else {
      throw KeyringError(
        .wrongSlot, "`\(filePath)` is not an epoch slot: 8,192 bytes under one name are expected")
    }
    try file.lock(exclusively: forWriting)
    return file
  }

  private func content(_ sector: Int, of file: borrowing PosixFile) throws -> SlotSector.Content {
    let bytes = try file.read(SlotSector.byteCount, at: sector * SlotSector.byteCount)
    return try SlotSector.decode(bytes, vault: vault)
  }

  private func live(
    in file: borrowing PosixFile
  ) throws -> [(sector: Int, secret: EpochSecret)] {
    var found: [(sector: Int, secret: EpochSecret)] = []
    for sector in 0..<2 {
      switch try content(sector, of: file) {
      case .live(let secret): found.append((sector, secret))
      case .free, .torn: continue
      case .foreign:
        throw KeyringError(
          .wrongSlot, "epoch slot `\(filePath)` belongs to another vault; name this vault's slot")
      }
    }
    return found
  }

  private func overwrite(_ sector: Int, of file: borrowing PosixFile) throws {
    let offset = sector * SlotSector.byteCount
    try file.write(
      SecretBytes(randomCount: SlotSector.byteCount, from: random), at: offset)
    try file.sync()
    try file.write(SecretBytes(zeroCount: SlotSector.byteCount), at: offset)
    try file.sync()
    guard case .free = try content(sector, of: file) else {
      throw KeyringError(.storage, "epoch slot `\(filePath)` does not read back as overwritten")
    }
  }
}

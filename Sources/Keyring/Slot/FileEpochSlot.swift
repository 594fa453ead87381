public import Sealing

/// Keeps the epoch secret in a small file outside the vault directory.
///
/// The file has a sector of 4,096 bytes for each epoch it can hold, allocated once. All are written
/// in place and synced; the file is never replaced by a new one, because a rename leaves the old
/// secret in freed blocks. A file on an SSD or a virtual disk proves no more than
/// ``AssuranceLevel/l1``: the device may have remapped the blocks. On a file system that is known
/// to keep what is overwritten it proves nothing, ``AssuranceLevel/l0``.
///
/// - SeeAlso: `docs/format.md#epoch-slot`.
public final class FileEpochSlot: EpochSlot {
  /// Sectors for the current epoch and the next.
  static let liveSectorCount = 2
  /// Most epochs that can rest in one file.
  public static let maximumRestingCount = 254
  /// Code of a file system that keeps what is overwritten.
  static let weakFileSystem = "weak_file_system"
  /// Code of every other file: blocks below it may have been remapped.
  static let softwareSlot = "software_slot"

  /// The file as its only custodian.
  public let custodians: [SlotCustodian]
  /// The file.
  public var paths: [String] { [filePath] }

  private let filePath: String
  private let vault: VaultID
  private let random: any RandomSource

  private init(_ path: String, _ vault: VaultID, _ random: any RandomSource) {
    let isWeak = Self.objection(to: path) != nil
    custodians = [
      SlotCustodian(
        name: path, kind: .file, assurance: isWeak ? .l0 : .l1,
        weakness: isWeak ? Self.weakFileSystem : Self.softwareSlot)
    ]
    filePath = path
    self.vault = vault
    self.random = random
  }

  /// Creates the slot file of a new vault, with no epoch in it.
  ///
  /// - Parameters:
  ///   - path: Where; nothing may exist there, and the file system must overwrite in place.
  ///   - vault: The vault the slot belongs to.
  ///   - restingCount: Epochs that can rest; 0…``maximumRestingCount``, 4 KiB each.
  ///   - acceptsWeakPlace: Whether a file system that keeps what is overwritten is taken all the
  ///     same; every destruction is then worth ``AssuranceLevel/l0`` only.
  ///   - random: Source of the bytes secrets are overwritten with.
  /// - Returns: The slot, empty.
  /// - Throws: ``KeyringError`` `.storage`, `.permission` or `.limit`.
  public static func create(
    at path: String, vault: VaultID, restingCount: Int = 0, acceptsWeakPlace: Bool = false,
    random: any RandomSource
  ) throws -> FileEpochSlot {
    guard (0...maximumRestingCount).contains(restingCount) else {
      throw KeyringError(
        .limit, "an epoch slot has room for 0 to \(maximumRestingCount) resting epochs")
    }
    if !acceptsWeakPlace, let reason = objection(to: path) {
      throw KeyringError(
        .permission,
        "epoch slot `\(path)` would lie on \(reason), which keeps overwritten bytes; place it on "
          + "ext4 or xfs, or take it as it is with --accept-weak-slot and certificates of level L0")
    }
    let file = try PosixFile.create(path, purpose: "epoch slot")
    for sector in 0..<liveSectorCount + restingCount {
      try file.write(
        SecretBytes(zeroCount: SlotSector.byteCount), at: sector * SlotSector.byteCount)
    }
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
    return try live(in: file).sorted { $0.epoch < $1.epoch }
  }

  /// Reads the resting epochs in ascending order.
  public func resting() throws -> [RestingEpoch] {
    let file = try openFile(forWriting: false)
    return try sectors(of: file).compactMap { sector in
      guard case .resting(let epoch) = sector.content else { return nil }
      return epoch
    }.sorted { $0.secret.epoch < $1.secret.epoch }
  }

  /// Writes the next epoch into a free sector, in place, and syncs it.
  public func prepare(_ next: EpochSecret) throws {
    let file = try openFile(forWriting: true)
    let sectors = try sectors(of: file)
    let live = sectors.compactMap(\.live)
    guard live.count < Self.liveSectorCount, !live.contains(where: { $0.epoch == next.epoch }),
      let free = sectors.first(where: { $0.isFree })
    else {
      throw KeyringError(.limit, "epoch slot `\(filePath)` has no room for epoch \(next.epoch)")
    }
    try file.write(SlotSector.encode(next, vault: vault), at: free.offset)
    try file.sync()
    guard try self.live(in: file).contains(where: { $0.epoch == next.epoch }) else {
      throw KeyringError(.storage, "epoch slot `\(filePath)` does not read back what was written")
    }
  }

  /// Marks the sector of a live epoch as resting, in place.
  public func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
    let file = try openFile(forWriting: true)
    let sectors = try sectors(of: file)
    guard let entry = sectors.first(where: { $0.live?.epoch == epoch }), let secret = entry.live
    else { return }
    // The next roll needs a free sector for its secret beside the one that stays live.
    guard sectors.contains(where: { $0.isFree }) else {
      throw KeyringError(
        .limit,
        "epoch slot `\(filePath)` has no room for another resting epoch; the erasure goes on when "
          + "the oldest one's window is over")
    }
    let resting = RestingEpoch(secret: secret, untilUnixSeconds: untilUnixSeconds)
    try file.write(SlotSector.encode(resting, vault: vault), at: entry.offset)
    try file.sync()
  }

  /// Overwrites the sector of an epoch twice and reads it back.
  public func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
    let file = try openFile(forWriting: true)
    let found = try sectors(of: file).filter { $0.epoch == epoch }
    for entry in found { try overwrite(at: entry.offset, of: file) }
    return custodians.map {
      SlotReceipt(
        custodian: $0, epoch: epoch, method: found.isEmpty ? .alreadyAbsent : .overwrittenTwice,
        unixSeconds: unixSeconds)
    }
  }

  /// Overwrites torn sectors.
  public func sweep() throws {
    let file = try openFile(forWriting: true)
    for sector in try sectors(of: file) {
      if case .torn = sector.content { try overwrite(at: sector.offset, of: file) }
    }
  }
}

extension FileEpochSlot {
  /// A sector of the file and what it holds.
  private struct Sector {
    let offset: Int
    let content: SlotSector.Content

    var live: EpochSecret? { if case .live(let secret) = content { secret } else { nil } }
    var isFree: Bool { if case .free = content { true } else { false } }
    var epoch: UInt64? {
      switch content {
      case .live(let secret): secret.epoch
      case .resting(let epoch): epoch.secret.epoch
      case .free, .torn, .foreign: nil
      }
    }
  }

  private static func objection(to path: String) -> String? {
    MountTable.current()?.objection(toOverwritingAt: FilePlace.resolved(path))
  }

  private func openFile(forWriting: Bool) throws -> PosixFile {
    let file = try PosixFile.open(
      filePath, forWriting: forWriting, followsLinks: false, purpose: "epoch slot")
    try file.requirePrivate(purpose: "epoch slot")
    let sectorCounts = Self.liveSectorCount...Self.liveSectorCount + Self.maximumRestingCount
    guard file.status.byteCount.isMultiple(of: SlotSector.byteCount),
      sectorCounts.contains(file.status.byteCount / SlotSector.byteCount),
      file.status.linkCount == 1
    else {
      throw KeyringError(
        .wrongSlot,
        "`\(filePath)` is not an epoch slot: sectors of 4,096 bytes under one name are expected")
    }
    try file.lock(exclusively: forWriting)
    return file
  }

  private func sectors(of file: borrowing PosixFile) throws -> [Sector] {
    var sectors: [Sector] = []
    for offset in stride(from: 0, to: file.status.byteCount, by: SlotSector.byteCount) {
      sectors.append(Sector(offset: offset, content: try content(at: offset, of: file)))
    }
    if sectors.contains(where: { if case .foreign = $0.content { true } else { false } }) {
      throw KeyringError(
        .wrongSlot, "epoch slot `\(filePath)` belongs to another vault; name this vault's slot")
    }
    return sectors
  }

  private func content(
    at offset: Int, of file: borrowing PosixFile
  ) throws -> SlotSector.Content {
    try SlotSector.decode(try file.read(SlotSector.byteCount, at: offset), vault: vault)
  }

  private func live(in file: borrowing PosixFile) throws -> [EpochSecret] {
    try sectors(of: file).compactMap(\.live)
  }

  private func overwrite(at offset: Int, of file: borrowing PosixFile) throws {
    try file.write(
      SecretBytes(randomCount: SlotSector.byteCount, from: random), at: offset)
    try file.sync()
    try file.write(SecretBytes(zeroCount: SlotSector.byteCount), at: offset)
    try file.sync()
    guard case .free = try content(at: offset, of: file) else {
      throw KeyringError(.storage, "epoch slot `\(filePath)` does not read back as overwritten")
    }
  }
}

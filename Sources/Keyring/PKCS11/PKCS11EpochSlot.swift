internal import CPKCS11
public import Sealing

/// Keeps the epoch secret on a PKCS#11 token, wrapped under a key of its own for every epoch.
///
/// The key is made inside the token and never leaves it; the wrapped secret lies beside it as a
/// private data object of the same label, `lethe-<vault id>-<epoch>`. Ending the epoch destroys the
/// key, so that no copy of the data object opens any more. A module that does not call its slot a
/// device is software: its receipts are worth ``AssuranceLevel/l1``, because the key was a file.
/// What a device's own backup keeps is not seen from here; ask its maker.
///
/// Calls of several processes on one machine take turns by a lock on the module's file.
///
/// - SeeAlso: `docs/format.md#epoch-slot-on-a-token`.
public final class PKCS11EpochSlot: EpochSlot {
  /// Most live epochs: the current one and the next.
  static let maximumLiveCount = 2
  /// Most epochs that can rest on one token.
  public static let maximumRestingCount = FileEpochSlot.maximumRestingCount
  /// Code of a module that does not call its slot a device.
  static let noHardwareFlag = "no_hardware_flag"
  private static let application = "lethe"

  /// No files: the token is not part of any directory.
  public var paths: [String] { [] }

  private let token: PKCS11Token
  private let vault: VaultID
  private let random: any RandomSource

  /// Names the slot of a vault; nothing happens before the first use.
  ///
  /// - Parameters:
  ///   - token: The token; several vaults may share one.
  ///   - vault: The vault.
  ///   - random: Source of nonces.
  /// - Throws: ``KeyringError`` `.unavailable` when the address names an object: the slot names its
  ///   objects itself.
  public init(token: PKCS11Token, vault: VaultID, random: any RandomSource) throws {
    guard token.address.object == nil else {
      throw KeyringError(
        .unavailable, "the address of an epoch slot's token takes no `object=`; leave it out")
    }
    self.token = token
    self.vault = vault
    self.random = random
  }

  /// The token; software until it has said that it is a device.
  public var custodians: [SlotCustodian] {
    let isHardware = token.isHardware
    return [
      SlotCustodian(
        name: token.address.tokenName, kind: .pkcs11, assurance: isHardware ? .l2 : .l1,
        weakness: isHardware ? nil : Self.noHardwareFlag)
    ]
  }

  /// Reads the live epochs in ascending order.
  public func read() throws -> [EpochSecret] {
    try locked(exclusively: false) {
      try token.perform { session in
        try contents(session).live.compactMap { try open($0, session) }
      }
    }
  }

  /// Reads the resting epochs in ascending order.
  public func resting() throws -> [RestingEpoch] {
    try locked(exclusively: false) {
      try token.perform { session in
        try contents(session).resting.compactMap { blob in
          try open(blob, session).map {
            RestingEpoch(secret: $0, untilUnixSeconds: blob.untilUnixSeconds ?? 0)
          }
        }
      }
    }
  }

  /// Makes a key for the next epoch and stores the secret wrapped under it.
  public func prepare(_ next: EpochSecret) throws {
    try locked(exclusively: true) {
      let contents = try token.perform(contents)
      guard contents.live.count < Self.maximumLiveCount,
        !(contents.live + contents.resting).contains(where: { $0.epoch == next.epoch })
      else { throw KeyringError(.limit, "\(name) has no room for epoch \(next.epoch)") }
      let nonce = try random.bytes(count: AES256GCM.nonceByteCount)
      do {
        try token.perform { session in
          // What an interrupted call, or the first attempt of this one, has left.
          try destroy(next.epoch, session)
          try store(next, nonce, session)
        }
      } catch {
        try? token.perform { try destroy(next.epoch, $0) }
        throw error
      }
      let stored = try token.perform { session in
        try self.contents(session).live.first { $0.epoch == next.epoch }
          .flatMap { try open($0, session) }
      }
      guard let stored, stored.secret.isEqual(to: next.secret) else {
        throw KeyringError(.storage, "\(name) does not read back what was written")
      }
    }
  }

  /// Replaces the data object of a live epoch by one that says until when it rests.
  public func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
    try locked(exclusively: true) {
      try token.perform { session in
        let contents = try contents(session)
        guard let blob = contents.live.first(where: { $0.epoch == epoch }) else { return }
        guard contents.resting.count < Self.maximumRestingCount else {
          throw KeyringError(
            .limit,
            "\(name) has no room for another resting epoch; the erasure goes on when the oldest "
              + "one's window is over")
        }
        // Both exist for a moment; the resting one counts.
        var resting = blob
        resting.untilUnixSeconds = untilUnixSeconds
        try create(resting, session)
        try destroy(objects(epoch, session).filter { $0.value == blob.bytes }, session)
      }
    }
  }

  /// Destroys the key of an epoch, then its data object, and asks for both again in vain.
  public func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
    let found = try locked(exclusively: true) {
      let found = try token.perform { try $0.find(PKCS11Attribute.keys(label: label(epoch))).count }
      try token.perform { try destroy(epoch, $0) }
      return found
    }
    return custodians.map {
      SlotReceipt(
        custodian: $0, epoch: epoch, method: found == 0 ? .alreadyAbsent : .objectDestroyed,
        unixSeconds: unixSeconds)
    }
  }

  /// Destroys keys without a data object and data objects without a key.
  public func sweep() throws {
    try locked(exclusively: true) {
      try token.perform { session in
        let contents = try contents(session)
        for epoch in contents.torn { try destroy(epoch, session) }
        for blob in contents.resting {
          let stale = try objects(blob.epoch, session).filter { $0.value != blob.bytes }
          try destroy(stale, session)
        }
      }
    }
  }
}

extension PKCS11EpochSlot {
  /// What the token holds of this vault.
  private struct Contents: Sendable {
    var live: [PKCS11SlotBlob] = []
    var resting: [PKCS11SlotBlob] = []
    /// Epochs with a key and no data object, or the other way round.
    var torn: [UInt64] = []
  }

  private struct DataObject {
    let handle: CK_OBJECT_HANDLE
    let value: [UInt8]
  }

  private var name: String { "epoch slot `\(token.address.tokenName)`" }
  private var labelPrefix: String { "lethe-\(vault.rawBytes.hexadecimal)-" }

  private func label(_ epoch: UInt64) -> String { labelPrefix + String(epoch) }

  /// The epoch that a label of this vault names.
  private func epoch(_ label: [UInt8]) -> UInt64? {
    let text = String(decoding: label, as: UTF8.self)
    guard text.hasPrefix(labelPrefix), let epoch = UInt64(text.dropFirst(labelPrefix.count)),
      self.label(epoch) == text
    else { return nil }
    return epoch
  }

  private func locked<T>(exclusively: Bool, _ body: () throws -> T) throws -> T {
    let file = try PosixFile.open(
      token.address.modulePath, forWriting: false, followsLinks: true, purpose: "token library")
    try file.lock(exclusively: exclusively)
    return try withExtendedLifetime(file) { try body() }
  }

  private func template(label: String?) -> [PKCS11Attribute] {
    [
      PKCS11Attribute(CKA_CLASS, CKO_DATA), PKCS11Attribute(CKA_TOKEN, true),
      PKCS11Attribute(CKA_APPLICATION, Self.application),
    ] + (label.map { [PKCS11Attribute(CKA_LABEL, $0)] } ?? [])
  }

  private func contents(_ session: PKCS11Session) throws -> Contents {
    let keys = Set(
      try session.find(PKCS11Attribute.keys()).compactMap {
        epoch(try session.attribute(CKA_LABEL, of: $0))
      })
    var blobs: [UInt64: PKCS11SlotBlob] = [:]
    for object in try session.find(template(label: nil)) {
      guard let epoch = epoch(try session.attribute(CKA_LABEL, of: object)) else { continue }
      guard let blob = PKCS11SlotBlob(try session.attribute(CKA_VALUE, of: object)),
        blob.vault == vault, blob.epoch == epoch
      else {
        throw KeyringError(
          .wrongSlot, "\(name) has an object `\(label(epoch))` of a form that is not known here")
      }
      if blobs[epoch]?.untilUnixSeconds == nil { blobs[epoch] = blob }
    }
    let known = blobs.values.sorted { $0.epoch < $1.epoch }.filter { keys.contains($0.epoch) }
    return Contents(
      live: known.filter { $0.untilUnixSeconds == nil },
      resting: known.filter { $0.untilUnixSeconds != nil },
      torn: keys.symmetricDifference(blobs.keys).sorted())
  }

  /// Unwraps a secret; nil when its key was destroyed meanwhile.
  private func open(_ blob: PKCS11SlotBlob, _ session: PKCS11Session) throws -> EpochSecret? {
    guard let key = try session.key(label: label(blob.epoch)) else { return nil }
    do {
      let secret = try session.decrypt(
        blob.sealed, key: key, nonce: blob.nonce,
        associatedData: PKCS11SlotBlob.associatedData(vault, blob.epoch))
      guard let secret else {
        throw KeyringError(
          .sealed, "\(name) holds a secret of epoch \(blob.epoch) that does not open")
      }
      return EpochSecret(epoch: blob.epoch, secret: try secret.bytes.copy())
    } catch let failure as PKCS11Failure where failure.isGone {
      return nil
    }
  }

  private func store(_ next: EpochSecret, _ nonce: [UInt8], _ session: PKCS11Session) throws {
    let label = label(next.epoch)
    do {
      try session.generateKey(PKCS11Attribute.wrappingKey(label: label))
      guard let key = try session.key(label: label) else {
        throw KeyringError(.storage, "\(name) does not show the key it has just made")
      }
      try session.requireLocked(key, label: label)
      let sealed = try session.encrypt(
        next.secret, key: key, nonce: nonce,
        associatedData: PKCS11SlotBlob.associatedData(vault, next.epoch))
      try create(
        PKCS11SlotBlob(vault: vault, epoch: next.epoch, nonce: nonce, sealed: sealed), session)
    } catch let failure as PKCS11Failure where failure.code == CKR_DEVICE_MEMORY {
      throw KeyringError(.limit, "\(name) has no room for epoch \(next.epoch): \(failure.text)")
    }
  }

  private func create(_ blob: PKCS11SlotBlob, _ session: PKCS11Session) throws {
    try session.create(
      template(label: label(blob.epoch)) + [
        PKCS11Attribute(CKA_PRIVATE, true), PKCS11Attribute(CKA_VALUE, blob.bytes),
      ])
  }

  private func objects(_ epoch: UInt64, _ session: PKCS11Session) throws -> [DataObject] {
    try session.find(template(label: label(epoch))).map {
      DataObject(handle: $0, value: try session.attribute(CKA_VALUE, of: $0))
    }
  }

  private func destroy(_ objects: [DataObject], _ session: PKCS11Session) throws {
    for object in objects { try session.destroy(object.handle) }
  }

  /// Destroys all of an epoch, the key first: without it the rest is worth nothing.
  private func destroy(_ epoch: UInt64, _ session: PKCS11Session) throws {
    let searches = [PKCS11Attribute.keys(label: label(epoch)), template(label: label(epoch))]
    for search in searches {
      for object in try session.find(search) { try session.destroy(object) }
    }
    guard try searches.allSatisfy({ try session.find($0).isEmpty }) else {
      throw KeyringError(
        .storage, "\(name) still shows an object `\(label(epoch))` after destroying it")
    }
  }
}

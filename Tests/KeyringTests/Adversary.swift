import Foundation
import Sealing
import TestSupport

@testable import Keyring

/// Somebody who keeps every version of every file and in the end gets all live secrets.
///
/// Files are read as bytes, not as databases: nodes in pages that are free, in logs that were
/// emptied or in the gap a split left behind count as well, and so do epoch secrets in any file.
struct Adversary {
  /// Node versions ever seen, by row id.
  private(set) var blobs: [Int64: Set<[UInt8]>] = [:]
  /// Epoch secrets seen in files.
  private(set) var secrets: Set<[UInt8]> = []
  /// Files read.
  private(set) var fileCount = 0

  /// What precedes a node's bytes in a cell of a leaf page: the record header of a row of
  /// `(INTEGER PRIMARY KEY, BLOB of 2,088 bytes)`, and the node's own first bytes.
  private static let nodeMark: [UInt8] = [0x04, 0x00, 0xA0, 0x5C, 0x01, 0x01, 0x00, 0x00]
  private static let recordHeaderByteCount = 4
  /// The cell's payload length, 2,092, as a varint.
  private static let payloadMark: [UInt8] = [0x90, 0x2C]
  private static let sectorMark = Array("LTHS".utf8)
  private static let secretRange = 29..<61

  /// Keeps everything of use in the files of a directory.
  mutating func take(_ directory: URL) {
    let files = FileManager.default.enumerator(
      at: directory, includingPropertiesForKeys: [.isRegularFileKey])
    while let file = files?.nextObject() as? URL {
      // A file may vanish between listing and reading, as logs and half-made copies do.
      let isFile = try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
      guard isFile == true, let data = try? Data(contentsOf: file) else { continue }
      fileCount += 1
      takeNodes(data)
      takeSecrets(data)
    }
  }

  private mutating func takeNodes(_ data: Data) {
    for place in data.places(of: Self.nodeMark) {
      let start = place + Self.recordHeaderByteCount
      guard start + NodeBlob.byteCount <= data.count, let id = Self.rowID(before: place, data)
      else { continue }
      blobs[id, default: []].insert([UInt8](data[start..<start + NodeBlob.byteCount]))
    }
  }

  private mutating func takeSecrets(_ data: Data) {
    for place in data.places(of: Self.sectorMark)
    where place + Self.secretRange.upperBound <= data.count {
      let range = place + Self.secretRange.lowerBound..<place + Self.secretRange.upperBound
      secrets.insert([UInt8](data[range]))
    }
  }

  /// Reads the row id, a varint of 1 to 9 bytes between payload length and record header.
  private static func rowID(before end: Int, _ data: Data) -> Int64? {
    for length in 1...9 where end - length >= payloadMark.count {
      let start = end - length
      guard data[start - payloadMark.count..<start].elementsEqual(payloadMark) else { continue }
      var value: UInt64 = 0
      var isWhole = true
      for index in 0..<length {
        let byte = data[start + index]
        if index == 8 {
          value = value << 8 | UInt64(byte)
        } else {
          value = value << 7 | UInt64(byte & 0x7F)
          isWhole = isWhole && (byte & 0x80 != 0) == (index < length - 1)
        }
      }
      if isWhole { return Int64(bitPattern: value) }
    }
    return nil
  }
}

/// Everything an adversary can open with an unseal key and some epoch secrets.
///
/// Opens each node version ever seen with each key ever obtained for its place, until nothing new
/// opens.
struct Closure {
  /// Every key found in any node.
  private(set) var keys: Set<[UInt8]> = []
  /// Keys under which a node was opened, by row id.
  private(set) var nodeKeys: [Int64: [[UInt8]]] = [:]

  private struct Step: Hashable {
    let address: NodeAddress
    let key: [UInt8]
  }

  private var seen: Set<Step> = []

  /// - Parameters:
  ///   - adversary: What was kept.
  ///   - vault: The vault.
  ///   - unsealKey: UK.
  ///   - live: Secrets the slot still gives out.
  ///   - newest: The highest epoch; a secret is tried as that of every epoch up to it and the next.
  init(
    _ adversary: Adversary, vault: VaultID, unsealKey: HeldKey, live: [EpochSecret], newest: UInt64
  ) throws {
    let secrets = adversary.secrets.union(live.map { $0.secret.plaintextCopy() })
    for secret in secrets {
      for number in 1...newest + 1 {
        let epoch = EpochSecret(epoch: number, secret: try SecretBytes(copying: secret))
        let key = try RootKey.derive(unsealKey: unsealKey, epoch: epoch, vault: vault)
        try descend(.root, key.bytes.plaintextCopy(), adversary.blobs, vault)
      }
    }
  }

  private mutating func descend(
    _ address: NodeAddress, _ key: [UInt8], _ blobs: [Int64: Set<[UInt8]>], _ vault: VaultID
  ) throws {
    guard let versions = blobs[address.id],
      seen.insert(Step(address: address, key: key)).inserted
    else { return }
    let secret = try SecretBytes(copying: key)
    for blob in versions {
      guard let node = try? NodeBlob.open(blob, at: address, vault: vault, key: secret) else {
        continue
      }
      nodeKeys[address.id, default: []].append(key)
      for slot in 0..<NodeAddress.fanOut {
        guard let child = try node.keys.key(slot)?.bytes.plaintextCopy() else { continue }
        keys.insert(child)
        for next in Self.children(of: address, slot: slot) {
          try descend(next, child, blobs, vault)
        }
      }
    }
  }

  private static func children(of address: NodeAddress, slot: Int) -> [NodeAddress] {
    if address == .root {
      guard let subtree = Subtree(rawValue: UInt8(slot)) else { return [] }
      return (0...3).map { NodeAddress(subtree, height: $0, above: 0) }
    }
    guard address.height > 0, let subtree = Subtree(rawValue: address.level >> 4) else { return [] }
    let child = address.index << 6 | UInt64(slot)
    let height = address.height - 1
    return [NodeAddress(subtree, height: height, above: Int64(child) << (6 * (Int64(height) + 1)))]
  }
}

extension TestVault {
  /// Everything that can be opened with what was kept and all live secrets.
  func closure(_ adversary: Adversary, slot other: (any EpochSlot)? = nil) throws -> Closure {
    let live = try other?.read() ?? slot().read()
    return try Closure(
      adversary, vault: vault, unsealKey: HeldKey(try unsealKey().material.copy()), live: live,
      newest: live.map(\.epoch).max() ?? 0)
  }
}

import Sealing
import Testing

@testable import Keyring

/// The bytes on disk, against values computed with pyca cryptography 48.0.0.
@Suite struct FormatTests {
  let vault: VaultID
  let rootKey: HeldKey

  init() throws {
    vault = try VaultID(rawBytes: Array(0..<16))
    let unsealKey = HeldKey(try SecretBytes(copying: Array(repeating: 0x11, count: 32)))
    rootKey = try RootKey.derive(unsealKey: unsealKey, epoch: Self.epoch(), vault: vault)
  }

  static func epoch() throws -> EpochSecret {
    EpochSecret(
      epoch: 7, secret: try SecretBytes(copying: Array(repeating: 0x22, count: 32)))
  }

  /// Slot i holds 32 bytes of i + 1, slot 3 nothing.
  func node() throws -> NodeKeys {
    var keys = try NodeKeys()
    for slot in 0..<64 where slot != 3 {
      keys.set(
        slot,
        to: HeldKey(try SecretBytes(copying: Array(repeating: UInt8(slot + 1), count: 32))))
    }
    return keys
  }

  /// Height 2 of the bucket tree, index 0x0102030405.
  let address = NodeAddress(.buckets, height: 2, above: 0x01_0203_0405 << 18)

  func blob() throws -> [UInt8] {
    try NodeBlob.seal(
      node(), at: address, version: 9, vault: vault, key: rootKey.bytes,
      random: SeededRandom(seed: 5))
  }

  @Test func rootKeyIsAsSpecified() {
    let bytes = rootKey.bytes.plaintextCopy()
    #expect(
      bytes.hexadecimal
        == "24d730fc41e1d8c5ddb14f19a1468e82491dc48607ccd70ffc8bb9fbf4ef8983")
  }

  @Test func nodeBlobIsAsSpecified() throws {
    let blob = try blob()
    #expect(blob.count == 2088)
    #expect(
      blob.prefix(32).hexadecimal
        == "0101000000000000000000095c65d9cc22ae3e6f154ae91eedb21ea456d1b688")
    #expect(blob.suffix(16).hexadecimal == "df086479fd51eeef7b1df82a62c3fed8")
    #expect(
      SHA256.hash(blob).hexadecimal
        == "67708796df6bf4c9136f1aa6a461a7437d11812d4dbaaac81039d21395bb69ec")
  }

  @Test func nodeOpensInItsPlace() throws {
    let opened = try NodeBlob.open(blob(), at: address, vault: vault, key: rootKey.bytes)
    #expect(opened.version == 9)
    let isEmpty = opened.keys.isEmpty(3)
    let last = try opened.keys.key(63)
    let punctured = try opened.keys.key(3)
    #expect(isEmpty)
    #expect(last?.bytes.plaintextCopy() == Array(repeating: 64, count: 32))
    #expect(punctured == nil)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 11, 12, 23, 24, 1000, 2071, 2072, 2087])
  func alteredNodeIsRefused(offset: Int) throws {
    var blob = try blob()
    blob[offset] ^= 0x80
    expect(.corrupt) {
      _ = try NodeBlob.open(blob, at: address, vault: vault, key: rootKey.bytes)
    }
  }

  @Test(arguments: [0, 2087, 2089])
  func nodeOfAnotherLengthIsRefused(count: Int) throws {
    let blob = Array((try blob() + [0]).prefix(count))
    expect(.corrupt) {
      _ = try NodeBlob.open(blob, at: address, vault: vault, key: rootKey.bytes)
    }
  }

  @Test func movedNodeIsRefused() throws {
    let blob = try blob()
    let leaf: Int64 = 0x01_0203_0405 << 18
    let elsewhere = [
      NodeAddress(.buckets, height: 2, above: leaf + 1 << 18),
      NodeAddress(.buckets, height: 1, above: leaf),
      NodeAddress(.domains, height: 2, above: leaf),
      .root,
    ]
    for place in elsewhere {
      expect(.corrupt) {
        _ = try NodeBlob.open(blob, at: place, vault: vault, key: rootKey.bytes)
      }
    }
    expect(.corrupt) {
      let other = try VaultID(rawBytes: Array(repeating: 1, count: 16))
      _ = try NodeBlob.open(blob, at: address, vault: other, key: rootKey.bytes)
    }
  }

  @Test(
    arguments: [
      (NodeAddress.root, Int64(0x7F) << 56),
      (NodeAddress(.subjects, height: 0, above: 0), 0),
      (NodeAddress(.subjects, height: 0, above: 63), 0),
      (NodeAddress(.subjects, height: 0, above: 64), 1),
      (NodeAddress(.subjects, height: 1, above: 4096), Int64(0x01) << 56 | 1),
      (NodeAddress(.indexKeys, height: 2, above: 5), Int64(0x32) << 56),
    ] as [(NodeAddress, Int64)])
  func nodeIdIsLevelAndIndex(address: NodeAddress, id: Int64) {
    #expect(address.id == id)
  }

  @Test(
    arguments: [
      (0, 0), (1, 0), (64, 0), (65, 1), (4096, 1), (4097, 2), (1 << 48, 7),
    ] as [(Int64, UInt8)])
  func treeGrowsByFactorsOf64(leafCount: Int64, height: UInt8) {
    #expect(NodeAddress.topHeight(leafCount: leafCount) == height)
  }

  @Test func slotSectorIsAsSpecified() throws {
    let sector = try SlotSector.encode(Self.epoch(), vault: vault)
    let bytes = sector.plaintextCopy()
    #expect(
      bytes.prefix(93).hexadecimal == "4c544853" + "01" + "000102030405060708090a0b0c0d0e0f"
        + "0000000000000007" + String(repeating: "22", count: 32)
        + "236e09dfb19dd48ea0dc6a5113daf60292909c2873f654ed0520b74979ab4391")
    #expect(
      SHA256.hash(bytes).hexadecimal
        == "97f883d4d66029e18bb2ae5101981ae8e1b927c1f1bf593b1d449785ecfba8dd")
    guard case .live(let epoch) = try SlotSector.decode(sector, vault: vault) else {
      Issue.record("the sector does not decode")
      return
    }
    #expect(epoch.epoch == 7)
  }

  @Test(arguments: [0, 4, 5, 20, 21, 28, 29, 60, 61, 92, 93, 4095])
  func alteredSectorIsTorn(offset: Int) throws {
    var bytes = try SlotSector.encode(Self.epoch(), vault: vault).plaintextCopy()
    bytes[offset] ^= 1
    guard case .torn = try SlotSector.decode(SecretBytes(copying: bytes), vault: vault) else {
      Issue.record("an altered sector was taken for sound")
      return
    }
  }

  @Test(
    arguments: [
      (
        DirectoryName.domain(DomainEpoch(domain: 3, epoch: 4)),
        "d637a085766109964b1d572fb0028f631098a6fbe984339a21afe9340f9cc2ce"
      ),
      (
        .index(IndexGeneration(field: 3, generation: 4)),
        "8e0ae9660b5ad2c0623b48e686eeed8e48acd12cf5d0079e1874d27b8f83e368"
      ),
      (
        .bucket(Bucket(retentionClass: 2, day: 20_000)),
        "80b3d029194c77a4d3cc93503569185ba9b67fd8a265d3e23e29f48c65df0989"
      ),
    ] as [(DirectoryName, String)])
  func commitmentIsAsSpecified(name: DirectoryName, expected: String) throws {
    let key = HeldKey(try SecretBytes(copying: Array(repeating: 0x33, count: 32)))
    #expect(try name.commitment(to: key, vault: vault).hexadecimal == expected)
  }
}

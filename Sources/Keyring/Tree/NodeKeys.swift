internal import Sealing

/// Holds the 64 child keys of one opened node in locked memory.
struct NodeKeys: ~Copyable, Sendable {
  static let byteCount = NodeAddress.fanOut * HeldKey.byteCount

  private(set) var bytes: SecretBytes

  /// Starts a node all of whose slots are unused.
  init() throws {
    bytes = try SecretBytes(zeroCount: Self.byteCount)
  }

  /// Takes the plaintext of an opened node.
  init(_ plaintext: consuming SecretBytes) {
    bytes = plaintext
  }

  /// Copies a node so that it can be changed.
  borrowing func copy() throws -> NodeKeys {
    NodeKeys(try bytes.copy())
  }

  /// Says whether a slot holds no key, in constant time: never used, or punctured.
  borrowing func isEmpty(_ slot: Int) -> Bool {
    unsafe bytes.withUnsafeBytes { buffer in
      var collected: UInt8 = 0
      for offset in Self.range(slot) { unsafe collected |= buffer[offset] }
      return collected == 0
    }
  }

  /// Copies the key out of a slot; nil when the slot is empty.
  borrowing func key(_ slot: Int) throws -> HeldKey? {
    isEmpty(slot) ? nil : HeldKey(try bytes.slice(Self.range(slot)))
  }

  /// Puts a key into a slot.
  mutating func set(_ slot: Int, to key: HeldKey) {
    let range = Self.range(slot)
    unsafe bytes.withUnsafeMutableBytes { target in
      unsafe key.bytes.withUnsafeBytes { source in
        let part = unsafe UnsafeMutableRawBufferPointer(rebasing: target[range])
        unsafe part.copyMemory(from: source)
      }
    }
  }

  /// Empties a slot.
  mutating func puncture(_ slot: Int) {
    unsafe bytes.withUnsafeMutableBytes { target in
      for offset in Self.range(slot) { unsafe target[offset] = 0 }
    }
  }

  /// Fills consecutive slots with fresh keys in one draw.
  mutating func fill(_ slots: Range<Int>, from random: any RandomSource) throws {
    let range = Self.range(slots.lowerBound).lowerBound..<Self.range(slots.upperBound).lowerBound
    try unsafe bytes.withUnsafeMutableBytes { (target) throws(SealingError) in
      try unsafe random.fill(UnsafeMutableRawBufferPointer(rebasing: target[range]))
    }
  }

  private static func range(_ slot: Int) -> Range<Int> {
    slot * HeldKey.byteCount..<(slot + 1) * HeldKey.byteCount
  }
}

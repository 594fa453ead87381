/// Takes the plaintext of a sealed file and hands its chunks on.
///
/// What is not sealed yet stands in locked memory, one chunk at most.
public struct AgeWriter: ~Copyable {
  /// Plaintext of a chunk in bytes.
  public static let chunkByteCount = 65_536
  private static let counterByteCount = 11

  private let key: SecretBytes
  private let sink: ([UInt8]) throws -> Void
  private var chunk: SecretBytes
  private var filled = 0
  private var chunks: UInt64 = 0

  init(
    key: consuming SecretBytes, _ sink: @escaping ([UInt8]) throws -> Void
  ) throws(SealingError) {
    self.key = key
    self.sink = sink
    chunk = try SecretBytes(zeroCount: Self.chunkByteCount)
  }

  /// Appends bytes that are no secret, or that the caller has to forget.
  ///
  /// - Throws: ``SealingError``, and what the sink of the file throws.
  public mutating func write(_ bytes: some Sequence<UInt8>) throws {
    let array = Array(bytes)
    try unsafe array.withUnsafeBytes { try unsafe write($0) }
  }

  /// Appends the hexadecimal text of a field key, the one kind of key that is handed out.
  ///
  /// - Throws: ``SealingError``, and what the sink of the file throws.
  public mutating func writeHexadecimal(_ key: borrowing FieldKey) throws {
    try writeHexadecimal(key.key)
  }

  /// Appends the hexadecimal text of a secret, which stands nowhere but in locked memory.
  mutating func writeHexadecimal(_ secret: borrowing SecretBytes) throws {
    let digits: StaticString = "0123456789abcdef"
    var text = try SecretBytes(zeroCount: secret.count * 2)
    unsafe text.withUnsafeMutableBytes { target in
      unsafe secret.withUnsafeBytes { bytes in
        for index in 0..<bytes.count {
          unsafe target[2 * index] = digits.utf8Start[Int(bytes[index] >> 4)]
          unsafe target[2 * index + 1] = digits.utf8Start[Int(bytes[index] & 15)]
        }
      }
    }
    try unsafe text.withUnsafeBytes { try unsafe write($0) }
  }

  /// Appends a raw buffer.
  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      // A full chunk waits until more follows: the last one of a file is marked, and is not empty.
      if filled == Self.chunkByteCount { try emit(isLast: false) }
      let count = unsafe min(rest.count, Self.chunkByteCount - filled)
      let offset = filled
      let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(count))
      unsafe chunk.withUnsafeMutableBytes { target in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: part)
      }
      filled += count
      unsafe rest = rest.dropFirst(count)
    }
  }

  /// Seals what is left as the last chunk, which is empty in an empty file alone.
  consuming func finish() throws {
    try emit(isLast: true)
  }

  private mutating func emit(isLast: Bool) throws {
    let padding = [UInt8](repeating: 0, count: Self.counterByteCount - UInt64.bitWidth / 8)
    let nonce = padding + chunks.bigEndianBytes + [isLast ? 1 : 0]
    let count = filled
    let sealed = try unsafe chunk.withUnsafeBytes { (bytes) throws(SealingError) in
      try unsafe ChaCha20Poly1305.seal(
        UnsafeRawBufferPointer(rebasing: bytes[..<count]), key: key, nonce: nonce)
    }
    try sink(sealed)
    chunks += 1
    filled = 0
  }
}

import COpenSSL
import Synchronization

/// Supplies random bytes; a parameter everywhere so that tests can be deterministic.
public protocol RandomSource: Sendable {
  /// Fills the buffer with random bytes or throws; never fills it partly.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError)
}

extension RandomSource {
  /// Draws `count` public random bytes, such as a nonce or an id.
  public func bytes(count: Int) throws(SealingError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    var failure: SealingError?
    unsafe result.withUnsafeMutableBytes { buffer in
      do throws(SealingError) { try unsafe fill(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }
}

/// Draws from the operating system's generator through OpenSSL, in bulk.
///
/// A call of `RAND_bytes` costs the same for 12 bytes as for hundreds, so a page is drawn at
/// once and handed out slice by slice; what was handed out is zeroed. The pool is dropped after a
/// fork, because a child must never repeat its parent's bytes.
///
/// - SeeAlso: NIST SP 800-90A r1 (generator), `docs/threat-model.md` (cloned machines).
public final class SystemRandom: RandomSource {
  /// Size of the pool in bytes.
  static let poolByteCount = 4096

  fileprivate struct Pool: ~Copyable {
    var bytes: SecretBytes
    var offset: Int
    var fork: Int
  }

  private let pool = Mutex<Pool?>(nil)

  /// Creates a source with an empty pool.
  public init() {}

  /// Forgets bytes drawn in advance; called at open and at every epoch roll, since a machine
  /// restored from a snapshot would repeat them.
  public func dropPool() {
    pool.withLock { $0 = nil }
  }

  /// Bytes drawn ahead and not handed out yet.
  var pooledByteCount: Int {
    pool.withLock { (state: inout Pool?) in
      switch state {
      case .some(let pool): pool.bytes.count - pool.offset
      case .none: 0
      }
    }
  }

  /// Fills the buffer from the pool, or directly when it asks for more than a quarter of one.
  ///
  /// - Throws: ``SealingError`` `.entropyUnavailable` when the generator cannot deliver.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    guard buffer.count <= Self.poolByteCount / 4 else { return try unsafe Self.draw(buffer) }
    try pool.withLock { (state: inout Pool?) throws(SealingError) in
      if !Self.canServe(state, buffer.count) { state = try Pool() }
      unsafe state?.take(buffer)
    }
  }

  private static func canServe(_ state: borrowing Pool?, _ count: Int) -> Bool {
    switch state {
    case .some(let pool): pool.fork == ForkStamp.current && pool.offset + count <= pool.bytes.count
    case .none: false
    }
  }

  fileprivate static func draw(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard unsafe RAND_bytes(base, Int32(buffer.count)) == 1 else {
      throw SealingError(.entropyUnavailable, "the system's random generator is not available")
    }
  }
}

extension SystemRandom.Pool {
  fileprivate init() throws(SealingError) {
    let stamp = ForkStamp.current
    var drawn = try SecretBytes(zeroCount: SystemRandom.poolByteCount)
    try unsafe drawn.withUnsafeMutableBytes(SystemRandom.draw)
    self.init(bytes: drawn, offset: 0, fork: stamp)
  }

  fileprivate mutating func take(_ buffer: UnsafeMutableRawBufferPointer) {
    let start = offset
    unsafe bytes.withUnsafeMutableBytes { pool in
      let slice = unsafe UnsafeMutableRawBufferPointer(rebasing: pool[start..<start + buffer.count])
      unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(slice))
      unsafe slice.initializeMemory(as: UInt8.self, repeating: 0)
    }
    offset += buffer.count
  }
}

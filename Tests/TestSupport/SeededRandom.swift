public import Sealing
import Synchronization

/// Deterministic random bytes for tests: HMAC-SHA-256 of a counter under the seed.
///
/// Never a source for real keys. Every call starts at a fresh block, so that the bytes of a call
/// depend only on the seed and on how many blocks were drawn before.
public final class SeededRandom: RandomSource {
  private struct State: ~Copyable {
    var key: HMACKey
    var counter: UInt64 = 0
  }

  private let state: Mutex<State>

  /// Starts the sequence of a seed.
  public init(seed: UInt64) throws(SealingError) {
    state = try Mutex(State(key: HMACKey(SecretBytes(copying: seed.bigEndianBytes))))
  }

  /// Fills the buffer with the next blocks of the sequence.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    state.withLock { state in
      for offset in stride(from: 0, to: buffer.count, by: HMACKey.byteCount) {
        let block = state.key.authenticate(state.counter.bigEndianBytes)
        state.counter += 1
        for (index, byte) in block.enumerated() where offset + index < buffer.count {
          unsafe buffer[offset + index] = byte
        }
      }
    }
  }
}

import TestSupport

@testable import Sealing

/// Everything an envelope is bound to; one property changed makes another place.
struct Place: Sendable {
  var subjectKey = [UInt8](repeating: 0xC1, count: 32)
  var bucketKey = [UInt8](repeating: 0xB2, count: 32)
  var vault = [UInt8](repeating: 0x03, count: 16)
  var subject = [UInt8](repeating: 0x04, count: 16)
  var generation: UInt16 = 1
  var bucket = Bucket(retentionClass: 2, day: 20_605)
  var cell = Cell(table: 1, field: 2, row: 3)

  func key() throws(SealingError) -> FieldKey {
    try FieldKey(
      subjectKey: SecretBytes(copying: subjectKey), bucketKey: SecretBytes(copying: bucketKey),
      vault: VaultID(rawBytes: vault), subject: SubjectID(rawBytes: subject),
      generation: generation, bucket: bucket)
  }

  func seal(_ value: [UInt8], nonce: UInt64 = 1) throws(SealingError) -> [UInt8] {
    try FieldCipher(random: SeededRandom(seed: nonce)).seal(value, key: key(), cell: cell)
  }

  func open(_ envelope: [UInt8]) throws(SealingError) -> [UInt8] {
    try FieldCipher(random: SeededRandom(seed: 0))
      .open(envelope, key: key(), cell: cell).plaintextCopy()
  }
}

/// The code of the error that the body throws; nil when it does not throw.
func failure(_ body: () throws(SealingError) -> Void) -> SealingError.Code? {
  do throws(SealingError) {
    try body()
    return nil
  } catch {
    return error.code
  }
}

/// A source that stops after a number of calls, each time having filled only half of the buffer.
final class FailingRandom: RandomSource {
  private let inner: SeededRandom
  private let calls: Calls
  private let failing: Set<Int>

  init(failing: Set<Int>) throws(SealingError) {
    inner = try SeededRandom(seed: 9)
    calls = Calls()
    self.failing = failing
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SealingError) {
    let half = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<(buffer.count / 2)])
    guard !failing.contains(calls.next()) else {
      try unsafe inner.fill(half)
      throw SealingError(.entropyUnavailable, "no entropy in this test")
    }
    try unsafe inner.fill(buffer)
  }
}

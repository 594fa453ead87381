import Testing

@testable import Sealing

/// Identifiers, buckets and byte helpers.
@Suite struct ValueTests {
  @Test(arguments: [0, 15, 17, 32])
  func identifiersHave16Bytes(count: Int) {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(
      failure { () throws(SealingError) in _ = try VaultID(rawBytes: bytes) } == .invalidLength)
    #expect(
      failure { () throws(SealingError) in _ = try SubjectID(rawBytes: bytes) } == .invalidLength)
  }

  @Test(arguments: [0, 1, 0x00FF_FFFF, 0x0100_0000, 0x0200_507D, UInt32.max])
  func bucketKeepsItsRawValue(rawValue: UInt32) {
    #expect(Bucket(rawValue: rawValue).rawValue == rawValue)
  }

  @Test func bucketsOrderByClassThenDay() {
    let ordered = [
      Bucket.permanent, Bucket(retentionClass: 0, day: 1),
      Bucket(retentionClass: 0, day: Bucket.maximumDay), Bucket(retentionClass: 1, day: 0),
      Bucket(retentionClass: 255, day: Bucket.maximumDay),
    ]
    #expect(ordered.reversed().sorted() == ordered)
  }

  @Test(arguments: ["0", "0g", "g0", "0x00", "00 ", "é0", "٠٠", "00\u{0}0", "-1"])
  func otherTextIsNotHexadecimal(text: String) {
    #expect([UInt8](hexadecimal: text) == nil)
  }

  @Test func hexadecimalGoesBothWays() {
    let all = (0...255).map { UInt8($0) }
    #expect([UInt8](hexadecimal: all.hexadecimal) == all)
    #expect([UInt8](hexadecimal: all.hexadecimal.uppercased()) == all)
    #expect([UInt8](hexadecimal: "") == [])
  }

  @Test func integersAreBigEndian() {
    #expect(UInt32(0x0102_0304).bigEndianBytes == [1, 2, 3, 4])
    #expect(UInt64(bigEndianBytes: [0, 0, 0, 0, 0, 0, 1, 2]) == 258)
    #expect(UInt16(bigEndianBytes: [1]) == nil)
    #expect(UInt16(bigEndianBytes: [1, 2, 3]) == nil)
    var bytes: [UInt8] = [9]
    bytes.append(bigEndian: UInt16(0x0102))
    bytes.append(bigEndian: UInt64.max - 1)
    #expect(bytes == [9, 1, 2, 255, 255, 255, 255, 255, 255, 255, 254])
  }

  @Test func errorsAreEqualByCode() {
    #expect(SealingError(.unsupported, "a") == SealingError(.unsupported, "b"))
    #expect(SealingError(.unsupported, "a") != SealingError(.invalidLength, "a"))
  }
}

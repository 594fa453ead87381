import Foundation
import TestSupport
import Testing

@testable import Sealing

/// The container of keys.
@Suite struct SecretBytesTests {
  @Test(arguments: [0, 1, 31, 32, 33, 4096, 70_000])
  func startsAsZerosOfTheRightLength(count: Int) throws {
    let secret = try SecretBytes(zeroCount: count)
    #expect(secret.count == count)
    #expect(secret.isZero() == true)
    #expect(secret.plaintextCopy() == [UInt8](repeating: 0, count: count))
  }

  /// What a freed block held must not show in the next one.
  @Test func freedMemoryComesBackAsZeros() throws {
    for _ in 0..<200 {
      _ = try SecretBytes(copying: [UInt8](repeating: 0xEE, count: 64))
      let next = try SecretBytes(zeroCount: 64)
      #expect(next.isZero() == true)
    }
  }

  @Test func copiesJoinsAndSlices() throws {
    let one = try SecretBytes(copying: [1, 2, 3])
    let two = try SecretBytes(copying: [4, 5])
    let joined = try SecretBytes(concatenating: one, two)
    #expect(joined.plaintextCopy() == [1, 2, 3, 4, 5])
    let middle = try joined.slice(1..<4)
    #expect(middle.plaintextCopy() == [2, 3, 4])
    let nothing = try joined.slice(5..<5)
    #expect(nothing.count == 0)
    var copy = try joined.copy()
    unsafe copy.withUnsafeMutableBytes { unsafe $0[0] = 9 }
    #expect(copy.plaintextCopy() == [9, 2, 3, 4, 5])
    #expect(joined.plaintextCopy() == [1, 2, 3, 4, 5], "a copy has memory of its own")
    let empty = try SecretBytes(concatenating: SecretBytes(zeroCount: 0), SecretBytes(zeroCount: 0))
    #expect(empty.count == 0)
  }

  @Test(arguments: [0..<6, 5..<6, -1..<2, -2..<(-1), 6..<9])
  func sliceOutsideIsRefused(range: Range<Int>) throws {
    let secret = try SecretBytes(copying: [1, 2, 3, 4, 5])
    #expect(failure { () throws(SealingError) in _ = try secret.slice(range) } == .invalidLength)
  }

  @Test func comparesEveryByte() throws {
    let bytes = (0..<48).map { UInt8($0) }
    let secret = try SecretBytes(copying: bytes)
    let same = try SecretBytes(copying: bytes)
    #expect(secret.isEqual(to: same) == true)
    #expect(ConstantTime.isEqual(bytes, bytes))
    for index in bytes.indices {
      var other = bytes
      other[index] ^= 0x80
      let unequal = try SecretBytes(copying: other)
      #expect(secret.isEqual(to: unequal) == false)
      #expect(!ConstantTime.isEqual(bytes, other))
    }
    let zero = try SecretBytes(zeroCount: 47)
    #expect(secret.isEqual(to: zero) == false)
  }

  @Test(arguments: [
    ([], [], true), ([0], [], false), ([], [0], false), ([1, 2], [1, 2, 0], false),
    ([1, 2, 0], [1, 2], false), ([7], [7], true),
  ])
  func comparesLengths(left: [UInt8], right: [UInt8], expected: Bool) throws {
    #expect(ConstantTime.isEqual(left, right) == expected)
    let secret = try SecretBytes(copying: left)
    let other = try SecretBytes(copying: right)
    #expect(secret.isEqual(to: other) == expected)
  }

  @Test func everyPositionCountsForZero() throws {
    for index in 0..<40 {
      var bytes = [UInt8](repeating: 0, count: 40)
      bytes[index] = 1
      let secret = try SecretBytes(copying: bytes)
      #expect(secret.isZero() == false)
    }
  }

  /// More than the locked heap holds is an error, not a crash and not unlocked memory.
  @Test func exhaustedMemoryIsAnError() throws {
    let code = failure { () throws(SealingError) in
      _ = try SecretBytes(zeroCount: 2 * SecureHeap.byteCount)
    }
    #expect(code == .internalFailure)
    let small = try SecretBytes(zeroCount: 32)
    #expect(small.isZero() == true, "the heap goes on working")
  }

  /// A type with a description ends up in a log. The compiler cannot be asked, the sources can.
  @Test func noSourceDescribesItself() throws {
    let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Sealing")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "swift" }
    #expect(files.count >= 15)
    let forbidden = [
      "CustomStringConvertible", "CustomDebugStringConvertible", "CustomReflectable",
      "TextOutputStreamable", "print(", "dump(", "var description",
    ]
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      for word in forbidden {
        #expect(!text.contains(word), "\(file.lastPathComponent) has `\(word)`")
      }
    }
  }
}

import TestSupport
import Testing

@testable import Sealing

/// Sealed files open with the right identity, whole and unchanged, and otherwise not at all.
@Suite struct AgeFileTests {
  static let sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 204_800]

  static func plaintext(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
  }

  /// Seals in writes of a size of their own.
  static func seal(
    _ bytes: [UInt8], to pairs: [AgePair] = [.first], piece: Int = 10_000, seed: UInt64 = 5
  ) throws -> [UInt8] {
    var file: [UInt8] = []
    try AgeFile.seal(
      to: AgeRecipients(pairs.map(\.recipient)), random: SeededRandom(seed: seed),
      into: { file += $0 },
      { writer in
        for start in stride(from: 0, to: bytes.count, by: piece) {
          try writer.write(bytes[start..<min(start + piece, bytes.count)])
        }
      })
    return file
  }

  @Test(arguments: sizes)
  func opensWithTheIdentity(count: Int) throws {
    let bytes = Self.plaintext(count)
    let file = try Self.seal(bytes)
    let chunks = try AgeOpener(.first).chunks(of: file)
    #expect(chunks.flatMap { $0 } == bytes)
    #expect(chunks.count == max(1, (count + 65_535) / 65_536), "no empty chunk at the end")
    #expect(throws: SealingError(.authenticationFailure, "")) {
      _ = try AgeOpener(.second).chunks(of: file)
    }
  }

  @Test(arguments: [1, 7, 65_535, 65_536, 65_537, 300_000])
  func theFileDoesNotDependOnHowItIsWritten(piece: Int) throws {
    let bytes = Self.plaintext(150_000)
    #expect(try Self.seal(bytes, piece: piece) == Self.seal(bytes))
  }

  @Test func everyRecipientOpensIt() throws {
    let file = try Self.seal(Self.plaintext(100), to: [.first, .second])
    for pair in [AgePair.first, .second] {
      #expect(try AgeOpener(pair).chunks(of: file) == [Self.plaintext(100)])
    }
  }

  @Test func noTwoFilesShareKeysOrNonces() throws {
    let bytes = Self.plaintext(100)
    #expect(try Self.seal(bytes, seed: 1) != Self.seal(bytes, seed: 2))
    let lines = String(decoding: try Self.seal([], to: [.first, .second]), as: UTF8.self)
      .split(separator: "\n").filter { $0.hasPrefix("-> X25519 ") }
    #expect(lines.count == 2 && lines[0] != lines[1], "an ephemeral key serves one recipient")
  }

  @Test func keysAreWrittenAsText() throws {
    var file: [UInt8] = []
    try AgeFile.seal(
      to: AgeRecipients([AgePair.first.recipient]), random: SeededRandom(seed: 1),
      into: { file += $0 },
      { writer in
        try writer.write("k=".utf8)
        try writer.writeHexadecimal(SecretBytes(copying: [0x00, 0x9F, 0xFA]))
      })
    #expect(try AgeOpener(.first).chunks(of: file) == [Array("k=009ffa".utf8)])
  }

  @Test func aBodyThatThrowsLeavesNoWholeFile() throws {
    struct Stop: Error {}
    var file: [UInt8] = []
    #expect(throws: Stop.self) {
      try AgeFile.seal(
        to: AgeRecipients([AgePair.first.recipient]), random: SeededRandom(seed: 1),
        into: { file += $0 },
        { writer in
          try writer.write(Self.plaintext(200_000))
          throw Stop()
        })
    }
    #expect(file.count > 65_536)
    #expect(throws: SealingError(.authenticationFailure, "")) {
      _ = try AgeOpener(.first).chunks(of: file)
    }
  }

  @Test func aSinkThatThrowsEndsIt() throws {
    struct Full: Error {}
    let calls = Calls()
    #expect(throws: Full.self) {
      try AgeFile.seal(
        to: AgeRecipients([AgePair.first.recipient]), random: SeededRandom(seed: 1),
        into: { _ in if calls.next() == 3 { throw Full() } },
        { writer in try writer.write(Self.plaintext(200_000)) })
    }
    #expect(calls.next() == 4)
  }

  /// File key, one scalar a recipient, nonce: whichever cannot be drawn, nothing is sealed.
  @Test(arguments: 1...4)
  func withoutRandomnessThereIsNoFile(call: Int) throws {
    #expect(throws: SealingError(.entropyUnavailable, "")) {
      try AgeFile.seal(
        to: AgeRecipients([AgePair.first.recipient, AgePair.second.recipient]),
        random: FailingRandom(failing: [call]), into: { _ in },
        { _ in Issue.record("the body ran") })
    }
  }
}

/// What the program age says of our files, and our opener of its.
@Suite(.enabled(if: AgeProgram.isPresent, Comment(rawValue: AgeProgram.absenceNote)))
struct AgeProgramTests {
  @Test(arguments: AgeFileTests.sizes, [[AgePair.first], [.second, .first]])
  func ageOpensOurs(count: Int, pairs: [AgePair]) throws {
    let bytes = AgeFileTests.plaintext(count)
    let file = try AgeFileTests.seal(bytes, to: pairs)
    #expect(try AgeProgram.open(file, .first) == bytes)
    let opensForSecond = try AgeProgram.open(file, .second) != nil
    #expect(opensForSecond == (pairs.count == 2))
  }

  @Test(arguments: AgeFileTests.sizes)
  func weOpenTheirs(count: Int) throws {
    let bytes = AgeFileTests.plaintext(count)
    let file = try #require(try AgeProgram.seal(bytes, .first))
    #expect(try AgeOpener(.first).chunks(of: file).flatMap { $0 } == bytes)
  }

  @Test func ageRefusesEveryChangedByteOfAShortFile() throws {
    let file = try AgeFileTests.seal([0x2A])
    #expect(try AgeProgram.open(file, .first) == [0x2A])
    for index in file.indices {
      var changed = file
      changed[index] ^= 1
      #expect(try AgeProgram.open(changed, .first) == nil, "byte \(index)")
    }
  }

  @Test func ageRefusesChangesOfALongFile() throws {
    let file = try AgeFileTests.seal(AgeFileTests.plaintext(204_800))
    let start = file.count - (204_800 + 4 * 16)
    let sealedChunk = 65_536 + 16
    let starts = (0..<4).map { start + $0 * sealedChunk }
    for index in starts.flatMap({ [$0, $0 + 4_000, $0 + 8_000] }) + [file.count - 1] {
      var changed = file
      changed[index] ^= 0x80
      #expect(try AgeProgram.open(changed, .first) == nil, "byte \(index)")
    }
    let chunks = starts.enumerated().map { index, place in
      Array(file[place..<(index == 3 ? file.count : starts[index + 1])])
    }
    let head = Array(file[..<start])
    for order in [[1, 0, 2, 3], [0, 1, 3], [0, 1, 2], [0, 1, 2, 3, 3], [0, 0, 1, 2, 3], []] {
      let other = head + order.flatMap { chunks[$0] }
      #expect(try AgeProgram.open(other, .first) == nil, "chunks \(order)")
    }
  }
}

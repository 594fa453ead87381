import Sealing
import Testing

@testable import Keyring

@Suite struct ShareTextTests {
  private let vault: VaultID
  private let share: KeyShare
  private let line: String

  init() throws {
    vault = try VaultID(rawBytes: Array(0..<16))
    share = try KeyShare.split(
      SecretBytes(copying: Array(1...32)), threshold: 2, count: 12, vault: vault,
      random: SeededRandom(seed: 61))[10]
    line = String(decoding: try ShareText.encode(share).plaintextCopy(), as: UTF8.self)
  }

  private func decode(_ line: String, position: Int = 3) throws -> KeyShare {
    try ShareText.decode(SecretBytes(copying: Array(line.utf8)), position: position)
  }

  @Test func lineIsReadBackAsItWas() throws {
    #expect(line.hasPrefix("lethe-share1-02-11-"))
    let read = try decode(line)
    #expect(read.threshold == 2)
    #expect(read.index == 11)
    #expect(read.set == share.set)
    #expect(read.vaultPrefix == Array(0..<4))
    #expect(read.commitment == share.commitment)
    #expect(read.value.matches(share.value))
  }

  @Test func waysToTypeItDoNotMatter() throws {
    let spoken = line.replacing("0", with: "o").replacing("1", with: "l")
    let ways = [
      line.uppercased(), line.replacing("-", with: " "), line.replacing("-", with: ""),
      "  \(line)\r\n", spoken.replacing("lethe-sharel", with: "lethe-share1"),
      line.replacing("1", with: "I"),
    ]
    for way in ways { #expect(try decode(way).value.matches(share.value)) }
  }

  /// The code is linear: two wrong characters go unnoticed only if two single errors have the same
  /// remainder. None have, so every error of one or two characters is seen.
  @Test func everyErrorOfOneOrTwoCharactersIsSeen() throws {
    var remainders: Set<[UInt8]> = []
    var errorCount = 0
    let zero = try checkSymbols([UInt8](repeating: 0, count: 102))
    for place in 0..<ShareText.symbolCount {
      for error in 1...UInt8(31) {
        var word = [UInt8](repeating: 0, count: ShareText.symbolCount)
        word[place] = error
        let check = try checkSymbols(Array(word.prefix(102)))
        // What the check characters would have to be, against what they are.
        let given = Array(word.suffix(7))
        remainders.insert((0..<7).map { check[$0] ^ zero[$0] ^ given[$0] })
        errorCount += 1
      }
    }
    #expect(errorCount == 109 * 31)
    #expect(remainders.count == errorCount)
    #expect(!remainders.contains([UInt8](repeating: 0, count: 7)))
  }

  private func checkSymbols(_ symbols: [UInt8]) throws -> [UInt8] {
    var word = try SecretBytes(copying: symbols + [UInt8](repeating: 0, count: 7))
    unsafe word.withUnsafeMutableBytes { unsafe ShareChecksum.complete($0) }
    return Array(word.plaintextCopy().suffix(7))
  }

  @Test func everySingleWrongCharacterNamesTheShare() throws {
    var characters = Array(line)
    for place in "lethe-share".count..<characters.count where characters[place] != "-" {
      let right = characters[place]
      for wrong in "07abcxyz" where wrong != right {
        characters[place] = wrong
        let error = failure { _ = try decode(String(characters)) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.hasPrefix("share 3 is mistyped") == true)
      }
      characters[place] = right
    }
  }

  @Test func swappedNeighboursAreSeen() throws {
    let characters = Array(line)
    for place in "lethe-share".count..<characters.count - 1
    where characters[place] != characters[place + 1] {
      var swapped = characters
      swapped.swapAt(place, place + 1)
      // Hyphens do not matter, so swapping one with its neighbour is no error.
      let isError = characters[place] != "-" && characters[place + 1] != "-"
      #expect((failure { _ = try decode(String(swapped)) } != nil) == isError)
    }
  }

  @Test func otherLinesAreNamedByTheirPlace() throws {
    let cases: [(text: String, reason: String)] = [
      ("", "does not begin"), ("hello", "does not begin"), ("lethe-share", "0 characters"),
      (String(line.dropLast()), "108 characters"), (line + "0", "110 characters"),
      (String(line.dropLast()) + "u", "a character that no share has"),
      (String(line.dropLast()) + "!", "a character that no share has"),
      (String(line.dropLast(2)) + "é", "a character that no share has"),
      (String(repeating: "l", count: 513), "longer than 512"),
      ("lethe-share2" + String(line.dropFirst(12)), "check characters"),
    ]
    for (text, reason) in cases {
      let error = failure { _ = try decode(text, position: 7) }
      #expect(error?.code == .corrupt)
      #expect(error?.message.hasPrefix("share 7 is mistyped: ") == true)
      #expect(error?.message.contains(reason) == true, "\(text): \(error?.message ?? "")")
    }
  }

  @Test(arguments: [
    (0, 2, KeyringError.Code.newerFormat), (2, 1, .corrupt), (1, 9, .corrupt), (2, 20, .corrupt),
    (4, 7, .corrupt), (3, 2, .corrupt), (11, 1, .corrupt), (24, 1, .corrupt), (101, 1, .corrupt),
  ])
  func soundCheckOnWrongFieldsIsRefused(place: Int, value: UInt8, code: KeyringError.Code) throws {
    var symbols = line.dropFirst("lethe-share".count).filter { $0 != "-" }.utf8.map {
      ShareDigits.value($0).value
    }
    symbols[place] = place > 4 ? symbols[place] | value : value
    let changed = Array(symbols.prefix(102)) + (try checkSymbols(Array(symbols.prefix(102))))
    let text = changed.map { String(UnicodeScalar(ShareDigits.character($0))) }.joined()
    expect(code) { _ = try decode("lethe-share" + text) }
  }
}

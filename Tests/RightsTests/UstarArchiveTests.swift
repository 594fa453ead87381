import TestSupport
import Testing

@testable import Rights

/// Archives are the same bytes for the same content.
@Suite struct UstarArchiveTests {
  static let seconds: Int64 = 1_728_036_000
  static let members: [(name: String, bytes: [UInt8])] = [0, 1, 511, 512, 513, 70_000].map {
    ("member-\($0).json", [UInt8](repeating: UInt8($0 % 251), count: $0))
  }

  static func archive(seconds: Int64 = seconds) throws -> [UInt8] {
    try UstarArchive(members, seconds: seconds).parts.flatMap { $0 }
  }

  @Test func repeatsItself() throws {
    let archive = try Self.archive()
    #expect(try Self.archive() == archive)
    #expect(archive.count % 512 == 0)
    #expect(archive.suffix(1024).allSatisfy { $0 == 0 })
    #expect(try Self.archive(seconds: 1) != archive)
    #expect(try Self.archive(seconds: -1) == Self.archive(seconds: 0))
  }

  /// The fields by their offsets in the standard.
  @Test func headerIsAsTheStandardSays() throws {
    let header = try Array(Self.archive().prefix(512))
    func text(_ range: Range<Int>) -> String {
      String(decoding: header[range].prefix { $0 != 0 }, as: UTF8.self)
    }
    #expect(text(0..<100) == "member-0.json" && text(100..<108) == "0000600")
    #expect(text(108..<116) == "0000000" && text(116..<124) == "0000000")
    #expect(text(124..<136) == "00000000000" && text(136..<148) == String(Self.seconds, radix: 8))
    #expect(text(156..<157) == "0" && text(257..<263) == "ustar" && text(263..<265) == "00")
    let blanked = header[..<148] + [UInt8](repeating: 0x20, count: 8) + header[156...]
    #expect(Int(text(148..<154), radix: 8) == blanked.reduce(0) { $0 + Int($1) })
    #expect(header[154] == 0 && header[155] == 0x20)
    #expect(header[265..<329].allSatisfy { $0 == 0 }, "nobody is named")
  }

  @Test(arguments: ["", String(repeating: "n", count: 101), String(repeating: "é", count: 51)])
  func namesThatDoNotFit(name: String) {
    #expect(throws: RightsError(.unwritable, "")) {
      _ = try UstarArchive([(name: name, bytes: [])], seconds: 0)
    }
  }

  @Test(.enabled(if: Tool("tar") != nil, "the program `tar` is not installed; test skipped"))
  func tarReadsIt() throws {
    let tar = try #require(Tool("tar"))
    let archive = try Self.archive()
    let list = try tar.run(
      ["--utc", "--full-time", "--numeric-owner", "-tvf", "a.tar"], files: ["a.tar": archive])
    let lines = String(decoding: list.output, as: UTF8.self).split(separator: "\n")
    #expect(list.status == 0 && lines.count == Self.members.count)
    for (line, member) in zip(lines, Self.members) {
      let words = line.split(separator: " ").map(String.init)
      #expect(
        words == [
          "-rw-------", "0/0", "\(member.bytes.count)", "2024-10-04", "10:00:00", member.name,
        ])
      let file = try tar.run(["-xOf", "a.tar", member.name], files: ["a.tar": archive])
      #expect(file.status == 0 && file.output == member.bytes)
    }
    var changed = archive
    changed[0] ^= 1
    #expect(try tar.run(["-tf", "a.tar"], files: ["a.tar": changed]).status != 0)
  }
}

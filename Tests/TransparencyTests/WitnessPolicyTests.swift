import Testing
import Transparency

@Suite struct WitnessPolicyTests {
  /// The policy of a log with two witnesses here and three there.
  private static func sample() throws -> (text: String, keys: [NoteVerifierKey]) {
    let keys = try (1...5).map { try Witnesses.key(named: "w\($0).example").verifierKey }
    let text = """
      # who has to cosign

      log \(try MemoryLog.logKey.encoded) https://vault.example/audit
      witness X1 \(keys[0].encoded) https://w1.example
      witness X2 \(keys[1].encoded)
      \twitness  Y1\t\(keys[2].encoded)  http://127.0.0.1:8080/w/  \u{20}
      witness Y2 \(keys[3].encoded)
      witness Y3 \(keys[4].encoded)
        # two of one house, one of the other
      group X all X1 X2
      group Y 2 Y1 Y2 Y3
      group both any X Y
      quorum both

      """
    return (text, keys)
  }

  @Test func fileIsRead() throws {
    let (text, keys) = try Self.sample()
    let policy = try WitnessPolicy(text: ascii(text))
    #expect(policy.logs.map(\.key) == [try MemoryLog.logKey])
    #expect(policy.logs.map(\.url) == ["https://vault.example/audit"])
    #expect(policy.witnessKeys == keys)
    #expect(policy.witnesses.map(\.name) == ["X1", "X2", "Y1", "Y2", "Y3"])
    #expect(
      policy.witnesses.map(\.url)
        == ["https://w1.example", nil, "http://127.0.0.1:8080/w/", nil, nil])
    #expect(policy.groups.map(\.threshold) == [2, 2, 1])
    #expect(policy.quorum == "both")
  }

  @Test func fileGoesBothWays() throws {
    let policy = try WitnessPolicy(text: ascii(Self.sample().text))
    let again = try WitnessPolicy(text: ascii(policy.text))
    #expect(again == policy)
    #expect(again.text == policy.text)
    #expect(policy.text.contains("group X all X1 X2\ngroup Y 2 Y1 Y2 Y3\ngroup both any X Y\n"))
    let made = try WitnessPolicy(
      logs: policy.logs, witnesses: policy.witnesses, groups: policy.groups, quorum: policy.quorum)
    #expect(made == policy)
    #expect(try WitnessPolicy(witnesses: [], quorum: nil).text == "quorum none\n")
  }

  @Test(arguments: [
    ([], false), ([0], false), ([0, 1], true), ([2], false), ([2, 3], true), ([3, 4], true),
    ([0, 2], false), ([0, 2, 4], true), ([0, 1, 2, 3, 4], true),
  ])
  func quorumCounts(cosigners: [Int], isSatisfied: Bool) throws {
    let (text, keys) = try Self.sample()
    let policy = try WitnessPolicy(text: ascii(text))
    #expect(policy.isSatisfied(by: cosigners.map { keys[$0] }) == isSatisfied)
    let twice = (cosigners + cosigners).map { keys[$0] }
    #expect(policy.isSatisfied(by: twice) == isSatisfied)
  }

  @Test func strangersDoNotCount() throws {
    let (text, keys) = try Self.sample()
    let policy = try WitnessPolicy(text: ascii(text))
    // A key of the same name is not the key.
    let impostors = try (1...5).map {
      try Witnesses.key(named: "w\($0).example", seedOf: "other").verifierKey
    }
    #expect(!policy.isSatisfied(by: impostors))
    #expect(!policy.isSatisfied(by: impostors + [keys[0]]))
  }

  @Test func oneWitnessOrNone() throws {
    let key = try Witnesses.key().verifierKey
    let one = try WitnessPolicy(text: ascii("witness W \(key.encoded)\nquorum W"))
    #expect(!one.isSatisfied(by: []))
    #expect(one.isSatisfied(by: [key]))
    #expect(try WitnessPolicy(text: ascii("quorum none\n")).isSatisfied(by: []))
  }

  @Test func namesAreBytes() throws {
    let keys = try (1...2).map { try Witnesses.key(named: "w\($0).example").verifierKey }
    // The Kelvin sign is not the letter, though text comparison says so.
    let policy = try WitnessPolicy(
      text: ascii(
        "witness K \(keys[0].encoded)\nwitness \u{212A} \(keys[1].encoded)\nquorum \u{212A}\n"))
    #expect(policy.isSatisfied(by: [keys[1]]))
    #expect(!policy.isSatisfied(by: [keys[0]]))
    expect(.malformedPolicy) {
      _ = try WitnessPolicy(text: ascii("witness K \(keys[0].encoded)\nquorum \u{212A}\n"))
    }
  }

  /// `A` and `B` stand for the keys of two witnesses, `L` for that of a log.
  @Test(arguments: [
    ("", "no `quorum` line"), ("witness a A\n", "no `quorum` line"),
    ("quorum\n", "line 1"), ("quorum a\n", "line 1: `a` is not defined before"),
    ("quorum none none\n", "line 1"), ("quorum none\nquorum none\n", "line 2"),
    ("quorum a\nwitness a A\n", "line 1"), ("witness\n", "line 1"), ("witness a\n", "line 1"),
    ("witness a A u v\n", "line 1"), ("witness a nokey\n", "line 1"),
    ("witness a L\n", "line 1: the key `vault.example/audit` is not that of a witness"),
    ("log A\n", "line 1"), ("log\n", "line 1"), ("log L u v\n", "line 1"),
    ("log L\nlog L\n", "line 2"),
    ("witness none A\n", "line 1: `none`"), ("witness a A\nwitness a B\n", "line 2: the name `a`"),
    ("witness a A\nwitness b A\n", "line 2"), ("witness a A\ngroup a any a\n", "line 2"),
    ("witness a A\ngroup none any a\n", "line 2"), ("witness a A\ngroup g any\n", "line 2"),
    ("witness a A\ngroup g any none\n", "line 2"), ("witness a A\ngroup g any g\n", "line 2"),
    ("witness a A\ngroup g any b\n", "line 2"), ("witness a A\ngroup g all a a\n", "line 2"),
    ("witness a A\ngroup g 0 a\n", "line 2"), ("witness a A\ngroup g 2 a\n", "line 2"),
    ("witness a A\ngroup g -1 a\n", "line 2"), ("witness a A\ngroup g 01 a\n", "line 2"),
    ("witness a A\ngroup g most a\n", "line 2"),
    ("witness a A\ngroup g any a\ngroup h any a\n", "line 3: `a` is a member twice"),
    ("Quorum none\n", "line 1"), ("quorum none\r\n", "line 1: a control character"),
    ("\u{7F}\nquorum none\n", "line 1"), ("quorum none # why\n", "line 1"),
    ("# fine\n\nwitnes a A\n", "line 3: a line begins with"),
  ])
  func otherFilesAreRefused(text: String, message: String) throws {
    let keys = try (1...2).map { try Witnesses.key(named: "w\($0).example").verifierKey.encoded }
    let words = ["A": keys[0], "B": keys[1], "L": Vectors.logKey]
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ", omittingEmptySubsequences: false)
        .map { words[String($0)] ?? String($0) }.joined(separator: " ")
    }
    let error = #expect(throws: TransparencyError.self) {
      try WitnessPolicy(text: ascii(lines.joined(separator: "\n")))
    }
    #expect(error?.code == .malformedPolicy)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func otherBytesAreRefused() throws {
    expect(.malformedPolicy) { _ = try WitnessPolicy(text: [0xFF, 0x0A] + ascii("quorum none\n")) }
    expect(.malformedPolicy) { _ = try WitnessPolicy(text: [0x00]) }
  }

  @Test func limitsHold() throws {
    func witnesses(_ count: Int) throws -> String {
      try (0..<count).map {
        "witness w\($0) \(try Witnesses.key(named: "w\($0).example", seedOf: "\($0)").verifierKey.encoded)\n"
      }.joined()
    }
    let most = try WitnessPolicy(text: ascii(try witnesses(32) + "quorum w31\n"))
    #expect(most.witnesses.count == WitnessPolicy.witnessCountMaximum)
    expect(.malformedPolicy) {
      _ = try WitnessPolicy(text: ascii(try witnesses(33) + "quorum w0\n"))
    }
    let comment = "#" + String(repeating: "x", count: WitnessPolicy.byteCountMaximum) + "\n"
    expect(.malformedPolicy) { _ = try WitnessPolicy(text: ascii(comment + "quorum none\n")) }
    let key = try Witnesses.key().verifierKey.encoded
    let long = String(repeating: "x", count: WitnessPolicy.wordByteCountMaximum + 1)
    expect(.malformedPolicy) {
      _ = try WitnessPolicy(text: ascii("witness \(long) \(key)\nquorum none\n"))
    }
    expect(.malformedPolicy) {
      _ = try WitnessPolicy(text: ascii("witness w \(key) \(long)\nquorum none\n"))
    }
  }

  @Test func unfitPartsAreRefused() throws {
    let key = try Witnesses.key().verifierKey
    for name in ["", "a b", "a\nb", "a\tb", "none"] {
      let witness = WitnessPolicy.Witness(name: name, key: key)
      expect(.malformedPolicy) { _ = try WitnessPolicy(witnesses: [witness], quorum: nil) }
    }
    let witness = WitnessPolicy.Witness(name: "w", key: key, url: "https://w example")
    expect(.malformedPolicy) { _ = try WitnessPolicy(witnesses: [witness], quorum: nil) }
    expect(.malformedPolicy) { _ = try WitnessPolicy(witnesses: [], quorum: "w") }
  }
}

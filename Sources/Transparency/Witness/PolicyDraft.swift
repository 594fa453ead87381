/// Collects the lines of a policy, refusing the first that does not fit what stands before it.
struct PolicyDraft {
  /// The quorum that no witness has to be in.
  static let none = "none"

  private(set) var logs: [WitnessPolicy.Log] = []
  private(set) var witnesses: [WitnessPolicy.Witness] = []
  private(set) var groups: [WitnessPolicy.Group] = []
  /// Nil for none.
  private(set) var quorum: String?

  private var hasQuorum = false
  private var defined: Set<[UInt8]> = []
  private var used: Set<[UInt8]> = []

  init() {}

  /// Reads a file.
  init(text: [UInt8]) throws {
    guard text.count <= WitnessPolicy.byteCountMaximum else {
      throw Self.malformed("the policy has \(text.count) bytes, more than the limit")
    }
    let lines = text.split(separator: TextBytes.newline, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      do {
        try read(line)
      } catch let error as TransparencyError {
        throw Self.malformed("line \(index + 1): \(error.message)")
      }
    }
    guard hasQuorum else {
      throw Self.malformed("the policy has no `quorum` line; say `quorum none` if that is meant")
    }
  }

  mutating func add(_ log: WitnessPolicy.Log) throws {
    guard log.key.algorithm == .ed25519 else {
      throw Self.malformed("the key `\(log.key.name)` is not that of a log")
    }
    guard !logs.contains(where: { $0.key.publicKey == log.key.publicKey }) else {
      throw Self.malformed("the key of the log `\(log.key.name)` stands there twice")
    }
    guard logs.count < WitnessPolicy.logCountMaximum else { throw Self.tooMany("logs") }
    try log.url.map(Self.check(word:))
    logs.append(log)
  }

  mutating func add(_ witness: WitnessPolicy.Witness) throws {
    guard witness.key.algorithm == .cosignature else {
      throw Self.malformed("the key `\(witness.key.name)` is not that of a witness")
    }
    guard !witnesses.contains(where: { $0.key.publicKey == witness.key.publicKey }) else {
      throw Self.malformed("the key of the witness `\(witness.key.name)` stands there twice")
    }
    guard witnesses.count < WitnessPolicy.witnessCountMaximum else {
      throw Self.tooMany("witnesses")
    }
    try witness.url.map(Self.check(word:))
    try define(witness.name)
    witnesses.append(witness)
  }

  mutating func add(_ group: WitnessPolicy.Group) throws {
    guard !group.members.isEmpty else {
      throw Self.malformed("the group `\(group.name)` has no members")
    }
    guard (1...group.members.count).contains(group.threshold) else {
      throw Self.malformed(
        "the group `\(group.name)` needs 1 to \(group.members.count) of its members")
    }
    guard groups.count < WitnessPolicy.groupCountMaximum else { throw Self.tooMany("groups") }
    for member in group.members {
      try requireDefined(member)
      guard used.insert(Array(member.utf8)).inserted else {
        throw Self.malformed("`\(member)` is a member twice")
      }
    }
    try define(group.name)
    groups.append(group)
  }

  mutating func setQuorum(_ name: String) throws {
    guard !hasQuorum else { throw Self.malformed("there is a second `quorum` line") }
    let isNone = name.utf8.elementsEqual(Self.none.utf8)
    if !isNone { try requireDefined(name) }
    quorum = isNone ? nil : name
    hasQuorum = true
  }
}

extension PolicyDraft {
  private static let tab = UInt8(ascii: "\t")

  /// Reads a line without its end.
  private mutating func read(_ line: ArraySlice<UInt8>) throws {
    guard line.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == Self.tab }) else {
      throw Self.malformed("a control character")
    }
    let parts = line.split { $0 == TextBytes.space || $0 == Self.tab }
    guard let first = parts.first, first.first != UInt8(ascii: "#") else { return }
    let words = parts.compactMap { String(validating: $0, as: UTF8.self) }
    guard words.count == parts.count else { throw Self.malformed("not UTF-8") }
    switch (words[0], words.count) {
    case ("log", 2...3):
      try add(
        WitnessPolicy.Log(
          key: NoteVerifierKey(encoded: words[1]), url: words.count > 2 ? words[2] : nil))
    case ("witness", 3...4):
      try add(
        WitnessPolicy.Witness(
          name: words[1], key: NoteVerifierKey(encoded: words[2]),
          url: words.count > 3 ? words[3] : nil))
    case ("group", 4...): try readGroup(words)
    case ("quorum", 2): try setQuorum(words[1])
    case ("log", _): throw Self.malformed("expected `log KEY [URL]`")
    case ("witness", _): throw Self.malformed("expected `witness NAME KEY [URL]`")
    case ("group", _): throw Self.malformed("expected `group NAME all|any|COUNT MEMBER…`")
    case ("quorum", _): throw Self.malformed("expected `quorum NAME` or `quorum none`")
    default:
      throw Self.malformed("a line begins with `log`, `witness`, `group`, `quorum` or `#`")
    }
  }

  private mutating func readGroup(_ words: [String]) throws {
    let members = Array(words[3...])
    let threshold =
      switch words[2] {
      case "all": members.count
      case "any": 1
      default: TextBytes.decimal(words[2].utf8) ?? 0
      }
    try add(WitnessPolicy.Group(name: words[1], threshold: threshold, members: members))
  }

  private mutating func define(_ name: String) throws {
    try Self.check(word: name)
    guard !name.utf8.elementsEqual(Self.none.utf8) else {
      throw Self.malformed("`none` cannot be the name of a witness or group")
    }
    guard defined.insert(Array(name.utf8)).inserted else {
      throw Self.malformed("the name `\(name)` is taken")
    }
  }

  private func requireDefined(_ name: String) throws {
    guard defined.contains(Array(name.utf8)) else {
      throw Self.malformed("`\(name)` is not defined before")
    }
  }

  /// Refuses what could not stand in a line as one word.
  private static func check(word: String) throws {
    guard (1...WitnessPolicy.wordByteCountMaximum).contains(word.utf8.count),
      word.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
    else { throw malformed("a name or address is empty, too long or holds a space") }
  }

  private static func tooMany(_ what: String) -> TransparencyError {
    malformed("the policy has too many \(what)")
  }

  private static func malformed(_ message: String) -> TransparencyError {
    TransparencyError(.malformedPolicy, message)
  }
}

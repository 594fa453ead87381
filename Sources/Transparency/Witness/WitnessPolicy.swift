/// Says which witnesses a log's checkpoints are shown to, and how many have to cosign (C2SP
/// tlog-policy).
///
/// The quorum is a rule over keys, so whoever verifies offline needs this file and nothing else.
/// Names hold only inside the file. They are compared byte for byte: two spellings that look alike
/// are two names.
public struct WitnessPolicy: Hashable, Sendable {
  /// Longest file in bytes.
  public static let byteCountMaximum = 64 * 1024
  /// Most logs.
  public static let logCountMaximum = 32
  /// Most witnesses; a note has room for their cosignatures.
  public static let witnessCountMaximum = 32
  /// Most groups.
  public static let groupCountMaximum = 32
  /// Longest name or address in bytes.
  public static let wordByteCountMaximum = 1024

  /// One log.
  public struct Log: Hashable, Sendable {
    /// The log's key; its name is the origin.
    public let key: NoteVerifierKey
    /// Where the log is, if the file says so.
    public let url: String?

    /// Names a log.
    public init(key: NoteVerifierKey, url: String? = nil) {
      self.key = key
      self.url = url
    }
  }

  /// One witness.
  public struct Witness: Hashable, Sendable {
    /// What the policy calls it.
    public let name: String
    /// Its key, of type ``NoteVerifierKey/Algorithm/cosignature``.
    public let key: NoteVerifierKey
    /// Prefix of the addresses to submit to, if the file says so.
    public let url: String?

    /// Names a witness.
    public init(name: String, key: NoteVerifierKey, url: String? = nil) {
      self.name = name
      self.key = key
      self.url = url
    }

    /// The witness's line of a policy file, without its end.
    public var line: String {
      (["witness", name, key.encoded] + (url.map { [$0] } ?? [])).joined(separator: " ")
    }
  }

  /// Several witnesses or groups of which some have to cosign.
  public struct Group: Hashable, Sendable {
    /// What the policy calls it.
    public let name: String
    /// How many members have to have witnessed.
    public let threshold: Int
    /// Names of witnesses and groups.
    public let members: [String]

    /// Names a group.
    public init(name: String, threshold: Int, members: [String]) {
      self.name = name
      self.threshold = threshold
      self.members = members
    }

    fileprivate var line: String {
      let rule =
        threshold == members.count ? "all" : threshold == 1 ? "any" : String(threshold)
      return (["group", name, rule] + members).joined(separator: " ")
    }
  }

  /// The logs.
  public let logs: [Log]
  /// The witnesses.
  public let witnesses: [Witness]
  /// The groups; each names only what stands before it.
  public let groups: [Group]
  /// Name of the witness or group that has to have witnessed; nil when none has to.
  public let quorum: String?

  /// Puts a policy together.
  ///
  /// - Parameters:
  ///   - logs: The logs.
  ///   - witnesses: The witnesses.
  ///   - groups: The groups, members before the groups they are in.
  ///   - quorum: Name of a witness or group; nil when no witness has to cosign.
  /// - Throws: ``TransparencyError`` `.malformedPolicy` when the parts do not fit the format.
  public init(
    logs: [Log] = [], witnesses: [Witness], groups: [Group] = [], quorum: String?
  ) throws {
    var draft = PolicyDraft()
    for log in logs { try draft.add(log) }
    for witness in witnesses { try draft.add(witness) }
    for group in groups { try draft.add(group) }
    try draft.setQuorum(quorum ?? PolicyDraft.none)
    self.init(draft)
  }

  /// Reads a policy file.
  ///
  /// - Parameter text: The whole file, UTF-8.
  /// - Throws: ``TransparencyError`` `.malformedPolicy`, with the number of the first line that is
  ///   wrong.
  public init(text: [UInt8]) throws {
    self.init(try PolicyDraft(text: text))
  }

  private init(_ draft: PolicyDraft) {
    logs = draft.logs
    witnesses = draft.witnesses
    groups = draft.groups
    quorum = draft.quorum
  }

  /// The policy as a file, without the comments of the file it came from.
  public var text: String {
    let logLines = logs.map { log in
      (["log", log.key.encoded] + (log.url.map { [$0] } ?? [])).joined(separator: " ")
    }
    let lines =
      logLines + witnesses.map(\.line) + groups.map(\.line)
      + ["quorum \(quorum ?? PolicyDraft.none)"]
    return lines.map { $0 + "\n" }.joined()
  }

  /// The keys of the witnesses.
  public var witnessKeys: [NoteVerifierKey] { witnesses.map(\.key) }

  /// Says whether the quorum is reached.
  ///
  /// - Parameter cosigners: Keys whose cosignatures have been verified; others do not count.
  /// - Returns: True when enough of the policy's witnesses are among them.
  public func isSatisfied(by cosigners: [NoteVerifierKey]) -> Bool {
    guard let quorum else { return true }
    let known = Set(cosigners)
    var satisfied = Set(witnesses.filter { known.contains($0.key) }.map { Array($0.name.utf8) })
    for group in groups {
      let count = group.members.count { satisfied.contains(Array($0.utf8)) }
      if count >= group.threshold { satisfied.insert(Array(group.name.utf8)) }
    }
    return satisfied.contains(Array(quorum.utf8))
  }
}

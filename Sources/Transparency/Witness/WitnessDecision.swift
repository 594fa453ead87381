/// What a witness does with a request, decided from what it cosigned last.
///
/// Pure. Whoever acts on it has to store the tree of ``Answer/cosign(_:note:)`` before giving the
/// cosignature away, and must let no other decision for the same log come in between.
public struct WitnessDecision: Hashable, Sendable {
  /// What to answer.
  public enum Answer: Hashable, Sendable {
    /// Cosign the checkpoint; the note holds the log's own signatures that verified.
    case cosign(Checkpoint, note: SignedNote)
    /// Say the size that was cosigned last.
    case conflict(size: Int)
    /// Refuse.
    case refuse(Refusal)
  }

  /// Why a request is refused; the raw value is the status code.
  public enum Refusal: Int, Hashable, Sendable {
    /// The checkpoint is none, or the old size is larger than the new one.
    case badRequest = 400
    /// No trusted key of the log has signed.
    case untrusted = 403
    /// The log is not known.
    case unknownLog = 404
    /// The checkpoint does not continue the tree cosigned last.
    case inconsistent = 422
  }

  /// What a refused checkpoint shows, its log having signed it.
  public enum Evidence: String, Hashable, Sendable {
    /// Two trees of one size: the log shows different people different entries.
    case fork
    /// A proof that does not hold: a fork, or only a wrong request.
    case unproven
  }

  /// The tree a witness cosigned last.
  public struct Witnessed: Hashable, Sendable {
    /// Number of entries.
    public let treeSize: Int
    /// Root hash.
    public let rootHash: TreeHash

    /// Names a tree.
    public init(treeSize: Int, rootHash: TreeHash) {
      self.treeSize = treeSize
      self.rootHash = rootHash
    }

    /// The tree of a checkpoint.
    public init(_ checkpoint: Checkpoint) {
      self.init(treeSize: checkpoint.treeSize, rootHash: checkpoint.rootHash)
    }
  }

  /// What to answer.
  public let answer: Answer
  /// What the checkpoint shows, to be kept with it; nil for nothing.
  public let evidence: Evidence?

  /// Decides on a request.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - logKeys: Keys of the logs the witness cosigns for.
  ///   - witnessed: The tree cosigned last for the request's log; nil for none.
  public init(
    _ request: AddCheckpointRequest, logKeys: [NoteVerifierKey], witnessed: Witnessed?
  ) {
    let origin = Self.origin(of: request)
    let keys = logKeys.filter { Array($0.name.utf8) == origin && $0.algorithm == .ed25519 }
    guard !keys.isEmpty else {
      self.init(.unknownLog)
      return
    }
    guard (try? request.note.verified(by: keys)) != nil else {
      self.init(.untrusted)
      return
    }
    guard let checkpoint = try? Checkpoint(text: request.note.text) else {
      self.init(Self.claimsEntriesOfNothing(request.note.text) ? .inconsistent : .badRequest)
      return
    }
    guard request.oldSize <= checkpoint.treeSize else {
      self.init(.badRequest)
      return
    }
    let last = witnessed ?? Witnessed(treeSize: 0, rootHash: .emptyRoot)
    let isFork =
      checkpoint.treeSize == last.treeSize && checkpoint.rootHash != last.rootHash
    guard request.oldSize == last.treeSize else {
      self.init(.conflict(size: last.treeSize), isFork ? .fork : nil)
      return
    }
    let proof = ConsistencyProof(
      oldSize: request.oldSize, newSize: checkpoint.treeSize, hashes: request.hashes)
    guard (try? proof.verify(oldRoot: last.rootHash, newRoot: checkpoint.rootHash)) != nil else {
      self.init(.refuse(.inconsistent), isFork ? .fork : .unproven)
      return
    }
    let lines = request.note.signatures.filter { line in keys.contains { $0.isNamed(by: line) } }
    guard let note = try? SignedNote(text: request.note.text, signatures: lines) else {
      self.init(.badRequest)
      return
    }
    self.init(.cosign(checkpoint, note: note), nil)
  }

  private init(_ refusal: Refusal) { self.init(.refuse(refusal), nil) }

  private init(_ answer: Answer, _ evidence: Evidence?) {
    self.answer = answer
    self.evidence = evidence
  }

  /// The name of the log a request is about: the first line of its checkpoint.
  public static func origin(of request: AddCheckpointRequest) -> [UInt8] {
    Array(request.note.text.prefix { $0 != TextBytes.newline })
  }

  /// Whether a checkpoint names size 0 and the root of a tree that has entries.
  private static func claimsEntriesOfNothing(_ text: [UInt8]) -> Bool {
    guard let lines = TextBytes.lines(text[...]), lines.count >= 3,
      TextBytes.decimal(lines[1]) == 0,
      let root = try? TreeHash(bytes: Base64.decode(lines[2]))
    else { return false }
    return root != .emptyRoot
  }
}

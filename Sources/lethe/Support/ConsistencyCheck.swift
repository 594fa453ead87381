import Foundation
import Transparency
import Vault

/// Proves from the tiles of a published log that it was only ever added to between two sizes.
///
/// What the tiles say is held against the signed checkpoint beside them, and against checkpoints
/// that somebody has kept.
struct ConsistencyCheck {
  /// A checkpoint that somebody has kept.
  struct Kept {
    let path: String
    let checkpoint: Checkpoint

    init(_ path: String, signedBy key: NoteVerifierKey) throws {
      self.path = path
      let bytes = try NewFiles.read(path, atMost: SignedNote.byteCountMaximum)
      do {
        let note = try SignedNote(encoded: bytes)
        checkpoint = try VerifiedCheckpoint(verifying: note, logKey: key).checkpoint
      } catch let error as TransparencyError {
        throw VaultError(.integrity, "`\(path)`: \(error.message)")
      }
    }
  }

  let proof: ConsistencyProof
  let oldRoot: TreeHash
  let newRoot: TreeHash
  /// The checkpoint that is published with the tiles.
  let published: Checkpoint

  /// Makes the proof and verifies it.
  ///
  /// - Throws: ``VaultError`` `.integrity` when something does not fit, and says what.
  init(_ log: PublishedLogFiles, _ key: NoteVerifierKey, old: Size, new: Size) throws {
    guard let bytes = log.contents(LogVerifier.checkpointPath) else {
      throw VaultError(.integrity, "there is no checkpoint in `\(log.directory)`")
    }
    published = try VerifiedCheckpoint(verifying: SignedNote(encoded: bytes), logKey: key)
      .checkpoint
    guard old.size <= new.size, new.size <= published.treeSize else {
      throw UsageError(
        message: "the sizes have to ascend up to the \(published.treeSize) entries published, not "
          + "\(old.size) and \(new.size)")
    }
    let tiles = TileReader(treeSize: published.treeSize, read: log.contents)
    newRoot = try MerkleTree.root(size: new.size, read: tiles.hash)
    oldRoot = try MerkleTree.root(size: old.size, read: tiles.hash)
    try MerkleTree.consistencyProof(from: new.size, to: published.treeSize, read: tiles.hash)
      .verify(oldRoot: newRoot, newRoot: published.rootHash)
    proof = try MerkleTree.consistencyProof(from: old.size, to: new.size, read: tiles.hash)
    try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
    for (size, root) in [(old, oldRoot), (new, newRoot)] {
      guard let kept = size.kept, kept.checkpoint.rootHash != root else { continue }
      throw VaultError(
        .integrity,
        "the first \(size.size) entries of `\(log.directory)` are not those of `\(kept.path)`: the "
          + "log was rewritten; keep both, and see what witnesses have")
    }
  }

  /// A size, given as a number or by a checkpoint.
  struct Size {
    let size: Int
    let kept: Kept?

    init(_ size: Int?, _ kept: Kept?, _ what: String) throws {
      guard let found = size ?? kept?.checkpoint.treeSize else {
        throw UsageError(message: "give the \(what) size, or --\(what)-checkpoint FILE")
      }
      if let kept, kept.checkpoint.treeSize != found {
        throw UsageError(
          message: "`\(kept.path)` is a checkpoint of \(kept.checkpoint.treeSize) entries, not of "
            + "\(found)")
      }
      guard found >= 0 else { throw UsageError(message: "a size is a number from 0") }
      self.size = found
      self.kept = kept
    }
  }
}

import Testing
import Transparency

@Suite struct ProofTests {
  private static let sizeLimit = 70
  private static let log = MemoryLog(numbered: sizeLimit)
  private static let strange = TreeHash.leaf(ascii("strange"))

  private func root(_ size: Int) throws -> TreeHash {
    try MerkleTree.root(size: size, read: Self.log.read)
  }

  /// Every way to change a list of hashes in one place: flip, drop, repeat, add, swap.
  private func mutations(_ hashes: [TreeHash]) throws -> [[TreeHash]] {
    var all = [hashes + [Self.strange], [Self.strange] + hashes]
    for position in hashes.indices {
      var changed = hashes
      changed[position] = try flipped(hashes[position])
      all.append(changed)
      changed = hashes
      changed.remove(at: position)
      all.append(changed)
      changed = hashes
      changed.insert(hashes[position], at: position)
      all.append(changed)
      if position > 0 {
        changed = hashes
        changed.swapAt(position, position - 1)
        all.append(changed)
      }
    }
    return all
  }

  @Test func everyInclusionProofHoldsAndNoMutationDoes() throws {
    var refused = 0
    for size in 1..<Self.sizeLimit {
      let root = try root(size)
      for index in 0..<size {
        let leaf = TreeHash.leaf(Self.log.entries[index])
        let proof = try MerkleTree.inclusionProof(
          leafIndex: index, treeSize: size, read: Self.log.read)
        try proof.verify(leafHash: leaf, rootHash: root)
        func refuse(_ proof: InclusionProof, _ leaf: TreeHash, _ root: TreeHash) {
          #expect(throws: TransparencyError.self, "\(index) of \(size)") {
            try proof.verify(leafHash: leaf, rootHash: root)
          }
          refused += 1
        }
        for hashes in try mutations(proof.hashes) {
          refuse(InclusionProof(leafIndex: index, treeSize: size, hashes: hashes), leaf, root)
        }
        for other in [index - 1, index + 1, size] {
          refuse(
            InclusionProof(leafIndex: other, treeSize: size, hashes: proof.hashes), leaf, root)
        }
        refuse(proof, Self.strange, root)
        refuse(proof, leaf, Self.strange)
      }
    }
    #expect(refused > 2 * Self.sizeLimit * Self.sizeLimit)
  }

  @Test func everyConsistencyProofHoldsAndNoMutationDoes() throws {
    var refused = 0
    for newSize in 0..<Self.sizeLimit {
      let newRoot = try root(newSize)
      for oldSize in 0...newSize {
        let oldRoot = try root(oldSize)
        let proof = try MerkleTree.consistencyProof(
          from: oldSize, to: newSize, read: Self.log.read)
        try proof.verify(oldRoot: oldRoot, newRoot: newRoot)
        func refuse(_ hashes: [TreeHash], _ old: TreeHash, _ new: TreeHash) {
          #expect(throws: TransparencyError.self, "\(oldSize) to \(newSize)") {
            try ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
              .verify(oldRoot: old, newRoot: new)
          }
          refused += 1
        }
        for hashes in try mutations(proof.hashes) { refuse(hashes, oldRoot, newRoot) }
        refuse(proof.hashes, Self.strange, newRoot)
        // From the empty tree everything follows, so only then any new root goes.
        if oldSize > 0 { refuse(proof.hashes, oldRoot, Self.strange) }
      }
    }
    #expect(refused > 2 * Self.sizeLimit * Self.sizeLimit)
  }

  @Test func impossibleSizesAreRefused() throws {
    let root = try root(5)
    for (index, size) in [(5, 5), (-1, 5), (0, 0), (0, -1), (0, MerkleTree.sizeMaximum + 1)] {
      expect(.outOfRange) {
        try InclusionProof(leafIndex: index, treeSize: size, hashes: [])
          .verify(leafHash: root, rootHash: root)
      }
    }
    for (old, new) in [(6, 5), (-1, 5), (0, MerkleTree.sizeMaximum + 1)] {
      expect(.outOfRange) {
        try ConsistencyProof(oldSize: old, newSize: new, hashes: [])
          .verify(oldRoot: root, newRoot: root)
      }
    }
  }

  @Test func forkOfEqualSizeIsRefused() throws {
    let fork = MemoryLog(Self.log.entries[..<6] + [ascii("other")])
    expect(.proofRejected) {
      try ConsistencyProof(oldSize: 7, newSize: 7, hashes: [])
        .verify(oldRoot: root(7), newRoot: fork.root)
    }
    let step = try MerkleTree.consistencyProof(from: 5, to: 7, read: fork.read)
    try step.verify(oldRoot: root(5), newRoot: fork.root)
    let late = try MerkleTree.consistencyProof(from: 7, to: 20, read: Self.log.read)
    expect(.proofRejected) { try late.verify(oldRoot: fork.root, newRoot: root(20)) }
  }
}

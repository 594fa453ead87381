/// Reads the hash stored under a number of ``StoredHashIndex``.
public typealias StoredHashReader = (_ index: Int) throws -> TreeHash

/// Computes roots, proofs and append steps of the log's Merkle tree from its stored hashes.
///
/// The tree is that of RFC 6962 section 2.1. Nothing here keeps state: the store that holds the
/// hashes is the caller's, and every function reads at most a few hashes per level.
public enum MerkleTree {
  /// Most leaves a tree may have.
  ///
  /// Sequence numbers are JSON integers, so they stop at 2^53 − 1.
  public static let sizeMaximum = (1 << 53) - 1

  /// Computes the hashes to store when a leaf is appended.
  ///
  /// - Parameters:
  ///   - leafIndex: Index of the new leaf, which is the size of the tree before.
  ///   - leafHash: Hash of the new entry.
  ///   - read: Reads hashes stored before.
  /// - Returns: The leaf hash and one hash per completed subtree, to be stored under consecutive
  ///   numbers from `StoredHashIndex.index(level: 0, offset: leafIndex)`.
  /// - Throws: ``TransparencyError`` `.outOfRange` beyond ``sizeMaximum``; whatever `read` throws.
  public static func hashesToStore(
    leafIndex: Int, leafHash: TreeHash, read: StoredHashReader
  ) throws -> [TreeHash] {
    guard leafIndex >= 0, leafIndex < sizeMaximum else {
      throw TransparencyError(.outOfRange, "leaf \(leafIndex) is outside the tree's limits")
    }
    var hashes = [leafHash]
    var hash = leafHash
    var position = leafIndex
    var level = 0
    while position & 1 == 1 {
      hash = .node(try read(StoredHashIndex.index(level: level, offset: position - 1)), hash)
      hashes.append(hash)
      position >>= 1
      level += 1
    }
    return hashes
  }

  /// Computes the root hash of the tree's first leaves.
  ///
  /// - Parameters:
  ///   - size: Number of leaves; at most as many as are stored.
  ///   - read: Reads stored hashes.
  /// - Returns: The root hash.
  /// - Throws: ``TransparencyError`` `.outOfRange` for a size outside the limits; whatever `read`
  ///   throws.
  public static func root(size: Int, read: StoredHashReader) throws -> TreeHash {
    guard (0...sizeMaximum).contains(size) else {
      throw TransparencyError(.outOfRange, "tree size \(size) is outside the limits")
    }
    return size == 0 ? .emptyRoot : try subtreeHash(0..<size, read: read)
  }

  /// Makes the proof that a leaf is in the tree.
  ///
  /// - Parameters:
  ///   - leafIndex: Index of the leaf, below `treeSize`.
  ///   - treeSize: Size of the tree the proof is for.
  ///   - read: Reads stored hashes.
  /// - Returns: The proof, at most 53 hashes.
  /// - Throws: ``TransparencyError`` `.outOfRange`; whatever `read` throws.
  /// - SeeAlso: RFC 6962 section 2.1.1.
  public static func inclusionProof(
    leafIndex: Int, treeSize: Int, read: StoredHashReader
  ) throws -> InclusionProof {
    guard leafIndex >= 0, leafIndex < treeSize, treeSize <= sizeMaximum else {
      throw TransparencyError(.outOfRange, "no leaf \(leafIndex) in a tree of \(treeSize)")
    }
    let hashes = try path(to: leafIndex, in: 0..<treeSize, read: read)
    return InclusionProof(leafIndex: leafIndex, treeSize: treeSize, hashes: hashes)
  }

  /// Makes the proof that a tree is a continuation of a smaller one.
  ///
  /// - Parameters:
  ///   - oldSize: Size of the smaller tree, from 0.
  ///   - newSize: Size of the larger tree, at least `oldSize`.
  ///   - read: Reads stored hashes.
  /// - Returns: The proof; empty when the sizes are equal or the old tree is empty.
  /// - Throws: ``TransparencyError`` `.outOfRange`; whatever `read` throws.
  /// - SeeAlso: RFC 6962 section 2.1.2.
  public static func consistencyProof(
    from oldSize: Int, to newSize: Int, read: StoredHashReader
  ) throws -> ConsistencyProof {
    guard oldSize >= 0, oldSize <= newSize, newSize <= sizeMaximum else {
      throw TransparencyError(.outOfRange, "no way from size \(oldSize) to size \(newSize)")
    }
    let hashes =
      oldSize == 0 || oldSize == newSize
      ? []
      : try consistencyPath(oldSize: oldSize, in: 0..<newSize, oldRootIsKnown: true, read: read)
    return ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
  }
}

extension MerkleTree {
  /// Hashes a range that RFC 6962's splitting produces: it begins at a multiple of its largest
  /// power of two.
  private static func subtreeHash(_ range: Range<Int>, read: StoredHashReader) throws -> TreeHash {
    var start = range.lowerBound
    var complete: [TreeHash] = []
    while start < range.upperBound {
      let level = (range.upperBound - start).floorLog2
      complete.append(try read(StoredHashIndex.index(level: level, offset: start >> level)))
      start += 1 << level
    }
    var hash = complete.removeLast()
    for left in complete.reversed() {
      hash = .node(left, hash)
    }
    return hash
  }

  private static func path(
    to leafIndex: Int, in range: Range<Int>, read: StoredHashReader
  ) throws -> [TreeHash] {
    guard range.count > 1 else { return [] }
    let split = range.splitPoint
    if leafIndex < split {
      let below = try path(to: leafIndex, in: range.lowerBound..<split, read: read)
      return below + [try subtreeHash(split..<range.upperBound, read: read)]
    }
    let below = try path(to: leafIndex, in: split..<range.upperBound, read: read)
    return below + [try subtreeHash(range.lowerBound..<split, read: read)]
  }

  private static func consistencyPath(
    oldSize: Int, in range: Range<Int>, oldRootIsKnown: Bool, read: StoredHashReader
  ) throws -> [TreeHash] {
    if oldSize == range.upperBound {
      return oldRootIsKnown ? [] : [try subtreeHash(range, read: read)]
    }
    let split = range.splitPoint
    if oldSize <= split {
      let below = try consistencyPath(
        oldSize: oldSize, in: range.lowerBound..<split, oldRootIsKnown: oldRootIsKnown, read: read)
      return below + [try subtreeHash(split..<range.upperBound, read: read)]
    }
    let below = try consistencyPath(
      oldSize: oldSize, in: split..<range.upperBound, oldRootIsKnown: false, read: read)
    return below + [try subtreeHash(range.lowerBound..<split, read: read)]
  }
}

extension Range<Int> {
  /// Where RFC 6962 splits the range: the largest power of two strictly below its length, from its
  /// start.
  fileprivate var splitPoint: Int { lowerBound + 1 << (count - 1).floorLog2 }
}

extension Int {
  /// The exponent of the largest power of two not above this positive number.
  fileprivate var floorLog2: Int { Int.bitWidth - 1 - leadingZeroBitCount }
}

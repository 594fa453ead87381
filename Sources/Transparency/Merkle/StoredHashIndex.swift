/// Numbers the hashes of complete subtrees densely, in the order in which appending makes them.
///
/// Appending leaf `n` makes the leaf hash and one hash for every subtree it completes. Numbered in
/// that order the hashes fill a table without gaps that is only ever appended to, whatever the tree
/// grows to.
public enum StoredHashIndex {
  /// Returns the number under which a hash is stored.
  ///
  /// - Parameters:
  ///   - level: Height of the subtree; 0 for a leaf hash.
  ///   - offset: Position within the level, from 0.
  /// - Returns: The number, from 0.
  public static func index(level: Int, offset: Int) -> Int {
    // The subtree is completed by its last leaf, and stored `level` places behind that leaf's hash.
    var rest = ((offset + 1) << level) - 1
    var index = level
    while rest > 0 {
      index += rest
      rest >>= 1
    }
    return index
  }

  /// Returns how many hashes a tree of a size has stored.
  ///
  /// - Parameter treeSize: Number of leaves.
  /// - Returns: The number of stored hashes, just under twice the size.
  public static func count(treeSize: Int) -> Int {
    guard treeSize > 0 else { return 0 }
    let last = treeSize - 1
    return index(level: 0, offset: last) + 1 + (~last).trailingZeroBitCount
  }

  /// Tells which hash is stored under a number; the reverse of ``index(level:offset:)``.
  ///
  /// - Parameter index: The number, from 0.
  /// - Returns: Height of the subtree and position within the level.
  public static func place(of index: Int) -> (level: Int, offset: Int) {
    // A leaf's own hash has at most twice its number, so the leaf stands here or a little further.
    var leaf = index / 2
    while self.index(level: 0, offset: leaf + 1) <= index { leaf += 1 }
    let level = index - self.index(level: 0, offset: leaf)
    return (level, leaf >> level)
  }
}

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
}

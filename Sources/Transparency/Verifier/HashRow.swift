internal import Sealing

/// Hashes one after the other in one array of bytes, as a tile has them.
///
/// A log of a million entries has two million hashes; an array for each would cost more than
/// hashing.
struct HashRow: Equatable, Sendable {
  /// The hashes.
  private(set) var bytes: [UInt8]

  /// Takes the bytes of whole hashes.
  init(_ bytes: [UInt8]) {
    precondition(bytes.count % TreeHash.byteCount == 0, "a row holds whole hashes")
    self.bytes = bytes
  }

  /// Hashes the entries of a bundle.
  init(bundle: [UInt8], entries: ArraySlice<Range<Int>>, hasher: inout SHA256.Repeater) {
    bytes = []
    bytes.reserveCapacity(entries.count * TreeHash.byteCount)
    for place in entries {
      hasher.hash(
        prefix: TreeHash.leafPrefix, bundle.span.extracting(place), appendingTo: &bytes)
    }
  }

  /// Number of hashes.
  var count: Int { bytes.count / TreeHash.byteCount }

  /// The hashes one by one.
  var hashes: [TreeHash] { (0..<count).map(hash) }

  /// One hash.
  func hash(_ position: Int) -> TreeHash {
    let start = position * TreeHash.byteCount
    return TreeHash(checked: Array(bytes[start..<start + TreeHash.byteCount]))
  }

  /// Positions where two rows of one length differ.
  func differences(from other: HashRow) -> [Int] {
    guard self != other else { return [] }
    return (0..<count).filter { hash($0) != other.hash($0) }
  }

  /// The root of a complete subtree: of 2^n hashes.
  func root(hasher: inout SHA256.Repeater) -> TreeHash {
    var row = bytes
    while row.count > TreeHash.byteCount {
      var next: [UInt8] = []
      next.reserveCapacity(row.count / 2)
      for start in stride(from: 0, to: row.count, by: 2 * TreeHash.byteCount) {
        let pair = row.span.extracting(start..<start + 2 * TreeHash.byteCount)
        hasher.hash(prefix: TreeHash.nodePrefix, pair, appendingTo: &next)
      }
      row = next
    }
    return TreeHash(checked: row)
  }
}

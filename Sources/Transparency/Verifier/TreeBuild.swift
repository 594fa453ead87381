/// Builds a tree from leaf hashes and keeps what the verifier compares: tile roots and old roots.
struct TreeBuild: Sendable {
  private(set) var frontier = Frontier()
  /// Roots of the full level 0 tiles: the hashes of level 1.
  private(set) var tileRoots: [TreeHash] = []
  /// Roots at the sizes asked for.
  private(set) var roots: [Int: TreeHash] = [:]
  private let wantedSizes: Set<Int>

  init(wantedSizes: Set<Int>) {
    self.wantedSizes = wantedSizes
    keepRoot()
  }

  /// Appends the leaf hashes of one tile; `root` is known when the tile is full.
  mutating func append(_ row: HashRow, root: TreeHash?) {
    let isWantedInside = wantedSizes.contains { size in
      frontier.size < size && size < frontier.size + row.count
    }
    if let root {
      tileRoots.append(root)
      if !isWantedInside {
        frontier.append(root, height: TileAddress.height)
        keepRoot()
        return
      }
    }
    for hash in row.hashes {
      frontier.append(hash)
      keepRoot()
    }
  }

  private mutating func keepRoot() {
    if wantedSizes.contains(frontier.size) { roots[frontier.size] = frontier.root }
  }
}

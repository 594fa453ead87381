/// Names one published tile or entry bundle and its path (C2SP tlog-tiles).
///
/// Level 0 holds leaf hashes; a hash of a higher level is the root of one full tile of the level
/// below. A tile that is not yet full is published under its width: `tile/0/x001/234.p/8`.
public struct TileAddress: Hashable, Sendable {
  /// What the file holds.
  public enum Kind: Hashable, Sendable {
    /// The entries themselves, in bundles parallel to the tiles of level 0.
    case entries
    /// The hashes of one level.
    case hashes(level: Int)
  }

  /// Levels of the binary tree in one tile.
  public static let height = 8
  /// Hashes or entries in a full tile.
  public static let fullWidth = 256
  /// Highest level the format names.
  public static let levelMaximum = 63

  /// What the file holds.
  public let kind: Kind
  /// Position of the tile within its level, from 0.
  public let index: Int
  /// Number of hashes or entries, 1…256.
  public let width: Int

  /// Names a tile.
  ///
  /// - Parameters:
  ///   - kind: What the file holds.
  ///   - index: Position within the level.
  ///   - width: Number of hashes or entries; 256 for a full tile.
  /// - Throws: ``TransparencyError`` `.malformedTile` outside the format's limits.
  public init(kind: Kind, index: Int, width: Int = fullWidth) throws {
    if case .hashes(let level) = kind {
      guard (0...Self.levelMaximum).contains(level) else {
        throw TransparencyError(.malformedTile, "a tile has no level \(level)")
      }
    }
    guard (0...MerkleTree.sizeMaximum).contains(index), (1...Self.fullWidth).contains(width) else {
      throw TransparencyError(.malformedTile, "a tile has no index \(index) or width \(width)")
    }
    self.init(checkedKind: kind, index: index, width: width)
  }

  private init(checkedKind kind: Kind, index: Int, width: Int) {
    self.kind = kind
    self.index = index
    self.width = width
  }

  /// Whether the tile is not full.
  public var isPartial: Bool { width < Self.fullWidth }

  /// The full tile in the same place, which replaces a partial one once it exists.
  public var full: TileAddress {
    TileAddress(checkedKind: kind, index: index, width: Self.fullWidth)
  }

  /// Lists the tiles of one kind that a tree of a size has and a smaller tree has not.
  ///
  /// - Parameters:
  ///   - kind: Entries, or hashes of a level.
  ///   - treeSize: Size of the larger tree.
  ///   - publishedSize: Size of the smaller tree; 0 lists all.
  /// - Returns: The addresses in order; only the last one can be partial.
  public static func all(
    _ kind: Kind, treeSize: Int, beyond publishedSize: Int = 0
  ) -> [TileAddress] {
    let count = hashCount(kind, treeSize: treeSize)
    let published = hashCount(kind, treeSize: publishedSize)
    guard published < count else { return [] }
    return (published / fullWidth..<(count + fullWidth - 1) / fullWidth).map { index in
      let width = min(fullWidth, count - index * fullWidth)
      return TileAddress(checkedKind: kind, index: index, width: width)
    }
  }

  /// Tells how many hashes a level has, or how many entries there are, in a tree of a size.
  static func hashCount(_ kind: Kind, treeSize: Int) -> Int {
    switch kind {
    case .entries: treeSize
    case .hashes(let level): treeSize >> (level * height)
    }
  }
}

extension TileAddress {
  /// The path below the log's directory, with forward slashes.
  public var path: String {
    let folder =
      switch kind {
      case .entries: "entries"
      case .hashes(let level): String(level)
      }
    let suffix = isPartial ? ".p/\(width)" : ""
    return "tile/\(folder)/\(Self.indexPath(index))\(suffix)"
  }

  /// Reads a path.
  ///
  /// - Parameter path: A path in the one spelling that ``path`` writes.
  /// - Throws: ``TransparencyError`` `.malformedTile` for every other text.
  public init(path: String) throws {
    let malformed = TransparencyError(.malformedTile, "the path does not name a tile")
    var parts = Array(path.utf8)
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count >= 3, parts.removeFirst().elementsEqual("tile".utf8) else { throw malformed }
    let folder = parts.removeFirst()
    var kind = Kind.entries
    if !folder.elementsEqual("entries".utf8) {
      guard let level = TextBytes.decimal(folder) else { throw malformed }
      kind = .hashes(level: level)
    }
    var width = Self.fullWidth
    if parts.count >= 2, parts[parts.count - 2].suffix(2).elementsEqual(".p".utf8) {
      guard let partial = TextBytes.decimal(parts.removeLast()) else { throw malformed }
      width = partial
      parts[parts.count - 1].removeLast(2)
    }
    guard let index = Self.index(groups: parts) else { throw malformed }
    try self.init(kind: kind, index: index, width: width)
    // One tile has one path: leading zeros, missing groups and `.p/256` come out differently here.
    guard self.path.utf8.elementsEqual(path.utf8) else { throw malformed }
  }

  private static func indexPath(_ index: Int) -> String {
    func group(_ value: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
    var path = group(index % 1000)
    var rest = index / 1000
    while rest > 0 {
      path = "x\(group(rest % 1000))/\(path)"
      rest /= 1000
    }
    return path
  }

  private static func index(groups: [ArraySlice<UInt8>]) -> Int? {
    guard (1...6).contains(groups.count) else { return nil }
    var index = 0
    for (position, group) in groups.enumerated() {
      let isLast = position == groups.count - 1
      guard group.count == (isLast ? 3 : 4), isLast || group.first == UInt8(ascii: "x") else {
        return nil
      }
      for digit in group.suffix(3) {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        index = index * 10 + Int(digit - UInt8(ascii: "0"))
      }
    }
    return index
  }
}

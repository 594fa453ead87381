internal import Sealing

/// One tile of level 0 and the entries under it, before they are looked at.
struct LeafFiles: Sendable {
  /// A file that was read, and the address it stands for: that asked for, or the full tile's.
  typealias File = (address: TileAddress, bytes: [UInt8])

  /// The tile asked for.
  let tile: TileAddress
  /// The bundle asked for.
  let bundle: TileAddress
  let tileFile: File?
  let bundleFile: File?

  /// Index of the first entry.
  var first: Int { tile.index * TileAddress.fullWidth }
  /// Bytes read.
  var byteCount: Int { (tileFile?.bytes.count ?? 0) + (bundleFile?.bytes.count ?? 0) }
}

/// What one tile of level 0 and its entries say, without a look at any other tile.
///
/// Blocks are independent of each other, so they can be made at the same time.
struct LeafBlock: Sendable {
  /// Leaf hashes of a file, with the root when the tile is full.
  struct Leaves: Sendable {
    let path: String
    let row: HashRow
    let root: TreeHash?
  }

  /// What the tile says; nil when it is missing or malformed.
  let tile: Leaves?
  /// What the entries say; nil when they are missing or malformed.
  let bundle: Leaves?
  /// Whether the entries are not there.
  let isBundleMissing: Bool
  /// Positions within the tile where entries and hashes differ.
  let differences: [Int]
  /// What is wrong with the two files by themselves, the missing bundle aside.
  let findings: [LogFinding]
  /// The minimum index of the last pruning among entries that fit their hashes.
  let minimumIndex: Int?

  /// Checks two files.
  init(_ files: LeafFiles, rule: EntryRule) {
    var hasher = SHA256.Repeater()
    var maker = Maker(rule: rule)
    let tile = maker.readTile(files)
    let bundle = maker.readBundle(files, hasher: &hasher)
    let isFull = !files.tile.isPartial
    isBundleMissing = files.bundleFile == nil
    let differences = tile.flatMap { tile in bundle?.row.differences(from: tile.row) } ?? []
    let bundleRoot = isFull ? bundle?.row.root(hasher: &hasher) : nil
    let isTileAsItsEntries = bundle != nil && differences.isEmpty
    let tileRoot = isFull && !isTileAsItsEntries ? tile?.row.root(hasher: &hasher) : bundleRoot
    self.differences = differences
    self.tile = tile.map { Leaves(path: $0.path, row: $0.row, root: tileRoot) }
    self.bundle = bundle.map { Leaves(path: $0.path, row: $0.row, root: bundleRoot) }
    findings = maker.findings
    minimumIndex = maker.minimumIndices.last { position, _ in !differences.contains(position) }?.1
  }
}

extension LeafBlock {
  /// Reads the two files and collects what is wrong with them.
  private struct Maker {
    let rule: EntryRule
    private(set) var findings: [LogFinding] = []
    private(set) var minimumIndices: [(position: Int, index: Int)] = []

    init(rule: EntryRule) {
      self.rule = rule
    }

    mutating func readTile(_ files: LeafFiles) -> (path: String, row: HashRow)? {
      guard let (stored, bytes) = files.tileFile else {
        add(.missingFile, path: files.tile.path, "there is no such tile")
        return nil
      }
      do {
        try HashTile.checkLength(bytes, width: stored.width)
      } catch {
        add(.tileMalformed, path: stored.path, "\(error)")
        return nil
      }
      let isWhole = stored.width == files.tile.width
      let length = files.tile.width * TreeHash.byteCount
      return (stored.path, HashRow(isWhole ? bytes : Array(bytes[..<length])))
    }

    mutating func readBundle(
      _ files: LeafFiles, hasher: inout SHA256.Repeater
    ) -> (path: String, row: HashRow)? {
      guard let (stored, bytes) = files.bundleFile else { return nil }
      let entries: ArraySlice<Range<Int>>
      do {
        entries = try EntryBundle.places(bytes, width: stored.width)[..<files.bundle.width]
      } catch {
        add(.bundleMalformed, path: stored.path, "\(error)")
        return nil
      }
      for (position, place) in entries.enumerated() {
        let index = files.first + position
        switch rule.check(bytes.span.extracting(place), index: index) {
        case .right: break
        case .pruning(let minimum): minimumIndices.append((position, minimum))
        case .wrong(let kind, let message):
          add(kind, path: stored.path, index: index, message)
        }
      }
      return (stored.path, HashRow(bundle: bytes, entries: entries, hasher: &hasher))
    }

    private mutating func add(
      _ kind: LogFinding.Kind, path: String, index: Int? = nil, _ message: String
    ) {
      findings.append(LogFinding(kind: kind, path: path, index: index, message: message))
    }
  }
}

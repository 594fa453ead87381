import Testing
import Transparency

@Suite struct TileTests {
  private static let paths: [(TileAddress.Kind, Int, Int, String)] = [
    (.hashes(level: 0), 0, 256, "tile/0/000"),
    (.hashes(level: 0), 999, 256, "tile/0/999"),
    (.hashes(level: 2), 1000, 256, "tile/2/x001/000"),
    (.hashes(level: 0), 1_234_067, 8, "tile/0/x001/x234/067.p/8"),
    (.hashes(level: 63), 5, 1, "tile/63/005.p/1"),
    (.entries, 0, 255, "tile/entries/000.p/255"),
    (.entries, 273, 112, "tile/entries/273.p/112"),
    (.entries, 1_234_067, 256, "tile/entries/x001/x234/067"),
  ]

  @Test(arguments: paths.indices)
  func pathsGoBothWays(position: Int) throws {
    let (kind, index, width, path) = Self.paths[position]
    let address = try TileAddress(kind: kind, index: index, width: width)
    #expect(address.path == path)
    #expect(try TileAddress(path: path) == address)
    #expect(address.isPartial == path.contains(".p/"))
  }

  @Test(arguments: [
    "", "tile", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/00/000", "tile/64/000",
    "tile/-1/000", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/0/001/000",
    "tile/0/x001", "tile/0/x001/x000", "tile/0/000.p", "tile/0/000.p/0", "tile/0/000.p/256",
    "tile/0/000.p/08", "tile/0/000.p/-1", "tile/0/000.p/1/", "tile/entry/000", "tile/Entries/000",
    "tile/8/0/000.q/1", "tile/0/00a", "tile/0/../000", "tile/0/٠٠٠", "til/0/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999", "tile/data/000", "tile/0/x001/x234/067.P/8",
  ])
  func otherPathsAreRefused(path: String) {
    expect(.malformedTile) { _ = try TileAddress(path: path) }
  }

  @Test(arguments: [(0, -1, 256), (0, 0, 0), (0, 0, 257), (-1, 0, 1), (64, 0, 1)])
  func addressesOutsideTheFormatAreRefused(level: Int, index: Int, width: Int) {
    expect(.malformedTile) {
      _ = try TileAddress(kind: .hashes(level: level), index: index, width: width)
    }
  }

  @Test func tilesOfSeventyThousandAreThoseOfTheSpecification() {
    let level0 = TileAddress.all(.hashes(level: 0), treeSize: 70000)
    #expect(level0.count == 274)
    #expect(level0.last?.path == "tile/0/273.p/112")
    let level1 = TileAddress.all(.hashes(level: 1), treeSize: 70000).map(\.path)
    #expect(level1 == ["tile/1/000", "tile/1/001.p/17"])
    #expect(TileAddress.all(.hashes(level: 2), treeSize: 70000).map(\.path) == ["tile/2/000.p/1"])
    #expect(TileAddress.all(.hashes(level: 3), treeSize: 70000).isEmpty)
  }

  @Test(arguments: [
    (0, 255, ["tile/0/000.p/255"]), (0, 256, ["tile/0/000", "tile/1/000.p/1"]),
    (255, 256, ["tile/0/000", "tile/1/000.p/1"]), (256, 257, ["tile/0/001.p/1"]),
    (256, 256, []), (0, 0, []), (510, 513, ["tile/0/001", "tile/0/002.p/1", "tile/1/000.p/2"]),
  ])
  func publisherWritesWhatIsNew(from: Int, to: Int, hashPaths: [String]) throws {
    let log = MemoryLog(numbered: to)
    let files = try TilePublisher.files(
      from: from, to: to, readHash: log.read, readEntry: { log.entries[$0] })
    #expect(files.map(\.path).filter { !$0.contains("entries") } == hashPaths)
    let bundles = hashPaths.filter { $0.hasPrefix("tile/0/") }
      .map { "tile/entries/" + $0.dropFirst(7) }
    #expect(Array(files.map(\.path).prefix(bundles.count)) == bundles)
  }

  @Test func publishingInStepsEndsWithTheSameFiles() throws {
    var steps = MemoryLog([])
    let whole = try MemoryLog(numbered: 600).published()
    for index in 0..<600 {
      steps.append(whole.entries[index])
      if index % 37 == 0 || index == 599 {
        try steps.publish(from: index / 37 * 37 == index ? max(0, index - 36) : index / 37 * 37 + 1)
      }
    }
    for (path, bytes) in whole.files { #expect(steps.files[path] == bytes, "\(path)") }
    #expect(steps.files.count > whole.files.count)
    #expect(try steps.verify(.any).isValid)
  }

  @Test func level1HoldsTheRootsOfFullTiles() throws {
    let log = try MemoryLog(numbered: 65537).published()
    let roots = try HashTile.decode(try #require(log.files["tile/1/000"]), width: 256)
    let first = try HashTile.decode(try #require(log.files["tile/0/000"]), width: 256)
    #expect(HashTile.root(first) == roots[0])
    #expect(hex(roots[0].bytes) == Vectors.roots.first { $0.size == 256 }?.hex)
    #expect(log.files["tile/2/000.p/1"] == HashTile.root(roots).bytes)
    #expect(log.files["tile/0/256.p/1"] == TreeHash.leaf(ascii("entry-65536")).bytes)
    #expect(log.files["tile/1/001.p/0"] == nil)
  }

  @Test func publisherRefusesAnEntryThatIsNotTheLoggedOne() {
    let log = MemoryLog(numbered: 10)
    expect(.inconsistentStore) {
      _ = try TilePublisher.files(
        from: 0, to: 10, readHash: log.read,
        readEntry: { ascii($0 == 7 ? "other" : "entry-\($0)") })
    }
  }

  @Test(arguments: [(5, 4), (-1, 4), (0, MerkleTree.sizeMaximum + 1)])
  func publisherRefusesDescendingSizes(from: Int, to: Int) {
    let log = MemoryLog(numbered: 5)
    expect(.outOfRange) {
      _ = try TilePublisher.files(
        from: from, to: to, readHash: log.read, readEntry: { log.entries[$0] })
    }
  }

  @Test(arguments: [0, 31, 33, 64])
  func tileOfWrongLengthIsRefused(count: Int) {
    expect(.malformedTile) {
      _ = try HashTile.decode([UInt8](repeating: 0, count: count), width: 1)
    }
  }
}

@Suite struct EntryBundleTests {
  @Test func bundleIsTheGoldenOne() throws {
    let bytes = try EntryBundle.encode(["one", "two", "three"].map(ascii))
    #expect(hex(bytes) == "00036f6e65000374776f00057468726565")
    #expect(try EntryBundle.decode(bytes, width: 3) == ["one", "two", "three"].map(ascii))
  }

  @Test func largestEntryFits() throws {
    let largest = [UInt8](repeating: 7, count: EntryBundle.entryByteCountMaximum)
    let bytes = try EntryBundle.encode([largest, []])
    #expect(bytes.count == 65_535 + 4)
    #expect(try EntryBundle.decode(bytes, width: 2) == [largest, []])
    let log = try MemoryLog([largest]).published()
    #expect(try log.verify(.any).isValid)
    #expect(try log.verify(.canonicalJSON).findings.map(\.kind) == [.entryNotCanonical])
  }

  @Test func entryBeyondTheLimitIsRefused() {
    expect(.entryTooLarge) {
      _ = try EntryBundle.encode([[UInt8](repeating: 7, count: 65_536)])
    }
  }

  @Test(arguments: [0, 257])
  func wrongNumberOfEntriesIsRefused(count: Int) {
    expect(.malformedBundle) { _ = try EntryBundle.encode(Array(repeating: [], count: count)) }
  }

  @Test func brokenBundlesAreRefused() throws {
    let bytes = try EntryBundle.encode(["one", "two"].map(ascii))
    for count in 0..<bytes.count {
      expect(.malformedBundle) { _ = try EntryBundle.decode(Array(bytes[..<count]), width: 2) }
    }
    expect(.malformedBundle) { _ = try EntryBundle.decode(bytes + [0], width: 2) }
    expect(.malformedBundle) { _ = try EntryBundle.decode(bytes, width: 1) }
    expect(.malformedBundle) { _ = try EntryBundle.decode(bytes, width: 3) }
    expect(.malformedBundle) { _ = try EntryBundle.decode(flipped(bytes, byte: 0), width: 2) }
  }
}

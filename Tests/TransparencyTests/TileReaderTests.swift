import Testing
import Transparency

/// Proofs from published tiles alone are those of the store.
@Suite struct TileReaderTests {
  @Test func numbersLeadBackToTheirHashes() {
    for leaf in 0..<3000 {
      for level in 0...((~leaf).trailingZeroBitCount) {
        let offset = leaf >> level
        let found = StoredHashIndex.place(of: StoredHashIndex.index(level: level, offset: offset))
        #expect(found == (level, offset))
      }
    }
    for level in [0, 7, 8, 20, 40] {
      let found = StoredHashIndex.place(of: StoredHashIndex.index(level: level, offset: 1234))
      #expect(found == (level, 1234))
    }
  }

  @Test func everyStoredHashIsReadFromTheTiles() throws {
    for size in [1, 2, 255, 256, 257, 600] {
      let log = try MemoryLog(numbered: size).published()
      let tiles = TileReader(treeSize: size) { log.files[$0] }
      for index in log.hashes.indices { #expect(try tiles.hash(index) == log.hashes[index]) }
    }
  }

  @Test func levelsAboveTheFirstAreRead() throws {
    let size = 65_536 + 300
    let log = try MemoryLog(numbered: size).published()
    let tiles = TileReader(treeSize: size) { log.files[$0] }
    #expect(try MerkleTree.root(size: size, read: tiles.hash) == log.root)
    for (old, new) in [(1, size), (65_535, 65_536), (65_536, 65_537), (300, 65_792), (777, 778)] {
      let proof = try MerkleTree.consistencyProof(from: old, to: new, read: tiles.hash)
      #expect(proof == (try MerkleTree.consistencyProof(from: old, to: new, read: log.read)))
      try proof.verify(
        oldRoot: MerkleTree.root(size: old, read: log.read),
        newRoot: MerkleTree.root(size: new, read: log.read))
    }
    let inclusion = try MerkleTree.inclusionProof(
      leafIndex: 40_000, treeSize: size, read: tiles.hash)
    try inclusion.verify(leafHash: .leaf(log.entries[40_000]), rootHash: log.root)
  }

  /// A log that has grown no longer needs the partial tile of the smaller tree.
  @Test func aFullTileStandsForItsBeginning() throws {
    let log = try MemoryLog(numbered: 512).published()
    let tiles = TileReader(treeSize: 511) { log.files[$0] }
    #expect(log.files["tile/0/001.p/255"] == nil)
    for leaf in 256..<511 {
      let hash = try tiles.hash(StoredHashIndex.index(level: 0, offset: leaf))
      #expect(hash == .leaf(log.entries[leaf]))
    }
  }

  @Test func whatIsMissingOrWrongIsTold() throws {
    var log = try MemoryLog(numbered: 300).published()
    let beyond = StoredHashIndex.index(level: 0, offset: 300)
    expect(.outOfRange) { _ = try TileReader(treeSize: 300) { log.files[$0] }.hash(beyond) }
    let half = StoredHashIndex.index(level: 8, offset: 1)
    expect(.outOfRange) { _ = try TileReader(treeSize: 300) { log.files[$0] }.hash(half) }
    log.files["tile/0/001.p/44"] = nil
    let tiles = TileReader(treeSize: 300) { log.files[$0] }
    expect(.malformedTile) { _ = try MerkleTree.root(size: 300, read: tiles.hash) }
    #expect(try tiles.hash(0) == log.hashes[0], "others are still read")
    log.files["tile/0/001.p/44"] = [UInt8](repeating: 0, count: 43 * 32)
    expect(.malformedTile) {
      _ = try MerkleTree.root(size: 300, read: TileReader(treeSize: 300) { log.files[$0] }.hash)
    }
  }

  @Test func prunedBundlesAreLeftOut() throws {
    let log = MemoryLog(numbered: 700)
    let files = try TilePublisher.files(
      from: 0, to: 700, minimumIndex: 512, readHash: log.read
    ) { index in
      guard index >= 512 else {
        throw TransparencyError.gone
      }
      return log.entries[index]
    }
    let bundles = files.map(\.path).filter { $0.hasPrefix("tile/entries") }
    #expect(bundles == ["tile/entries/002.p/188"])
    #expect(files.contains { $0.path == "tile/0/000" })
    expect(.malformedProof) {
      _ = try TilePublisher.files(from: 0, to: 700, minimumIndex: 511, readHash: log.read) {
        guard $0 >= 512 else { throw TransparencyError.gone }
        return log.entries[$0]
      }
    }
  }

  static let texts: [String] = [
    "", "old 1\n", "old 1\nnew 2", "new 2\nold 1\n", "old 01\nnew 2\n", "old -1\nnew 2\n",
    "old 1\nnew 2\nx\n", "old 1\nnew 2\n\n", "old 1 \nnew 2\n", "old 1\nnew 2\nAAAA\n",
  ]

  @Test func aProofIsReadAsItIsWritten() throws {
    let log = MemoryLog(numbered: 300)
    for (old, new) in [(0, 0), (0, 300), (1, 1), (7, 300), (256, 300)] {
      let proof = try MerkleTree.consistencyProof(from: old, to: new, read: log.read)
      #expect(try ConsistencyProof(encoded: proof.encoded) == proof)
    }
    for text in Self.texts {
      expect(.malformedProof) { _ = try ConsistencyProof(encoded: ascii(text)) }
    }
    expect(.malformedProof) {
      _ = try ConsistencyProof(
        encoded: [UInt8](repeating: 10, count: ConsistencyProof.byteCountMaximum + 1))
    }
  }
}

extension TransparencyError {
  /// An error for entries that are not there.
  fileprivate static var gone: any Error {
    do {
      _ = try ConsistencyProof(encoded: [])
      return CancellationError()
    } catch {
      return error
    }
  }
}

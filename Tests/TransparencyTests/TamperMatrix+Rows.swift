import Transparency

extension TamperRow {
  private static let bundle = "tile/entries/001.p/44"
  private static let tile = "tile/0/001.p/44"
  private static let top = "tile/1/000.p/1"

  /// The whole matrix, in the order of the page.
  static let all = singleFiles + missingFiles + rearrangements + checkpoints + boundaries + contents

  /// Bytes of single files changed, replaced or cut.
  private static let singleFiles = [
    TamperRow("entry-bit", "one bit of an entry flipped", .entryHashMismatch, bundle, 263) {
      try $0.flip(bundle, text: "n263")
    },
    TamperRow("hash-bit", "one bit of a leaf hash flipped", .tileHashMismatch, tile, 261) {
      try $0.flip(tile, byte: 5 * 32 + 9)
    },
    TamperRow("tile-bit", "one bit of a tile of level 1 flipped", .tileHashMismatch, top, 0) {
      try $0.flip(top, byte: 9)
    },
    TamperRow(
      "bundle-entry-deleted", "an entry taken out of its bundle", .bundleMalformed,
      "tile/entries/000"
    ) { log in
      try log.edit("tile/entries/000") { bytes in
        bytes = try EntryBundle.encode(Array(EntryBundle.decode(bytes, width: 256)[1...]))
      }
    },
    TamperRow(
      "bundle-entry-inserted", "an entry put into a bundle", .bundleMalformed, bundle
    ) { log in
      try log.edit(bundle) { bytes in
        bytes += try EntryBundle.encode([MemoryLog.event(300)])
      }
    },
    TamperRow(
      "bundle-entries-swapped", "two entries of a bundle exchanged", .entryHashMismatch,
      "tile/entries/000", 100
    ) { try $0.editBundle("tile/entries/000", width: 256) { $0.swapAt(100, 101) } },
    TamperRow("tile-cut", "a tile cut by one byte", .tileMalformed, "tile/0/000") {
      try $0.edit("tile/0/000") { $0.removeLast() }
    },
    TamperRow("bundle-cut", "a bundle cut by one byte", .bundleMalformed, bundle) {
      try $0.edit(bundle) { $0.removeLast() }
    },
    TamperRow("checkpoint-cut", "the checkpoint cut by one byte", .checkpointMalformed) {
      try $0.edit("checkpoint") { $0.removeLast() }
    },
    TamperRow(
      "replayed-tile", "a partial tile replaced by what it was earlier", .tileMalformed, tile
    ) { try $0.edit(tile) { $0 = Array($0[..<(20 * 32)]) } },
    TamperRow(
      "replayed-bundle", "a bundle replaced by what it was earlier", .bundleMalformed, bundle
    ) { log in
      try log.edit(bundle) { bytes in
        bytes = try EntryBundle.encode(Array(EntryBundle.decode(bytes, width: 44)[..<20]))
      }
    },
    TamperRow(
      "foreign-tile", "a tile replaced by that of another log", .tileHashMismatch, "tile/0/000", 0
    ) { $0.files["tile/0/000"] = try MemoryLog(events: 300).published().files["tile/0/000"] },
    TamperRow(
      "stray-tile", "an older partial tile of another history beside the present one",
      .historyMismatch, "tile/0/001.p/24"
    ) {
      $0.files["tile/0/001.p/24"] = try MemoryLog(events: 280).published().files["tile/0/001.p/24"]
    },
  ]

  /// Files that are not there.
  private static let missingFiles =
    [
      ("missing-checkpoint", "the checkpoint deleted", "checkpoint"),
      ("missing-partial-tile", "a partial tile deleted", tile),
      ("missing-tile", "a full tile deleted", "tile/0/000"),
      ("missing-upper-tile", "a tile of level 1 deleted", top),
      ("missing-bundle", "a bundle deleted without an event that says so", "tile/entries/000"),
    ].map { name, done, path in
      TamperRow(name, done, .missingFile, path) { $0.files[path] = nil }
    } + [
      TamperRow(
        "pruned-too-far", "a bundle above the index of `log.pruned` deleted", .missingFile,
        "tile/entries/001"
      ) { $0.files = try PrunedLog(events: 600, minimumIndex: 256, deleting: 2).files },
      TamperRow("pruned", "a bundle below the index of `log.pruned` deleted", by: .nobody) {
        $0.files = try PrunedLog(events: 600, minimumIndex: 256).files
      },
    ]

  /// The whole log made anew, by who has not the log's key and by who has.
  private static let rearrangements = [
    TamperRow(
      "entry-deleted", "an entry deleted, every file made anew, the checkpoint kept",
      .missingFile, tile
    ) { log in
      var notes = TamperEvents.notes
      notes.remove(at: 100)
      try log.republish(TamperEvents.log(notes))
    },
    TamperRow(
      "entries-swapped", "two entries exchanged, every file made anew, the checkpoint kept",
      .rootMismatch
    ) { log in
      var notes = TamperEvents.notes
      notes.swapAt(100, 101)
      try log.republish(TamperEvents.log(notes))
    },
    TamperRow(
      "entry-inserted", "an entry inserted, every file made anew, the checkpoint kept",
      .missingFile, tile
    ) { log in
      var notes = TamperEvents.notes
      notes.insert("extra", at: 100)
      try log.republish(TamperEvents.log(notes))
    },
    TamperRow(
      "entry-edited", "an entry and every hash above it changed, the checkpoint kept",
      .rootMismatch
    ) { log in
      var notes = TamperEvents.notes
      notes[270] = "other"
      try log.republish(TamperEvents.log(notes))
    },
    TamperRow(
      "tail-cut", "the tail cut off, every file made anew, the checkpoint kept", .missingFile, tile
    ) { try $0.republish(TamperEvents.log(290)) },
    TamperRow(
      "rewritten", "an entry changed and everything signed anew with the log's key",
      by: .knownCheckpoint, .historyMismatch
    ) { log in
      log.known = [try log.original.checkpoint(size: 299)]
      var notes = TamperEvents.notes
      notes[270] = "other"
      try log.republish(TamperEvents.log(notes), signedAgain: true)
    },
    TamperRow(
      "tail-cut-signed", "the tail cut off and the rest signed anew with the log's key",
      by: .knownCheckpoint, .historyMismatch
    ) { log in
      log.known = [try log.original.checkpoint()]
      try log.republish(TamperEvents.log(290), signedAgain: true)
    },
    TamperRow(
      "older-state", "the whole directory put back to an older state", by: .knownCheckpoint,
      .historyMismatch
    ) { log in
      log.known = [try log.original.checkpoint()]
      log.files = try TamperEvents.log(257).published().files
    },
    TamperRow(
      "emptied", "the log replaced by an empty one, signed with the log's key",
      by: .knownCheckpoint, .historyMismatch
    ) { log in
      log.known = [try log.original.checkpoint()]
      log.files = try TamperEvents.log(0).published().files
    },
    TamperRow(
      "fork", "another log of the same size shown to this reader, signed with the log's key",
      by: .knownCheckpoint, .historyMismatch
    ) { log in
      log.known = [try log.original.checkpoint()]
      var notes = TamperEvents.notes
      notes[299] = "other"
      try log.republish(TamperEvents.log(notes), signedAgain: true)
    },
    TamperRow("grown", "more entries published than a kept checkpoint has", by: .nobody) { log in
      log.known = [try log.original.checkpoint()]
      log.files = try TamperEvents.log(700).published().files
    },
  ]
}

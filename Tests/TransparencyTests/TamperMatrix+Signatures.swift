import Transparency

extension TamperRow {
  /// Checkpoints and their signatures.
  static let checkpoints = [
    TamperRow(
      "older-checkpoint", "the checkpoint alone put back to an older one", .missingFile,
      "tile/0/001.p/1"
    ) { $0.files["checkpoint"] = try $0.original.signedCheckpoint(size: 257).encoded },
    TamperRow(
      "unknown-key", "a signature by another key under the log's name", .checkpointRejected
    ) { log in
      let text = try log.original.checkpoint().text
      try log.sign(text, by: [MemoryLog.signingKey(seedOf: "other seed").sign(text)])
    },
    TamperRow(
      "bad-signature", "the log's key named over a signature of another text", .checkpointRejected
    ) { log in
      let text = try log.original.checkpoint().text
      try log.sign(text, by: [MemoryLog.signingKey().sign(ascii("other\n"))])
    },
    TamperRow(
      "good-and-bad-signature", "a bad signature by the log's key beside the good one",
      .checkpointRejected
    ) { log in
      let text = try log.original.checkpoint().text
      let key = try MemoryLog.signingKey()
      try log.sign(text, by: [key.sign(text), key.sign(ascii("other\n"))])
    },
    TamperRow(
      "foreign-checkpoint", "the checkpoint of another log, signed with the log's key",
      .checkpointRejected
    ) { log in
      let text = try Checkpoint(
        origin: "vault.example/other", treeSize: 300, rootHash: log.original.root
      ).text
      try log.sign(text, by: [MemoryLog.signingKey().sign(text)])
    },
    TamperRow("no-checkpoint", "a file that is none in its place", .checkpointMalformed) {
      $0.files["checkpoint"] = ascii("nonsense")
    },
    TamperRow(
      "size-zero", "size 0 stated over the root of 300 entries", .checkpointMalformed
    ) { log in
      let lines = [MemoryLog.origin, "0", log.original.root.description].map { $0 + "\n" }
      let text = ascii(lines.joined())
      try log.sign(text, by: [MemoryLog.signingKey().sign(text)])
    },
    TamperRow(
      "no-cosignature", "a checkpoint that no witness has seen", by: .witnessRule,
      .cosignatureMissing
    ) { $0.witnesses = [try Witnesses.key().verifierKey] },
    TamperRow(
      "no-quorum", "a checkpoint that one of two witnesses has seen", by: .witnessRule,
      .cosignatureMissing
    ) { log in
      let keys = try ["w1.example", "w2.example"].map { try Witnesses.key(named: $0).verifierKey }
      let checkpoint = try log.original.checkpoint()
      try log.sign(
        checkpoint.text,
        by: [
          MemoryLog.signingKey().sign(checkpoint.text),
          Witnesses.key(named: "w1.example").cosign(checkpoint, timeSeconds: Witnesses.seconds),
        ])
      log.policy = try WitnessPolicy(
        text: ascii(
          "witness a \(keys[0].encoded)\nwitness b \(keys[1].encoded)\ngroup g all a b\nquorum g\n")
      )
    },
    TamperRow(
      "bad-cosignature", "a witness's signature over another checkpoint", by: .witnessRule,
      .checkpointRejected
    ) { log in
      let key = try Witnesses.key()
      let checkpoint = try log.original.checkpoint()
      try log.sign(
        checkpoint.text,
        by: [
          MemoryLog.signingKey().sign(checkpoint.text),
          key.cosign(log.original.checkpoint(size: 299), timeSeconds: Witnesses.seconds),
        ])
      log.witnesses = [key.verifierKey]
    },
  ]

  /// Sizes at which tiles fill and levels begin.
  static let boundaries =
    [0, 255, 256, 257, 65_535, 65_536, 65_537].map { size in
      TamperRow("size-\(size)", "an untouched log of \(size) entries", by: .nobody) { log in
        log.files = try MemoryLog(numbered: size).published().files
        log.rule = .any
      }
    }
    + [
      (256, "tile/1/000.p/1", 0), (257, "tile/0/001.p/1", 256),
      (65_535, "tile/1/000.p/255", 254), (65_536, "tile/2/000.p/1", 0),
      (65_537, "tile/0/256.p/1", 65_536),
    ].map { size, path, index in
      return TamperRow(
        "size-\(size)-bit", "one bit of the last hash flipped, \(size) entries", .tileHashMismatch,
        path, index
      ) { log in
        log.files = try MemoryLog(numbered: size).published().files
        log.rule = .any
        let count = log.files[path]?.count ?? 0
        try log.flip(path, byte: count - 1)
      }
    }

  /// Entries that a log's key has signed and that are none.
  static let contents = [
    TamperRow(
      "wrong-number", "an entry with the number of another, signed with the log's key",
      .eventMalformed, "tile/entries/000.p/3", 1
    ) { log in
      let events = try [0, 7, 2].map { try MemoryLog.event($0) }
      log.files = try MemoryLog(events).published().files
    },
    TamperRow(
      "not-canonical", "an entry in another spelling, signed with the log's key",
      .entryNotCanonical, "tile/entries/000.p/1", 0
    ) { log in
      let spaced = try [UInt8(ascii: " ")] + MemoryLog.event(0)
      log.files = try MemoryLog([spaced]).published().files
    },
    TamperRow(
      "oversize-event", "an event of 16,385 bytes, signed with the log's key",
      .entryNotCanonical, "tile/entries/000.p/1", 0
    ) { $0.files = try MemoryLog([oversize(16_385)]).published().files },
    TamperRow("largest-event", "an event of 16,384 bytes", by: .nobody) {
      $0.files = try MemoryLog([oversize(16_384)]).published().files
    },
    TamperRow(
      "largest-entry", "an entry of 65,535 bytes, signed with the log's key",
      .entryNotCanonical, "tile/entries/000.p/1", 0
    ) { $0.files = try MemoryLog([oversize(65_535)]).published().files },
    TamperRow(
      "longer-entry", "an entry's length raised by one", .bundleMalformed,
      "tile/entries/000.p/1"
    ) { log in
      log.files = try MemoryLog([oversize(16_384)]).published().files
      try log.edit("tile/entries/000.p/1") { $0[1] += 1 }
    },
  ]

  /// An event of exactly so many bytes.
  private static func oversize(_ count: Int) throws -> [UInt8] {
    let head = ascii(#"{"id":"00ff","note":""#)
    let tail = ascii(#"","seq":0,"time":1,"type":"field.disclosed"}"#)
    let filling = [UInt8](repeating: UInt8(ascii: "x"), count: count - head.count - tail.count)
    return head + filling + tail
  }
}

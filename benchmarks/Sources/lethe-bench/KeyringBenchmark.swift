import Foundation
import Keyring
import Sealing

/// The key store alone: what opening it, lending keys and destroying keys cost with many subjects.
struct KeyringBenchmark {
  /// How often one erasure waits for the disk, as the system calls tell: see README.md.
  static let waitsOfOneErasure = 7
  static let batch = 10_000

  private static let openings = 20
  private static let lendings = 100_000
  private static let singles = 51
  private static let batches = 5
  private static let flatErasures = 3
  /// At most one subject in so many goes with one batch, so that a small store stays a store.
  private static let batchShare = 20
  /// Beyond so many subjects the flat store is left out: it takes seconds for every erasure.
  private static let flatSubjects = 1_000_000

  private struct Tree {
    var made = 0.0
    var size = 0
    var opening = Sample([])
    var lending = 0.0
    var lendingBatch = 0.0
    var single = Sample([])
    var waits = Sample([])
    var batch = Sample([])
    var peak: Int?
  }

  private struct Flat {
    var made = 0.0
    var size = 0
    var single = Sample([])
    var batch = Sample([])
    var wrapped = 0
  }

  let place: Place
  let subjects: Int

  private let random = SystemRandom()
  private var batchCount: Int { min(Self.batch, subjects / Self.batchShare) }

  init(place: Place, subjects: Int) {
    self.place = place
    self.subjects = subjects
  }

  func run() throws -> Findings {
    var numbers = SeededNumbers(seed: UInt64(subjects))
    ResidentMemory.reset()
    let tree = try measureTree(&numbers)
    let flat = subjects <= Self.flatSubjects ? try measureFlat(&numbers) : nil
    return findings(tree, flat)
  }

  private func measureTree(_ numbers: inout SeededNumbers) throws -> Tree {
    let store = try KeyPlace(place, random)
    var tree = Tree()
    tree.made = try Stopwatch.seconds {
      for start in stride(from: 0, to: subjects, by: Keyring.maximumCreateCount) {
        _ = try store.keyring.createSubjectKeys(
          count: min(Keyring.maximumCreateCount, subjects - start))
      }
    }
    tree.size = try Place.size(store.path)
    tree.opening = Sample(
      try (0..<Self.openings).map { _ in try Stopwatch.seconds { try store.reopen() } })
    let keyring = store.keyring
    var lent = 0
    let leaves = (0..<min(Self.lendings, subjects)).map { _ in
      Int64.random(in: 0..<Int64(subjects), using: &numbers)
    }
    tree.lending = try Stopwatch.seconds {
      for leaf in leaves { try keyring.withSubjectKey(leaf) { lent += $0.count } }
    }
    let sorted = leaves.sorted()
    tree.lendingBatch = try Stopwatch.seconds {
      try keyring.withSubjectKeys(sorted) { _, key in lent += key.count }
    }
    guard lent == 2 * leaves.count * AES256GCM.keyByteCount else {
      throw BenchError(message: "\(lent) bytes of keys were lent")
    }
    try measureErasures(keyring, &numbers, &tree)
    tree.peak = ResidentMemory.peak
    return tree
  }

  /// Measures A B A B …, so that a slow moment of the disk does not hit one side alone.
  private func measureErasures(
    _ keyring: Keyring, _ numbers: inout SeededNumbers, _ tree: inout Tree
  ) throws {
    let disk = try DurableFile(place.path("waits"))
    var draw = DistinctLeaves(below: subjects)
    var singles: [Double] = []
    var waits: [Double] = []
    for _ in 0..<Self.singles {
      let leaf = draw.next(1, &numbers)
      singles.append(try Stopwatch.seconds { try erase(leaf, keyring) })
      waits.append(try Stopwatch.seconds { try disk.write(times: Self.waitsOfOneErasure) })
    }
    tree.single = Sample(singles)
    tree.waits = Sample(waits)
    tree.batch = Sample(
      try (0..<Self.batches).map { _ in
        let leaves = draw.next(batchCount, &numbers)
        return try Stopwatch.seconds { try erase(leaves, keyring) }
      })
  }

  private func erase(_ leaves: [Int64], _ keyring: Keyring) throws {
    let receipt = try keyring.erase(subjects: leaves)
    guard receipt.record.destroyed.subjects == leaves.count, receipt.walTruncated else {
      throw BenchError(
        message: "\(receipt.record.destroyed.subjects) of \(leaves.count) keys were destroyed")
    }
  }

  private func measureFlat(_ numbers: inout SeededNumbers) throws -> Flat {
    let path = place.path("flat.sqlite")
    let store = try FlatKeyStore(
      path, slot: place.path("flat.slot"), vault: VaultID(rawBytes: random.bytes(count: 16)),
      random: random)
    var flat = Flat()
    flat.made = try Stopwatch.seconds {
      for start in stride(from: 0, to: subjects, by: Keyring.maximumCreateCount) {
        try store.create(start..<min(start + Keyring.maximumCreateCount, subjects))
      }
    }
    flat.size = try Place.size(path)
    var draw = DistinctLeaves(below: subjects)
    func seconds(_ count: Int) throws -> Double {
      let gone = draw.next(count, &numbers).map(Int.init)
      return try Stopwatch.seconds { flat.wrapped = try store.erase(gone) }
    }
    flat.single = Sample(try (0..<Self.flatErasures).map { _ in try seconds(1) })
    flat.batch = Sample(try (0..<Self.flatErasures).map { _ in try seconds(batchCount) })
    let wanted = subjects - Self.flatErasures * (1 + batchCount)
    guard flat.wrapped == wanted else {
      throw BenchError(message: "\(flat.wrapped) of \(wanted) keys were wrapped anew")
    }
    return flat
  }
}

extension KeyringBenchmark {
  private func findings(_ tree: Tree, _ flat: Flat?) -> Findings {
    var findings = Findings(tables: [
      erasureTable(tree, flat), disk(tree),
      Table(
        "Key store of \(subjects) subjects: everything else",
        columns: ["", "flat", "tree"],
        rows: [
          [
            "make the keys, durably", flat.map { Format.seconds($0.made) } ?? "-",
            Format.seconds(tree.made),
          ],
          [
            "size of the file", flat.map { Format.mebibytes($0.size) } ?? "-",
            Format.mebibytes(tree.size),
          ],
          ["open, median", "-", Format.milliseconds(tree.opening.median)],
          ["lend keys at random", "-", Format.rate(lendings / tree.lending)],
          ["lend keys in order", "-", Format.rate(lendings / tree.lendingBatch)],
          ["resident memory, peak", "-", tree.peak.map(Format.mebibytes) ?? "-"],
        ]),
    ])
    let figures: [(String, Double, String)] = [
      ("size", Double(tree.size), "B"), ("open", tree.opening.median, "s"),
      ("open.max", tree.opening.percentile(1), "s"), ("erase", tree.single.median, "s"),
      ("erase.max", tree.single.percentile(1), "s"), ("erase.waits", tree.waits.median, "s"),
      ("erase.beyond_waits", tree.single.median - tree.waits.median, "s"),
      ("erase_batch", tree.batch.median, "s"),
      ("lend", lendings / tree.lending, "keys/s"),
      ("lend_in_order", lendings / tree.lendingBatch, "keys/s"),
    ]
    for (name, value, unit) in figures { findings.add("keyring.\(name)", value, unit) }
    if let flat { addFlat(flat, tree, &findings) }
    if let peak = tree.peak { findings.add("keyring.resident_peak", Double(peak), "B") }
    return findings
  }

  private func addFlat(_ flat: Flat, _ tree: Tree, _ findings: inout Findings) {
    let figures: [(String, Double, String)] = [
      ("flat.size", Double(flat.size), "B"), ("flat.erase", flat.single.median, "s"),
      ("flat.erase_batch", flat.batch.median, "s"),
      ("erase.ratio", flat.single.median / tree.single.median, "1"),
      ("erase_batch.ratio", flat.batch.median / tree.batch.median, "1"),
    ]
    for (name, value, unit) in figures { findings.add("keyring.\(name)", value, unit) }
  }

  private var lendings: Double { Double(min(Self.lendings, subjects)) }

  private func erasureTable(_ tree: Tree, _ flat: Flat?) -> Table {
    func row(_ name: String, _ tree: Sample, _ flat: Sample?) -> [String] {
      [name, flat.map { Format.seconds($0.median) } ?? "-"] + Format.spread(tree)
        + [flat.map { Format.number($0.median / tree.median, digits: 0) } ?? "-"]
    }
    let rate = flat.map { Format.rate(Double($0.wrapped) / $0.batch.median) } ?? "not measured"
    return Table(
      "Destroy keys among \(subjects), durably and with the epoch",
      columns: ["keys", "flat", "tree, min", "median", "max", "flat : tree"],
      rows: [
        row("1", tree.single, flat?.single), row("\(batchCount)", tree.batch, flat?.batch),
      ],
      note: "flat: one wrapped key a subject; the survivors are wrapped anew, \(rate)")
  }

  private func disk(_ tree: Tree) -> Table {
    let beyond = tree.single.median - tree.waits.median
    return Table(
      "Destroy one key: waiting for the disk and the rest",
      columns: ["", "min", "median", "max"],
      rows: [
        ["one erasure"] + Format.spread(tree.single),
        ["\(Self.waitsOfOneErasure) durable writes of 4 KiB"] + Format.spread(tree.waits),
        ["difference", "", Format.milliseconds(beyond), ""],
      ])
  }
}

/// A key store with its slot and unseal key.
private final class KeyPlace {
  let path: String
  private(set) var keyring: Keyring
  private let slotPath: String
  private let keyPath: String
  private let directory: String
  private let random: SystemRandom

  init(_ place: Place, _ random: SystemRandom) throws {
    self.random = random
    directory = place.path("keys")
    path = directory + "/keys.sqlite"
    slotPath = place.path("keys.slot")
    keyPath = place.path("keys.unseal")
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let vault = try VaultID(rawBytes: random.bytes(count: 16))
    keyring = try Keyring.create(
      at: path, vault: vault,
      unsealKey: UnsealKey.createFile(at: keyPath, outside: directory, random: random),
      slot: FileEpochSlot.create(at: slotPath, vault: vault, random: random), random: random,
      now: { 0 })
  }

  func reopen() throws {
    keyring = try Keyring.open(
      at: path, unsealKey: UnsealKey.file(at: keyPath, outside: directory),
      slot: FileEpochSlot.open(at: slotPath, vault: keyring.vault, random: random),
      random: random, now: { 0 })
  }
}

/// Draws leaves that were not drawn before.
private struct DistinctLeaves {
  private let limit: Int
  private var drawn: Set<Int64> = []

  init(below limit: Int) {
    self.limit = limit
  }

  mutating func next(_ count: Int, _ numbers: inout SeededNumbers) -> [Int64] {
    var leaves: [Int64] = []
    while leaves.count < count {
      let leaf = Int64.random(in: 0..<Int64(limit), using: &numbers)
      if drawn.insert(leaf).inserted { leaves.append(leaf) }
    }
    return leaves
  }
}

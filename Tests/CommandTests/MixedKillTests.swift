import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Kills the program at random in a mixed load; every time the next opening has to put all right.
@Suite struct MixedKillTests {
  private enum Act: Int, CaseIterable { case ingest, reveal, erase }

  /// A vault, and what must be true of it.
  private struct World {
    let stage: Stage
    var live: [Int] = []
    var erased: [Int] = []
    var cases = 0
    var next = 1

    static func email(_ number: Int) -> String { "person\(number)@example.org" }

    func token(_ number: Int) throws -> String? {
      let answer = try stage.lethe(
        "find", "email", "-", "--as", "dana", "--json", input: Self.email(number))
      let persons = try answer.document()["persons"] as? [[String: Any]] ?? []
      #expect(persons.count <= 1)
      return persons.first?["token"] as? String
    }

    func revealWords(_ token: String) -> [String] {
      ["reveal", token, "--as", "dana", "--purpose", "subject_rights"]
    }
  }

  private static let batchCount = 40
  /// Rounds between two looks at the others, in the short run.
  private static let checkEvery = 3
  private static let microsecondsPerSecond = 1_000_000.0

  /// Gets one act ready: its words, and what to conclude after it was cut off and the vault opened.
  private func prepare(
    _ act: Act, _ world: inout World, _ dice: inout SeededNumbers
  ) throws -> (words: [String], settle: (inout World) throws -> Void) {
    switch act {
    case .ingest:
      let numbers = world.next...world.next + Self.batchCount - 1
      world.next += Self.batchCount
      try world.stage.write(Rows.header + Rows.crm(numbers), "data.csv")
      let words = ["ingest", "data.csv", "--contract", "crm", "--as", "eve"]
      return (
        words,
        { world in
          let answer = try world.stage.lethe(words + ["--json"]).document()
          let kept = ["added", "unchanged"].reduce(0) { $0 + (answer[$1] as? Int ?? 0) }
          #expect(kept == Self.batchCount)
          world.live += numbers
        }
      )
    case .reveal:
      let number = try #require(world.live.randomElement(using: &dice))
      let token = try #require(try world.token(number))
      return (world.revealWords(token), { _ in })
    case .erase:
      let place = Int.random(in: world.live.indices, using: &dice)
      let number = world.live[place]
      let token = try #require(try world.token(number))
      world.cases += 1
      let name = "C-\(world.cases)"
      let words = ["dsr", "erase", token, "--case", name, "--as", "dana"]
      let preview = try world.stage.lethe(words + ["--json"]).document()
      return (
        words + ["--confirm", try #require(preview["confirm"] as? String)],
        { world in
          let states = try world.stage.loggedStates(name)
          let isErased = try world.token(number) == nil
          let once = Dictionary(uniqueKeysWithValues: Stage.erasureStates.map { ($0, 1) })
          #expect(states == (isErased ? once : [:]), "\(name)")
          guard isErased else { return }
          world.live.remove(at: place)
          world.erased.append(number)
        }
      )
    }
  }

  /// Opens the vault, which has to finish what was begun.
  private func reopen(_ world: World, _ note: String) throws {
    let opened = try world.stage.lethe("status", "--as", "dana", "--json")
    try #require(opened.status == 0, "\(note): \(opened.error)")
    let status = try opened.document(mayNotice: true)
    #expect((status["open_erasures"] as? [Any])?.isEmpty == true, "\(note)")
    #expect(status["fenced"] as? Int == 0, "\(note)")
  }

  /// Looks at somebody of each kind, and at the log.
  private func check(_ world: World, _ dice: inout SeededNumbers, _ note: String) throws {
    if let number = world.erased.randomElement(using: &dice) {
      #expect(try world.token(number) == nil, "\(note): person \(number) is back")
    }
    if let number = world.live.randomElement(using: &dice) {
      let token = try #require(try world.token(number), "\(note): person \(number) is lost")
      let shown = try world.stage.lethe(world.revealWords(token))
      #expect(shown.error.contains(World.email(number)), "\(note): \(shown.error)")
    }
    // The look-ups above have published: after a kill between tiles and checkpoint the tiles are
    // ahead until somebody does.
    let verified = try world.stage.lethe("audit", "verify", "--json")
    #expect(verified.status == 0, "\(note): \(verified.outputText)\(verified.error)")
  }

  /// One world, or in the long run several at once.
  static let seeds: [UInt64] = AttackReport.isLong ? [7, 8, 9, 10] : [7]

  @Test(arguments: seeds) func anythingMayBeKilledAtAnyTime(seed: UInt64) throws {
    var world = World(stage: try Stage(Template.bare))
    var dice = SeededNumbers(seed: seed)
    var seconds: [Act: Double] = [:]
    // Undisturbed once each, to learn how long it takes.
    for act in Act.allCases {
      let (words, settle) = try prepare(act, &world, &dice)
      let started = Date()
      #expect(try world.stage.lethe(words).status == 0)
      seconds[act] = Date().timeIntervalSince(started)
      try settle(&world)
    }
    let rounds = AttackReport.rounds(short: 25, long: 500 / Self.seeds.count)
    var kills: [Act: Int] = [:]
    for round in 0..<rounds {
      let act: Act =
        switch Int.random(in: 0..<10, using: &dice) {
        case 0..<3: .ingest
        case 3: .reveal
        default: .erase
        }
      let (words, settle) = try prepare(act, &world, &dice)
      let moment = Double.random(in: 0...(seconds[act] ?? 1), using: &dice)
      let running = try world.stage.start(words)
      usleep(UInt32(moment * Self.microsecondsPerSecond))
      running.killHard()
      if try running.wait().wasKilled { kills[act, default: 0] += 1 }
      let note = "round \(round), \(act) at \(moment) s"
      try reopen(world, note)
      try settle(&world)
      if AttackReport.isLong || round % Self.checkEvery == 0 { try check(world, &dice, note) }
    }
    try check(world, &dice, "at the end")
    for number in world.erased { #expect(try world.token(number) == nil) }
    let counts = try world.stage.counts()
    #expect(counts["subjects"] == world.live.count && counts["records"] == world.live.count)
    let killed = kills.values.reduce(0, +)
    #expect(killed > rounds / 3)
    let detail = Act.allCases.map { "\($0) \(kills[$0] ?? 0)" }.joined(separator: ", ")
    AttackReport.record(
      number: 7, name: "random kill -9 in a mixed load, seed \(seed)",
      tried: "\(rounds) rounds, \(killed) processes killed alive (\(detail))",
      result:
        "each opening finished what was begun; \(world.erased.count) erased stay erased with every "
        + "state logged once, \(world.live.count) of \(world.live.count) others there, log valid")
  }
}

import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Ends the program, or the machine's power, at every moment that matters.
@Suite(.serialized, .enabled(if: Trace.isPossible, "\(Trace.absenceNote)"))
struct CutOffTests {
  /// What a run under strace did, from which disk on, and the secret its roll has to destroy.
  private struct Traced {
    let trace: Trace
    let base: PowerCut
    let secret: [UInt8]
  }

  /// An erasure that ran to its end under strace.
  private static func erasure() throws -> Traced {
    let stage = try Stage(Template.full)
    let secret = try stage.epochSecret()
    let words = try stage.erasureWords()
    let base = try PowerCut(stage.directory)
    let (trace, outcome) = try Trace.run(words, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    return Traced(trace: trace, base: base, secret: secret)
  }

  /// Every arrow is a commit of the vault's data, and that is a sync of its log: killed there, the
  /// arrow was written and nothing after it.
  @Test func killedAtEveryArrow() throws {
    let run = try Self.erasure()
    let (trace, secret) = (run.trace, run.secret)
    let (syncs, arrows) = trace.syncs(of: "/vault.sqlite-wal")
    var seen: [String: Int] = [:]
    for number in AttackReport.isLong ? Array(1...syncs) : arrows {
      let stage = try Stage(Template.full)
      let outcome = try Trace.killAtSync(number, stage.erasureWords(), stage)
      #expect(outcome.wasKilled || outcome.status == 128 + SIGKILL)
      let state = try stage.stateOnDisk() ?? "none"
      seen[state, default: 0] += 1
      let isDone = try stage.checkAfterErasure(oldSecret: secret, "sync \(number), \(state)")
      #expect(isDone == (state != "none"))
    }
    #expect(Set(seen.keys).subtracting(["none"]) == Set(Stage.erasureStates))
    AttackReport.record(
      number: 7, name: "kill -9 at every arrow of an erasure",
      tried: "\(seen.values.reduce(0, +)) kills at syncs, states \(seen.keys.sorted())",
      result:
        "finished or not begun each time, every state logged once, log valid, others readable")
  }

  @Test func powerIsCutDuringAnErasure() throws {
    let run = try Self.erasure()
    let (trace, base, secret) = (run.trace, run.base, run.secret)
    let told = try #require(trace.firstAnswer)
    var dice = SeededNumbers(seed: 81)
    let cuts = Self.cuts(trace, always: [told + 1, trace.acts.count], &dice)
    var done = 0
    for (count, loss) in cuts {
      let stage = try Stage(Template.full)
      try stage.put(base.after(trace.acts.prefix(count)).image(loss, using: &dice))
      let isDone = try stage.checkAfterErasure(
        oldSecret: secret, "after \(count) of \(trace.acts.count) calls, loss \(loss)")
      #expect(isDone || count <= told, "told after \(told), readable after a cut at \(count)")
      done += isDone ? 1 : 0
    }
    #expect(done > 0 && done < cuts.count)
    AttackReport.record(
      number: 8, name: "power cut during an erasure",
      tried: "\(cuts.count) cuts in \(trace.acts.count) calls; unsynced writes lost, kept or torn",
      result:
        "erased in \(done), not begun in \(cuts.count - done), never readable after it was told, "
        + "everyone else readable, log valid")
  }

  @Test func powerIsCutDuringARoll() throws {
    let stage = try Stage(Template.full)
    let secret = try stage.epochSecret()
    let base = try PowerCut(stage.directory)
    let (trace, outcome) = try Trace.run(["keys", "roll", "--confirm", "1", "--as", "eve"], stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    let told = try #require(trace.firstAnswer)
    var dice = SeededNumbers(seed: 82)
    let cuts = Self.cuts(trace, always: [told + 1, trace.acts.count], &dice)
    var rolled = 0
    for (count, loss) in cuts {
      let stage = try Stage(Template.full)
      try stage.put(base.after(trace.acts.prefix(count)).image(loss, using: &dice))
      let note = "after \(count) of \(trace.acts.count) calls, loss \(loss)"
      let answer = try stage.lethe("status", "--as", "dana", "--json")
      try #require(answer.status == 0, "\(note): \(answer.error)")
      let epoch = try answer.document(mayNotice: true)["epoch"] as? Int
      let bytes = try Data(contentsOf: URL(fileURLWithPath: stage.slot))
      #expect(bytes.holds(secret) == (epoch == 1), "\(note)")
      #expect(epoch == 2 || count <= told, "\(note)")
      rolled += epoch == 2 ? 1 : 0
      try stage.expectBystander(note)
    }
    AttackReport.record(
      number: 8, name: "power cut during a roll",
      tried: "\(cuts.count) cuts in \(trace.acts.count) calls; unsynced writes lost, kept or torn",
      result: "rolled in \(rolled), not rolled in \(cuts.count - rolled), never locked out")
  }

  /// Moments to cut at: spread over the calls, or in the long run before every sync.
  ///
  /// Before a sync the most is at stake: what a cut between two writes leaves is also left by a cut
  /// before the next sync that loses the second one.
  private static func cuts(
    _ trace: Trace, always: [Int], _ dice: inout SeededNumbers
  ) -> [(count: Int, loss: PowerCut.Loss)] {
    let losses = PowerCut.Loss.allCases
    guard !AttackReport.isLong else {
      let syncs = trace.acts.indices.filter {
        if case .sync = trace.acts[$0] { true } else { false }
      }
      return (syncs + always).flatMap { count in (losses + [.some]).map { (count, $0) } }
    }
    let tries = 12
    let spread = (0..<tries).map { number in
      let width = trace.acts.count / tries
      return (number * width + Int.random(in: 0..<max(1, width), using: &dice), losses[number % 3])
    }
    return spread + always.map { ($0, PowerCut.Loss.everything) }
  }
}

extension PowerCut {
  /// The disk after some calls.
  fileprivate func after(_ acts: ArraySlice<Trace.Act>) -> PowerCut {
    var disk = copy()
    for act in acts { disk.apply(act) }
    return disk
  }
}

extension Trace {
  /// Counts the syncs of data, and numbers those that follow the commit of a database to its log.
  ///
  /// Files that are published are synced by another call, which strace counts apart.
  fileprivate func syncs(of log: String) -> (count: Int, commits: [Int]) {
    var (count, commits) = (0, [Int]())
    var isCommit = false
    for act in acts {
      switch act {
      case .write(let path, let offset?, _) where path.hasSuffix(log) && offset > 0: isCommit = true
      case .sync(let path) where !path.contains("/audit"):
        count += 1
        if path.hasSuffix(log), isCommit { commits.append(count) }
        if path.hasSuffix(log) { isCommit = false }
      default: break
      }
    }
    return (count, commits)
  }

  /// The call with which the program first said that it had done its work.
  fileprivate var firstAnswer: Int? {
    acts.firstIndex {
      guard case .write(let path, nil, _) = $0 else { return false }
      return path.hasSuffix("/out") || path.hasSuffix("/err")
    }
  }
}

extension Stage {
  /// Replaces the files of vault and slot by those of an image.
  fileprivate func put(_ image: [String: [UInt8]]) throws {
    for path in try FileManager.default.subpathsOfDirectory(atPath: directory)
    where image[path] == nil {
      var isDirectory: ObjCBool = false
      let exists = unsafe FileManager.default.fileExists(
        atPath: self.path(path), isDirectory: &isDirectory)
      if exists, !isDirectory.boolValue {
        try FileManager.default.removeItem(atPath: self.path(path))
      }
    }
    // The settings name places of the stage's own.
    for (name, bytes) in image where name != "vault/lethe.yaml" {
      let place = path(name)
      let present = FileManager.default.contents(atPath: place)
      guard present.map({ [UInt8]($0) }) != bytes else { continue }
      try FileManager.default.createDirectory(
        atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: place), options: [])
      if present == nil { try setMode(0o600, place) }
    }
  }
}

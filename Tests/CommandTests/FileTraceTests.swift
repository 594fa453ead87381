import Foundation
import TestSupport
import Testing

/// What the program does to files, seen from outside.
@Suite(.enabled(if: Trace.isPossible, "\(Trace.absenceNote)"))
struct FileTraceTests {
  @Test func theSlotIsOverwrittenInPlaceAndNeverReplaced() throws {
    let stage = try Stage(Template.bare)
    let secret = try stage.epochSecret()
    let (trace, outcome) = try Trace.run(["keys", "roll", "--confirm", "1", "--as", "eve"], stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    var writes: [[UInt8]] = []
    var isSynced = true
    for act in trace.acts {
      switch act {
      case .open(stage.slot, let flags):
        #expect(flags.hasPrefix("O_RDWR|") && flags.contains("O_NOFOLLOW"))
        #expect(!["O_CREAT", "O_TRUNC", "O_APPEND"].contains { flags.contains($0) })
      case .write(stage.slot, let offset, let bytes):
        #expect(isSynced, "written again before the write before was synced")
        #expect(offset.map { $0 % 4096 } == 0 && bytes.count == 4096)
        writes.append(bytes)
        isSynced = false
      case .sync(stage.slot): isSynced = true
      case .rename(let from, let to): #expect(from != stage.slot && to != stage.slot)
      case .unlink(let path), .truncate(let path, _): #expect(path != stage.slot)
      default: break
      }
    }
    // The next secret, then random bytes and zeros over the old one.
    try #require(writes.count == 3 && isSynced)
    #expect(writes[0].starts(with: Array("LTHS".utf8)))
    #expect(!writes[1].starts(with: Array("LTHS".utf8)) && Set(writes[1]).count > 200)
    #expect(writes[2].allSatisfy { $0 == 0 })
    #expect(try Data(contentsOf: URL(fileURLWithPath: stage.slot)).places(of: secret).isEmpty)
    AttackReport.record(
      number: 14, name: "slot written by rename",
      tried: "strace of a roll: \(trace.acts.count) calls",
      result: "3 writes in place, each synced before the next; no rename, unlink or truncation")
  }

  /// Nothing of the work lands outside the vault, and neither logs nor anything else that was ever
  /// written hold a value in the clear.
  @Test func noOtherFileIsMadeAndNoValueIsWrittenInTheClear() throws {
    let stage = try Stage(Template.bare)
    try stage.write(Rows.header + Rows.crm(1...400), "data.csv")
    var created: Set<String> = []
    var written = 0
    func look(_ words: [String]) throws {
      let (trace, outcome) = try Trace.run(words, stage)
      #expect(outcome.status == 0, "\(outcome.error)")
      for act in trace.acts {
        switch act {
        case .open(let path, let flags) where flags.contains("O_CREAT"): created.insert(path)
        case .write(let path, _, let bytes) where path.hasPrefix(stage.directory):
          written += bytes.count
          let data = Data(bytes)
          for needle in ["person7@example.org", "Name77", "K20000077"] {
            #expect(data.places(of: Array(needle.utf8)).isEmpty, "\(path) got `\(needle)`")
          }
        default: break
        }
      }
    }
    try look(["ingest", "data.csv", "--contract", "crm", "--as", "eve"])
    try look(["unify", "--as", "lethe"])
    try look(["project", "--as", "lethe"])
    let found = try stage.lethe(
      "find", "email", "-", "--as", "dana", "--json", input: "person7@example.org")
    let persons = try #require(try found.document()["persons"] as? [[String: Any]])
    let token = try #require(persons.first?["token"] as? String)
    let words = ["dsr", "erase", token, "--case", "C-1", "--as", "dana"]
    let preview = try stage.lethe(words + ["--json"]).document()
    try look(words + ["--confirm", try #require(preview["confirm"] as? String)])

    let strangers = created.filter { !$0.hasPrefix(stage.vault + "/") && $0 != "/dev/null" }
    #expect(
      strangers.subtracting([stage.path("data.csv.quarantine.jsonl")]).isEmpty, "\(strangers)")
    let endings = [".sqlite-wal", ".sqlite-shm", ".sqlite-journal", ".sqlite"]
    let unknown = created.filter { path in
      path.hasPrefix(stage.vault + "/") && !path.hasPrefix(stage.vault + "/audit/")
        && !endings.contains { path.hasSuffix($0) } && !path.hasSuffix("lethe.yaml")
    }
    #expect(unknown.isEmpty, "\(unknown)")
    #expect(written > 100_000)
    AttackReport.record(
      number: 12, name: "logs, journals and temporary files, by every write ever made",
      tried:
        "strace of ingest, unify, project and erase: \(written) bytes written, "
        + "\(created.count) files made",
      result: "0 values in the clear, no temporary file outside the vault directory")
  }
}

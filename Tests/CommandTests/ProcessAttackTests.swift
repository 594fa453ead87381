import Foundation
import TestSupport
import Testing

/// Attacks on the program as a process among others.
@Suite struct ProcessAttackTests {
  /// Two processes: one erases a person, the other brings in the files that name it.
  @Test func anErasureAgainstAnIngestOfAnotherProcess() throws {
    let rounds = AttackReport.rounds(short: 3, long: 40)
    var waited = 0
    for round in 0..<rounds {
      let stage = try Stage(Template.full)
      let words = ["dsr", "erase", stage.token, "--case", "C-1", "--as", "dana"]
      let preview = try stage.lethe(words + ["--json"]).document()
      let digest = try #require(preview["confirm"] as? String)
      let file = Sample.sources[round % Sample.sources.count]
      let contract = String(file.prefix { $0 != "." })
      let ingest = ["ingest", file, "--contract", contract, "--as", "eve"]
      let running = try [
        stage.start(words + ["--confirm", digest]), stage.start(ingest),
      ].map { try $0.wait() }
      #expect(running[1].status == 0, "\(running[1].error)")
      if running[0].status != 0 {
        // The other process was reading what the sweep wanted to empty; opening goes on with it.
        expectRefusal(running[0], 1, "storage", naming: ["open the vault again to finish"])
        waited += 1
      }
      let found = try stage.lethe("find", "email", "-", "--as", "dana", input: stage.email)
      #expect(found.status == 1)
      let again = try stage.ask("ingest", "crm.csv", "--contract", "crm", "--as", "eve")
      #expect(again["suppressed"] as? Int ?? 0 >= 1 && again["added"] as? Int == 0)
      #expect(try stage.ask("audit", "verify")["valid"] as? Bool == true)
    }
    AttackReport.record(
      number: 39, name: "erasure against an ingest of another process",
      tried: "\(rounds) races of two programs on one vault",
      result: "the person is gone and stays away; the log is whole; the sweep of \(waited) was "
        + "finished by the next command, because the other was reading")
  }

  /// Crashes a program that waits for its input, and tells what the system did; as JSON.
  private static let crasher = """
    import json, os, resource, signal, subprocess, sys, time

    # The thread that started this program blocks signals, and its children inherit that.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def caught(process):
        with open(f"/proc/{process.pid}/status") as lines:
            return next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))

    def limit(process):
        with open(f"/proc/{process.pid}/limits") as lines:
            return next(line.split()[4] for line in lines if line.startswith("Max core file size"))

    def crash(words, wanted):
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while (limit(process) != wanted or caught(process)) and time.monotonic() < end:
            time.sleep(0.01)
        found = limit(process) if not caught(process) else "a crash is caught"
        os.kill(process.pid, signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        return {"limit": found, "aborted": os.WTERMSIG(status) == signal.SIGABRT,
                "dumped": bool(status & 0x80)}

    print(json.dumps({"program": crash(sys.argv[1:], "0"), "control": crash(["cat"], "unlimited")}))
    """

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/limits"), "needs /proc"))
  func aCrashLeavesNoCore() throws {
    let stage = try Stage(Template.bare)
    let words = [Program.path, "find", "email", "-", "--as", "dana"]
    let outcome = try Program.start(
      ["python3", "-c", Self.crasher] + words, executable: "/usr/bin/env", in: stage.directory,
      environment: ["LETHE_VAULT": stage.vault]
    ).wait()
    #expect(outcome.status == 0, "\(outcome.error)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: [String: Any]])
    let program = try #require(answer["program"])
    let control = try #require(answer["control"])
    #expect(program["limit"] as? String == "0" && program["aborted"] as? Bool == true)
    #expect(program["dumped"] as? Bool == false)
    #expect(control["aborted"] as? Bool == true)
    let others = control["dumped"] as? Bool == true
    AttackReport.record(
      number: 41, name: "core dump forced with the limit lifted",
      tried: "one abort of a waiting program; another program as control",
      result: "no core: limit 0, not dumpable, no reporter catches the crash; the control "
        + (others ? "left one" : "left none either, this system makes none"))
  }
}

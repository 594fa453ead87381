import Foundation
import Testing
import Transparency
import Witness

/// A witness that dies while it cosigns.
@Suite(.enabled(if: Trace.isPossible, "\(Trace.absenceNote)"))
struct WitnessFaultTests {
  /// Syncs of the first cosignature for a log: the directory's name, the note, its name, its place.
  private static let syncCount = 4

  /// Starts the witness under strace; the process started is the witness, not strace.
  private func serve(
    _ vault: WitnessedVault, _ options: [String]
  ) throws -> (running: Running, witness: WitnessPolicy.Witness) {
    try vault.serve(
      through: ["-D", "-f", "-y", "-s", "64"] + options, executable: "/usr/bin/strace")
  }

  /// The trace, once strace has seen the end; it outlives the program by a moment.
  private func finished(_ path: String) throws -> String {
    let end = Date() + Program.timeoutSeconds
    while Date() < end {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      if text.contains("+++ exited with 0 +++") { return text }
      usleep(5000)
    }
    throw CocoaError(.fileReadUnknown)
  }

  @Test func noteIsOnTheDeviceBeforeTheAnswerLeaves() throws {
    let vault = try WitnessedVault()
    let trace = vault.stage.path("trace")
    let (running, witness) = try serve(
      vault, ["-e", "trace=fsync,rename,write,sendto", "-o", trace])
    guard case .cosignatures = try vault.post(vault.published(), from: 0, witness) else {
      Issue.record("not cosigned")
      return
    }
    running.askToEnd()
    #expect(try running.wait().status == 0)
    let text = try finished(trace)
    var acts: [String] = []
    for line in text.split(separator: "\n") where !line.contains(" = -1 ") {
      let isNote = line.contains("checkpoint.new")
      if line.contains("fsync(") && isNote { acts.append("note synced") }
      if line.contains("fsync(") && !isNote { acts.append("name synced") }
      if line.contains("rename(") { acts.append("renamed") }
      if line.contains("HTTP/1.1 200") { acts.append("answered") }
    }
    #expect(
      acts == [
        "name synced", "note synced", "renamed", "name synced", "renamed", "name synced",
        "answered",
      ])
  }

  /// Wherever it is killed, no answer has left; and afterwards it has either not cosigned or knows
  /// what it cosigned.
  @Test(arguments: 1...syncCount)
  func killedAtAnySyncItHasGivenNothingAway(number: Int) throws {
    let vault = try WitnessedVault()
    let note = try vault.published()
    let size = try Checkpoint(text: note.text).treeSize
    let (first, before) = try serve(
      vault,
      [
        "-e", "trace=fsync", "-e", "inject=fsync:signal=SIGKILL:when=\(number)", "-o", "/dev/null",
      ])
    #expect(throws: WitnessTransportError.self) { try vault.post(note, from: 0, before) }
    #expect(try first.wait().wasKilled)
    let (second, after) = try vault.serve()
    let isKnown = number == Self.syncCount
    if isKnown { #expect(try vault.post(note, from: 0, after) == .conflict(size: size)) }
    let answer = try vault.post(note, from: isKnown ? size : 0, after)
    guard case .cosignatures = answer else {
      Issue.record("not cosigned after the kill at sync \(number)")
      return
    }
    second.askToEnd()
    #expect(try second.wait().status == 0)
  }
}

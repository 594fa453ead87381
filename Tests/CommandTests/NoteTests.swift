import Foundation
import Sealing
import TestSupport
import Testing

/// What operators write about an act: sealed with the person, committed to in the log.
@Suite struct NoteCommandTests {
  private let stage: Stage
  private static let text = "called about her zanzibarian invoice"

  init() throws {
    stage = try Stage(Template.full)
    try stage.write(Self.text + "\n", "why.txt")
  }

  private func reveal() throws -> Int {
    let answer = try stage.ask(
      "reveal", stage.token, "--as", "dana", "--purpose", "subject_rights", "--case", "C-1",
      "--note-file", "why.txt")
    return try #require(answer["log_entry"] as? Int)
  }

  @Test func anAuditorRecomputesTheCommitment() throws {
    let entry = String(try reveal())
    let shown = try stage.ask("audit", "note", entry, "--as", "dana")
    #expect(shown["note"] as? String == Self.text)
    try stage.succeed("audit", "note", entry, "--out", "note.json", "--as", "dana")
    try stage.succeed("audit", "prove", entry, "--out", "receipt", "--as", "aude")
    let event = try object("receipt/\(entry).json")
    let note = try object("note.json")
    let payload = try #require(note["payload"] as? String)
    let text = try #require(Data(base64Encoded: payload))
    let hexadecimal = try #require(note["r"] as? String)
    let r = try #require([UInt8](hexadecimal: hexadecimal))
    var code = try HMACKey(SecretBytes(copying: r))
    #expect(code.authenticate([UInt8](text)).hexadecimal == event["payload_commitment"] as? String)
    #expect(String(decoding: text, as: UTF8.self) == Self.text)
    for file in try FileManager.default.subpathsOfDirectory(atPath: stage.vault) {
      let bytes = FileManager.default.contents(atPath: "\(stage.vault)/\(file)") ?? Data()
      #expect(bytes.range(of: Data("zanzibarian".utf8)) == nil, "\(file)")
    }
  }

  private func object(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: stage.path(name)))
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  static let unfit: [(file: String, content: String?, status: Int32, code: String)] = [
    ("absent.txt", nil, 2, "usage"), ("empty.txt", "", 1, "invalid_input"),
    ("long.txt", String(repeating: "a", count: 4097), 2, "usage"),
  ]

  @Test(arguments: unfit.indices) func unfitNotesShowNothing(index: Int) throws {
    let (file, content, status, code) = Self.unfit[index]
    if let content { try stage.write(content, file) }
    let outcome = try stage.lethe(
      "reveal", stage.token, "--as", "dana", "--purpose", "subject_rights", "--note-file", file)
    expectRefusal(outcome, status, code)
  }

  @Test func whatIsNotThereOrNotAllowed() throws {
    let entry = String(try reveal())
    expectRefusal(try stage.lethe("audit", "note", "0", "--as", "dana"), 1, "not_found")
    expectRefusal(try stage.lethe("audit", "note", entry, "--as", "aude"), 1, "denied")
    try stage.write("mine", "note.json")
    expectRefusal(
      try stage.lethe("audit", "note", entry, "--out", "note.json", "--as", "dana"), 1, "storage",
      naming: ["note.json"])
  }
}

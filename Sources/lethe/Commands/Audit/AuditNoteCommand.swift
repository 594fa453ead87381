import ArgumentParser
import Foundation
import Rights
import Sealing
import Transparency
import Vault

/// Runs `lethe audit note`.
struct AuditNoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Show what an operator wrote about an entry of the log.",
    discussion: """
      A note is sealed with the data of the person it is about and dies with it. The entry in the log \
      holds a commitment; with --out a file is written with which an auditor recomputes it, and which \
      shows nothing but this one note.

      EXAMPLES
        lethe audit note 17 --as dana --vault my-vault
        lethe audit note 17 --out note.json --as dana
        python3 audit/verify.py my-vault/audit --entry receipt/17.json --proof receipt/17.tlog-proof --payload note.json

      EXIT CODES
        0 shown · 1 refused, no note or erased · 2 wrong usage · 3 vault sealed
      """)

  @OptionGroup var options: VaultOptions

  @Argument(help: "Place of the entry, from 0.")
  var sequence: Int

  @Option(name: .customLong("out"), help: "File to write for an auditor.")
  var file: String?

  @Option(help: "Purpose.")
  var purpose = "subject_rights"

  func run() throws {
    let requester = try options.requester(purpose: purpose)
    if let file, FileManager.default.fileExists(atPath: file) {
      throw VaultError(.storage, "`\(file)` exists already; name another file")
    }
    let note = try options.withVault { try $0.readNote(sequence, requester) }
    if let file { try write(note, to: file) }
    let text = String(decoding: note.text, as: UTF8.self)
    try options.console.answer(
      [
        ("entry", .count(sequence)), ("note", .string(text)), ("r", .string(note.key.hexadecimal)),
      ],
      lines: text.split(separator: "\n").map(String.init) + (file.map { ["wrote \($0)"] } ?? []))
  }

  private func write(_ note: DisclosedNote, to file: String) throws {
    let bytes = try CanonicalJSON.members([
      ("payload", .string(Base64.encode(note.text))), ("r", .string(note.key.hexadecimal)),
    ]).canonicalBytes()
    let isWritten = FileManager.default.createFile(
      atPath: file, contents: Data(bytes + [0x0A]), attributes: [.posixPermissions: 0o600])
    guard isWritten else {
      throw VaultError(.storage, "`\(file)` cannot be written; check space and permissions")
    }
  }
}

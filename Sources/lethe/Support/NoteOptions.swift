import ArgumentParser
import Foundation
import Vault

/// The option of commands that let an operator write why.
struct NoteOptions: ParsableArguments {
  @Option(
    help: """
      File with the reason in words, or `-` for standard input. Kept sealed with the person's data; \
      the log has a commitment only.
      """)
  var noteFile: String?

  /// Reads the note, if one is named.
  ///
  /// - Throws: `UsageError` when the file cannot be read or is too large.
  func read() throws -> [UInt8]? {
    guard let noteFile else { return nil }
    let handle = noteFile == "-" ? .standardInput : FileHandle(forReadingAtPath: noteFile)
    guard let handle else {
      throw UsageError(message: "--note-file `\(noteFile)` cannot be read")
    }
    let data = try handle.read(upToCount: Requester.noteByteCountMaximum + 1) ?? Data()
    guard data.count <= Requester.noteByteCountMaximum else {
      throw UsageError(
        message: "a note has at most \(Requester.noteByteCountMaximum) bytes; shorten it")
    }
    var note = [UInt8](data)
    while note.last == 0x0A || note.last == 0x0D { note.removeLast() }
    return note
  }
}

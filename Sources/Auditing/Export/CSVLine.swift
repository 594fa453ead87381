internal import Sealing
internal import Transparency
internal import Vault

/// An entry as a line of CSV (RFC 4180).
///
/// A spreadsheet takes a cell for a formula when it begins with one of a few characters; such a
/// cell gets an apostrophe in front. The last column is the entry itself, which begins with `{`.
enum CSVLine {
  private static let columns = [
    "seq", "time", "type", "actor", "decision", "purpose", "case", "policies", "subjects",
    "leaf_hash", "entry",
  ]

  /// The line of column names.
  static let header = columns.joined(separator: ",")

  /// Writes an entry.
  static func text(_ event: LoggedEvent, _ entry: LogEntry) throws -> String {
    [
      String(event.sequence), TimeText.text(event.milliseconds), event.type, event.actor,
      event.decision?.rawValue ?? "", event.text("purpose") ?? "", event.text("case") ?? "",
      event.texts("policies").joined(separator: " "),
      event.texts("subjects").joined(separator: " "), entry.leafHash.bytes.hexadecimal,
      String(decoding: entry.bytes, as: UTF8.self),
    ].map(cell).joined(separator: ",")
  }

  /// Writes a cell: harmless to a spreadsheet, and quoted where it has to be.
  static func cell(_ text: String) -> String {
    let isFormula = text.utf8.first.map { "=+-@\t\r\n".utf8.contains($0) } ?? false
    let harmless = isFormula ? "'" + text : text
    guard harmless.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return harmless }
    return "\"" + harmless.replacing("\"", with: "\"\"") + "\""
  }

  /// The last cell of a line, which is always quoted: the entry's bytes.
  static func entry(_ line: [UInt8]) -> [UInt8]? {
    let quote = UInt8(ascii: "\"")
    let start = Array(",\"{".utf8)
    guard line.last == quote,
      let place = line.indices.first(where: { line[$0...].starts(with: start) })
    else { return nil }
    var bytes: [UInt8] = []
    var position = place + 2
    while position < line.count - 1 {
      if line[position] == quote {
        guard position + 1 < line.count - 1, line[position + 1] == quote else { return nil }
        position += 1
      }
      bytes.append(line[position])
      position += 1
    }
    return bytes
  }
}

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
  static func bytes(_ event: LoggedEvent, _ entry: LogEntry) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(entry.bytes.count * 2)
    let texts = [
      String(event.sequence), TimeText.text(event.milliseconds), event.type, event.actor,
      event.decision?.rawValue ?? "", event.text("purpose") ?? "", event.text("case") ?? "",
      event.texts("policies").joined(separator: " "),
      event.texts("subjects").joined(separator: " "), entry.leafHash.bytes.hexadecimal,
    ]
    for text in texts {
      append(Array(text.utf8), to: &line)
      line.append(UInt8(ascii: ","))
    }
    append(entry.bytes, to: &line)
    return line
  }

  /// Writes a cell: harmless to a spreadsheet, and quoted where it has to be.
  static func append(_ text: [UInt8], to line: inout [UInt8]) {
    let isFormula = text.first.map(formulaStarts.contains) ?? false
    let isQuoted = text.contains(where: quoted.contains)
    if isQuoted { line.append(quote) }
    if isFormula { line.append(UInt8(ascii: "'")) }
    for byte in text {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    if isQuoted { line.append(quote) }
  }

  private static let quote = UInt8(ascii: "\"")
  private static let formulaStarts = Array("=+-@\t\r\n".utf8)
  private static let quoted = Array("\",\r\n".utf8)

  /// The last cell of a line, which is always quoted: the entry's bytes.
  static func entry(_ line: [UInt8]) -> [UInt8]? {
    guard line.last == quote, let place = startOfEntry(line) else { return nil }
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
  /// Where the comma stands before the first quoted cell that begins like an object.
  private static func startOfEntry(_ line: [UInt8]) -> Int? {
    guard line.count > 2 else { return nil }
    for place in 0..<line.count - 2
    where line[place] == UInt8(ascii: ",") && line[place + 1] == quote
      && line[place + 2] == UInt8(ascii: "{")
    {
      return place
    }
    return nil
  }
}

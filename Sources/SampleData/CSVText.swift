/// Writes rows of comma-separated values as RFC 4180 has them.
enum CSVText {
  /// Joins the fields of one row and ends it with CR LF.
  static func row(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",") + "\r\n"
  }

  /// Quotes a field that holds a comma, a quote, a line break or a space at either end.
  static func field(_ text: String) -> String {
    let special = text.utf8.contains { byte in
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\n")
        || byte == UInt8(ascii: "\r")
    }
    guard special || text.utf8.first == UInt8(ascii: " ") || text.utf8.last == UInt8(ascii: " ")
    else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

/// Holds a JSON value whose members keep their order, so that the text never varies.
enum JSONText: Sendable {
  case string(String)
  case number(String)
  case bool(Bool)
  case null
  case object([(String, JSONText)])

  /// The value on one line.
  var text: String {
    var out = ""
    append(to: &out)
    return out
  }

  private func append(to out: inout String) {
    switch self {
    case .string(let text): Self.appendString(text, to: &out)
    case .number(let digits): out += digits
    case .bool(let flag): out += flag ? "true" : "false"
    case .null: out += "null"
    case .object(let members):
      var separator = "{"
      for (name, value) in members {
        out += separator
        Self.appendString(name, to: &out)
        out += ":"
        value.append(to: &out)
        separator = ","
      }
      out += members.isEmpty ? "{}" : "}"
    }
  }

  private static func appendString(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        out += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

/// Writes texts into policies, schemas and JSON, without help from the library under test.
enum FuzzText {
  static let reserved: Set<String> = [
    "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar",
  ]

  /// A literal of policy or schema text.
  static func quoted(_ text: String, isPattern: Bool = false) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\0": result += "\\0"
      case "*" where isPattern: result += "\\*"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A JSON string.
  static func json(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func isIdentifier(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, !reserved.contains(name) else { return false }
    func isStart(_ byte: UInt8) -> Bool {
      (97...122).contains(byte) || (65...90).contains(byte) || byte == 95
    }
    return isStart(first) && bytes.allSatisfy { isStart($0) || (48...57).contains($0) }
  }

  /// A name bare where that is allowed, else in quotes.
  static func name(_ name: String) -> String { isIdentifier(name) ? name : quoted(name) }

  /// An attribute access.
  static func access(_ name: String) -> String {
    isIdentifier(name) ? ".\(name)" : "[\(quoted(name))]"
  }

  /// `{"type":…,"id":…}`.
  static func uid(_ type: String, _ id: String) -> String {
    "{\"type\":\(json(type)),\"id\":\(json(id))}"
  }
}

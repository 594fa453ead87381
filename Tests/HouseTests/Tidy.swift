import Foundation

/// Reads source text for the tidy tests.
enum Tidy {
  /// The functions of a file: line of the start, and length.
  static func functions(_ lines: [String]) -> [(line: Int, count: Int)] {
    var found: [(line: Int, count: Int)] = []
    var open: (line: Int, indent: Int)?
    for (index, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      if let start = open {
        if indent == start.indent, line.dropFirst(indent).first == "}" {
          found.append((start.line + 1, index - start.line + 1))
          open = nil
        }
      } else if isFunctionStart(line) {
        open = line.hasSuffix("}") ? nil : (index, indent)
      }
    }
    return found
  }

  /// The words of a line's code, without strings and comments, that are called as functions.
  static func words(_ line: String) -> [String] {
    let code = line.components(separatedBy: "//")[0]
    let unquoted = code.components(separatedBy: "\"").enumerated()
      .filter { $0.offset % 2 == 0 }.map(\.element).joined()
    return unquoted.components(separatedBy: "(").dropLast().compactMap { part in
      part.split { !$0.isLetter && $0 != "." }.last.map(String.init)
    }
  }

  /// Whether a line stands between triple quotes.
  static func isInsideText(_ index: Int, _ lines: [String]) -> Bool {
    let fences = lines[..<index].reduce(0) { $0 + $1.components(separatedBy: "\"\"\"").count - 1 }
    return fences % 2 == 1
  }

  /// Whether a line leaves work for later; the words are put together here so that they stand
  /// nowhere.
  static func leavesNote(_ line: String) -> Bool {
    ["TO" + "DO", "FIX" + "ME"].contains { line.contains($0) }
  }

  /// Whether a file may hold SQL: stores, migrations, and the one compiler of analysts' conditions.
  static func mayHoldSQL(_ file: House.File) -> Bool {
    file.name.contains("Store") || file.path.contains("/Migrations/")
      || (file.target == "Analytics" && file.name.contains("SQL"))
      || (file.target == "Vault" && file.name == "Database+Open.swift")
  }

  /// Whether a line of code holds a statement.
  static func holdsSQL(_ line: String) -> Bool {
    let code = line.trimmingCharacters(in: .whitespaces)
    guard !code.hasPrefix("//") else { return false }
    return ["SELECT ", "INSERT ", "DELETE FROM", "UPDATE ", "CREATE TABLE", "PRAGMA "].contains {
      code.contains("\"\($0)") || code.hasPrefix($0)
    }
  }

  static func containsStatement(_ lines: [String]) -> Bool {
    lines.contains { $0.contains("CREATE TABLE") }
  }

  /// The text between triple quotes: the statements of a migration.
  static func statements(_ lines: [String]) -> String {
    var isInside = false
    var text = ""
    for line in lines {
      if line.contains("\"\"\"") {
        isInside.toggle()
      } else if isInside {
        text += line.trimmingCharacters(in: .whitespaces) + "\n"
      }
    }
    return text
  }

  /// FNV-1a, 64 bit; a pin against edits, not against attackers.
  static func fingerprint(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }

  private static func isFunctionStart(_ line: String) -> Bool {
    let code = line.trimmingCharacters(in: .whitespaces)
    return !code.hasPrefix("//") && (code.contains("func ") || code.contains("init("))
      && (code.hasSuffix("{") || code.hasSuffix("(") || code.hasSuffix(","))
      && !code.hasPrefix("let ") && !code.hasPrefix("try ") && !code.hasPrefix("self.")
  }
}

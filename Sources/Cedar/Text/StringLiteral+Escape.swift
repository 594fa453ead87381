extension StringLiteral {
  /// Appends text so that it can stand between the quotes of a literal.
  ///
  /// What an editor would hide or turn around (controls, marks of direction, the byte order mark)
  /// is written as `\u{…}`.
  static func escape(_ text: [UInt8], isPattern: Bool, into bytes: inout [UInt8]) {
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"", "\\": bytes += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
      case "*" where isPattern: bytes += Array(#"\*"#.utf8)
      case "\n": bytes += Array(#"\n"#.utf8)
      case "\r": bytes += Array(#"\r"#.utf8)
      case "\t": bytes += Array(#"\t"#.utf8)
      case "\0": bytes += Array(#"\0"#.utf8)
      case _ where isHidden(scalar):
        bytes += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
      default: bytes += Array(String(scalar).utf8)
      }
    }
  }

  private static func isHidden(_ scalar: UnicodeScalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF:
      true
    default: false
    }
  }
}

extension PolicyPrinter {
  /// Writes the runs of a pattern with a wildcard between each two.
  mutating func write(patternRuns runs: [[UInt8]]) {
    for (index, run) in runs.enumerated() {
      if index > 0 { write("*") }
      var escaped: [UInt8] = []
      StringLiteral.escape(run, isPattern: true, into: &escaped)
      write(CedarString(trusting: escaped))
    }
  }
}

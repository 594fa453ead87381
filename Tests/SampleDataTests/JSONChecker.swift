/// Reads JSON as strictly as RFC 8259 has it, with none of the generator's code.
enum JSONChecker {
  enum Value: Equatable {
    case string(String)
    case number(String)
    case bool(Bool)
    case null
    case object([String: Value])
    case array([Value])

    var string: String? { if case .string(let text) = self { text } else { nil } }

    subscript(key: String) -> Value? {
      if case .object(let members) = self { members[key] } else { nil }
    }
  }

  static func value(_ text: String) throws -> Value {
    var reader = Reader(scalars: Array(text.unicodeScalars))
    let value = try reader.value()
    guard reader.isAtEnd else { throw CheckFailure("text after the value") }
    return value
  }

  private struct Reader {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var isAtEnd: Bool { position == scalars.count }

    mutating func value() throws -> Value {
      switch isAtEnd ? nil : scalars[position] {
      case "{": return try object()
      case "[": return try array()
      case "\"": return .string(try string())
      case "t": return try word("true", .bool(true))
      case "f": return try word("false", .bool(false))
      case "n": return try word("null", .null)
      default: return try number()
      }
    }

    private mutating func object() throws -> Value {
      var members: [String: Value] = [:]
      position += 1
      if take("}") { return .object(members) }
      repeat {
        let key = try string()
        guard take(":") else { throw CheckFailure("a colon is missing") }
        guard members.updateValue(try value(), forKey: key) == nil else {
          throw CheckFailure("a key occurs twice")
        }
      } while take(",")
      guard take("}") else { throw CheckFailure("an object is not closed") }
      return .object(members)
    }

    private mutating func array() throws -> Value {
      var items: [Value] = []
      position += 1
      if take("]") { return .array(items) }
      repeat { items.append(try value()) } while take(",")
      guard take("]") else { throw CheckFailure("an array is not closed") }
      return .array(items)
    }

    private mutating func string() throws -> String {
      guard take("\"") else { throw CheckFailure("a string is missing") }
      var text = String.UnicodeScalarView()
      while !isAtEnd {
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "\"": return String(text)
        case "\\": text.append(try escaped())
        default:
          if scalar.value < 0x20 { throw CheckFailure("a control character is not escaped") }
          text.append(scalar)
        }
      }
      throw CheckFailure("a string is not closed")
    }

    private mutating func escaped() throws -> Unicode.Scalar {
      guard !isAtEnd else { throw CheckFailure("an escape is cut off") }
      let scalar = scalars[position]
      position += 1
      switch scalar {
      case "\"", "\\", "/": return scalar
      case "n": return "\n"
      case "r": return "\r"
      case "t": return "\t"
      case "u":
        let digits = String(String.UnicodeScalarView(scalars[position...].prefix(4)))
        guard let code = UInt32(digits, radix: 16), let result = Unicode.Scalar(code) else {
          throw CheckFailure("an escape has no four digits")
        }
        position += 4
        return result
      default: throw CheckFailure("an escape is not known")
      }
    }

    private mutating func number() throws -> Value {
      let start = position
      while !isAtEnd, "-0123456789.".unicodeScalars.contains(scalars[position]) { position += 1 }
      guard start < position else { throw CheckFailure("a value is missing") }
      return .number(String(String.UnicodeScalarView(scalars[start..<position])))
    }

    private mutating func word(_ word: String, _ value: Value) throws -> Value {
      for scalar in word.unicodeScalars where !take(scalar) {
        throw CheckFailure("a word is not known")
      }
      return value
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      guard !isAtEnd, scalars[position] == scalar else { return false }
      position += 1
      return true
    }
  }
}

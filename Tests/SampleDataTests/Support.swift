import SampleData
import Testing

/// The day every test takes for today.
let testDay = CivilDay(daysSince1970: 20_605)  // 2026-06-01

func generator(
  seed: UInt64 = 42, people: Int = 600, thirdPartyRows: Int? = nil, badRows: Bool = false
) throws -> SampleGenerator {
  try SampleGenerator(
    seed: seed, people: people, today: testDay, thirdPartyRows: thirdPartyRows, badRows: badRows)
}

extension SampleGenerator {
  func lines(_ file: SampleFile) -> [String] {
    var lines: [String] = []
    write(file) { lines.append($0) }
    return lines
  }

  /// The file as a reader gets it.
  func text(_ file: SampleFile) -> String { lines(file).joined() }

  /// The data rows of a CSV file, keyed by column.
  func table(_ file: SampleFile) throws -> [[String: String]] {
    let rows = try CSVChecker.rows(text(file))
    let header = try #require(rows.first)
    return try rows.dropFirst().map { row in
      try #require(row.count == header.count)
      return Dictionary(uniqueKeysWithValues: zip(header, row))
    }
  }

  /// The objects of a JSONL file.
  func objects(_ file: SampleFile) throws -> [[String: JSONChecker.Value]] {
    try lines(file).map { line in
      try #require(line.hasSuffix("\n"))
      guard case .object(let members) = try JSONChecker.value(String(line.dropLast())) else {
        throw CheckFailure("not an object")
      }
      return members
    }
  }
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo): enough to notice any change of a file.
struct Checksum {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var byteCount = 0

  mutating func add(_ text: String) {
    for byte in text.utf8 {
      value = (value ^ UInt64(byte)) &* 0x100_0000_01B3
      byteCount += 1
    }
  }
}

struct CheckFailure: Error, Equatable {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

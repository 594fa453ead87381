/// One record that was not taken in: where it stands and why, and nothing of what it holds.
public struct BadRecord: Hashable, Sendable {
  /// Line on which the record begins, from 1; a CSV header is line 1.
  public let line: Int
  /// The reason for machines.
  public let code: RowCode
  /// The contract's name of the field to blame; nil when the record as a whole is.
  public let field: String?
  /// Offset in the file of the byte to blame, where one is.
  public let byteOffset: Int?

  /// The reason in words.
  public var reason: String { code.reason }

  /// Creates a bad record.
  public init(line: Int, code: RowCode, field: String? = nil, byteOffset: Int? = nil) {
    self.line = line
    self.code = code
    self.field = field
    self.byteOffset = byteOffset
  }
}

/// Counts what became of the records of one file.
public struct IntakeCounters: Hashable, Sendable {
  /// Records read, good and bad.
  public private(set) var read = 0
  /// Records that fit the contract.
  public private(set) var accepted = 0
  /// Records that do not, by reason.
  public private(set) var bad: [RowCode: Int] = [:]

  /// Creates counters at zero.
  public init() {}

  /// Records that do not fit the contract.
  public var badTotal: Int { bad.values.reduce(0, +) }

  mutating func countAccepted() {
    read += 1
    accepted += 1
  }

  mutating func countBad(_ code: RowCode) {
    read += 1
    bad[code, default: 0] += 1
  }
}

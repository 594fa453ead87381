/// Names the limits of intake, with their units.
public enum IntakeLimit {
  /// Largest policy file or contract that is read, in bytes.
  public static let policyByteCount = 262_144
  /// Deepest nesting of a policy file.
  public static let policyDepth = 16
  /// Most fields of a contract.
  public static let fieldCount = 512
  /// Largest record (CSV record with its quotes, JSON line), in bytes; a larger one is a bad row.
  public static let recordByteCount = 1_048_576
  /// Most columns of a CSV file.
  public static let columnCount = 4096
  /// Deepest nesting of a JSON line.
  public static let jsonDepth = 32
  /// Largest value of one field, in bytes: the length in the sealed envelope has 16 bits.
  public static let fieldByteCount = 65_535
  /// Largest value of a field whose contract says nothing, in bytes.
  public static let defaultFieldByteCount = 4096
  /// Largest identifier, in bytes.
  public static let identifierByteCount = 256
  /// Size of one read from a file, in bytes.
  public static let chunkByteCount = 262_144
  /// Days by which a day of collection may lie after the day of ingest: clocks and time zones
  /// differ.
  public static let futureToleranceDays = 1
  /// Longest term of a retention class, in days.
  public static let termDays = 36_500
}

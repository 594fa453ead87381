/// Writes which records were not taken in and why, as JSON Lines, and never what they hold.
///
/// The file is made at the first bad record, with mode 0600; a file that exists already is an error, so
/// that one run cannot hide what another one found. Line numbers and byte offsets find the records in the
/// data file, whose digest stands in every line.
public final class Quarantine {
  private static let flushByteCount = 65_536

  /// How many bad records were written.
  public private(set) var count = 0

  private let path: String
  private let source: String
  private let fileDigest: String
  private var file: FileWriter?
  private var buffer: [UInt8] = []

  /// Names the file; nothing is written before the first bad record.
  ///
  /// - Parameters:
  ///   - path: The quarantine file.
  ///   - source: Name of the source.
  ///   - fileDigest: SHA-256 of the data file.
  public init(path: String, source: String, fileDigest: [UInt8]) {
    self.path = path
    self.source = source
    self.fileDigest = fileDigest.map(Self.hexadecimal).joined()
  }

  /// Adds one bad record.
  ///
  /// - Throws: ``IntakeError`` with code `already_exists` or `unwritable`.
  public func append(_ record: BadRecord) throws {
    let writer = try file ?? FileWriter(creating: path)
    file = writer
    count += 1
    buffer += line(for: record)
    if buffer.count >= Self.flushByteCount { try flush(to: writer) }
  }

  /// Writes what is pending and waits until the disk has it.
  ///
  /// - Throws: ``IntakeError`` with code `unwritable`.
  public func finish() throws {
    guard let file else { return }
    try flush(to: file)
    try file.synchronise()
  }

  /// One line of the file.
  ///
  /// Every text in it is a name or a constant without quotes or control characters.
  func line(for record: BadRecord) -> [UInt8] {
    var text = "{\"line\":\(record.line),\"code\":\"\(record.code.rawValue)\""
    if let field = record.field { text += ",\"field\":\"\(field)\"" }
    if let offset = record.byteOffset { text += ",\"byte_offset\":\(offset)" }
    text += ",\"reason\":\"\(record.reason)\",\"source\":\"\(source)\""
    return Array((text + ",\"file_sha256\":\"\(fileDigest)\"}\n").utf8)
  }

  private func flush(to file: FileWriter) throws {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// Writes which records were not taken in and why, as JSON Lines, and never what they hold.
///
/// The file is made at the first bad record, with mode 0600. A file that exists already is an
/// error, so that one run cannot hide what another one found; only the list of the same data file,
/// by its digest, is written anew. Line numbers and byte offsets find the records in the
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
  private var replaces = false

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

  /// Makes sure, before anything is stored, that the file can be written.
  ///
  /// - Throws: ``IntakeError`` with code `already_exists` or `unwritable`.
  public func prepare() throws {
    guard FileWriter.exists(path) else { return try FileWriter.requireCreatable(path) }
    guard try isOfSameFile() else {
      throw IntakeError(
        .alreadyExists, "\(path): exists already; move it away or name another with --quarantine")
    }
    replaces = true
  }

  /// Adds one bad record.
  ///
  /// - Throws: ``IntakeError`` with code `already_exists` or `unwritable`.
  public func append(_ record: BadRecord) throws {
    let writer = try file ?? FileWriter(creating: path, replacing: replaces)
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
    return Array(text.utf8) + ending + [UInt8(ascii: "\n")]
  }

  /// Whether the list that is there was made of the same data file, or a crash left it empty.
  private func isOfSameFile() throws -> Bool {
    var start: [UInt8] = []
    try FileByteSource(path: path).read(into: &start)
    guard let line = start.split(separator: UInt8(ascii: "\n")).first else { return true }
    return !fileDigest.isEmpty && line.suffix(ending.count).elementsEqual(ending)
  }

  private var ending: [UInt8] { Array(",\"file_sha256\":\"\(fileDigest)\"}".utf8) }

  private func flush(to file: FileWriter) throws {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

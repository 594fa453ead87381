/// Splits an RFC 4180 file into records, byte by byte, in constant memory.
///
/// Beyond the RFC: a line may end in LF alone, empty lines are skipped, and a byte order mark is
/// dropped. A record with a fault is read to its end by the same rules, without being kept, and
/// reading goes on behind it. The quote state is never thrown away to find a line end sooner: else
/// a long quoted text could smuggle lines of its own making in as records.
struct CSVReader {
  /// What a call to ``next()`` found.
  enum Found {
    /// A record; its fields are in ``field(_:)``.
    case record
    /// A record that cannot be taken.
    case fault(RowFault)
    /// The end of the file.
    case end
  }

  private enum State {
    case fieldStart, plain, quoted, quoteSeen, carriageReturn
  }

  private static let quote = UInt8(ascii: "\"")
  private static let separator = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private let file: String
  private var cursor: ChunkCursor
  private var state = State.fieldStart
  private var content: [UInt8] = []
  private var ends: [Int] = []
  private var fault: RowFault?
  private var check = UTF8Check()
  private var hasQuote = false
  private var recordOffset = 0
  private var nextLine = 1

  /// Line on which the last record begins, from 1.
  private(set) var line = 1

  init(_ source: any ByteSource, file: String) throws {
    self.file = file
    cursor = try ChunkCursor(source, file: file)
  }

  /// Memory held for the record at hand, in bytes; bounded whatever the file does.
  var heldByteCount: Int {
    content.capacity + ends.capacity * MemoryLayout<Int>.stride + cursor.chunk.capacity
  }

  /// How many fields the record has.
  var fieldCount: Int { ends.count }

  /// The bytes of a field, without its quotes; valid until the next call to ``next()``.
  func field(_ index: Int) -> ArraySlice<UInt8> {
    content[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// Reads the next record that is not an empty line.
  ///
  /// - Throws: ``IntakeError`` with code `truncated_file` when the file ends inside quotes.
  mutating func next() throws -> Found {
    repeat {
      guard try readRecord() else { return .end }
    } while isBlank
    if let fault { return .fault(fault) }
    return .record
  }

  private var isBlank: Bool {
    fault == nil && ends.count == 1 && ends[0] == 0 && !hasQuote
  }

  private mutating func readRecord() throws -> Bool {
    content.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    fault = nil
    check = UTF8Check()
    hasQuote = false
    state = .fieldStart
    line = nextLine
    guard try cursor.fill() else { return false }
    recordOffset = cursor.offset(of: cursor.position)
    repeat {
      if scanChunk() { return true }
    } while try cursor.fill()
    guard state != .quoted else {
      throw IntakeError(
        .truncatedFile,
        "\(file): the file ends inside the quotes of the record on line \(line); "
          + "get a whole copy of the file")
    }
    endField()
    return true
  }

  /// Reads on to the end of the record or of the chunk; true at the end of the record.
  private mutating func scanChunk() -> Bool {
    let bytes = cursor.chunk
    var index = cursor.position
    defer { cursor.position = index }
    while index < bytes.count {
      switch state {
      case .fieldStart:
        let isQuoted = bytes[index] == Self.quote
        state = isQuoted ? .quoted : .plain
        hasQuote = hasQuote || isQuoted
        index += isQuoted ? 1 : 0
      case .plain:
        index = takeRun(bytes, from: index, stopAtSeparator: true)
        guard index < bytes.count else { break }
        index += 1
        if endsRecord(bytes[index - 1], at: index - 1) { return true }
      case .quoted:
        index = takeRun(bytes, from: index, stopAtSeparator: false)
        guard index < bytes.count else { break }
        readInQuotes(bytes, at: index)
        index += 1
      case .quoteSeen:
        let byte = bytes[index]
        index += 1
        if byte == Self.quote {
          keep(bytes, index - 1..<index)
          state = .quoted
        } else if byte == Self.separator || byte == Self.lineFeed || byte == Self.carriageReturn {
          if endsRecord(byte, at: index - 1) { return true }
        } else {
          blame(.strayQuote, offset: cursor.offset(of: index - 1))
          state = .plain
        }
      case .carriageReturn:
        guard bytes[index] == Self.lineFeed else {
          blame(.strayCarriageReturn, offset: cursor.offset(of: index - 1))
          state = .plain
          break
        }
        index += 1
        if endsRecord(Self.lineFeed, at: index - 1) { return true }
      }
    }
    return false
  }

  /// Acts on a byte outside of quotes that is not plain text; true when the record ends there.
  private mutating func endsRecord(_ byte: UInt8, at index: Int) -> Bool {
    switch byte {
    case Self.separator:
      endField()
      state = .fieldStart
    case Self.lineFeed:
      endField()
      nextLine += 1
      return true
    case Self.carriageReturn: state = .carriageReturn
    case Self.quote: blame(.strayQuote, offset: cursor.offset(of: index))
    default: blame(.nulByte, offset: cursor.offset(of: index))
    }
    return false
  }

  private mutating func readInQuotes(_ bytes: [UInt8], at index: Int) {
    endSequence()
    switch bytes[index] {
    case Self.quote: state = .quoteSeen
    case Self.lineFeed:
      nextLine += 1
      keep(bytes, index..<index + 1)
    default: blame(.nulByte, offset: cursor.offset(of: index))
    }
  }

  /// Keeps the run of text from `index` on and returns the index of the byte that ends it.
  private mutating func takeRun(_ bytes: [UInt8], from index: Int, stopAtSeparator: Bool) -> Int {
    var end = index
    var high: UInt8 = 0
    // All bytes that can end a run lie below 0x2D, most text above it.
    if stopAtSeparator {
      while end < bytes.count {
        let byte = bytes[end]
        if byte < 0x2D, Self.endsPlainRun(byte) { break }
        high |= byte
        end += 1
      }
    } else {
      while end < bytes.count {
        let byte = bytes[end]
        if byte < 0x2D, byte == Self.quote || byte == Self.lineFeed || byte == 0 { break }
        high |= byte
        end += 1
      }
    }
    guard end > index else { return end }
    if high >= 0x80 || check.isInsideSequence,
      check.firstFault(in: bytes, index..<end, chunkOffset: cursor.chunkOffset) != nil
    {
      blame(.notUTF8, offset: check.sequenceOffset)
    }
    keep(bytes, index..<end)
    return end
  }

  private static func endsPlainRun(_ byte: UInt8) -> Bool {
    byte == separator || byte == lineFeed || byte == carriageReturn || byte == quote || byte == 0
  }

  private mutating func keep(_ bytes: [UInt8], _ range: Range<Int>) {
    guard fault == nil else { return }
    guard cursor.offset(of: range.upperBound) - recordOffset <= IntakeLimit.recordByteCount else {
      return blame(.recordTooLong)
    }
    content.append(contentsOf: bytes[range])
  }

  private mutating func endField() {
    endSequence()
    guard fault == nil else { return }
    ends.append(content.count)
    if ends.count > IntakeLimit.columnCount { blame(.wrongColumnCount) }
  }

  /// Blames a sequence of UTF-8 that has not ended where it has to.
  private mutating func endSequence() {
    guard check.isInsideSequence else { return }
    blame(.notUTF8, offset: check.sequenceOffset)
    check = UTF8Check()
  }

  /// Notes the first fault of the record and lets go of what was kept.
  private mutating func blame(_ code: RowCode, offset: Int? = nil) {
    guard fault == nil else { return }
    fault = RowFault(code, byteOffset: offset)
    content.removeAll(keepingCapacity: content.capacity <= IntakeLimit.chunkByteCount)
    ends.removeAll(keepingCapacity: true)
  }
}

import Testing

@testable import Intake

/// Gives a head, then one byte very often, then a tail.
private final class HugeSource: ByteSource {
  private let head: [UInt8]
  private let tail: [UInt8]
  private var position = 0
  private let hugeByteCount: Int

  init(head: String, hugeByteCount: Int, tail: String) {
    self.head = Array(head.utf8)
    self.tail = Array(tail.utf8)
    self.hugeByteCount = hugeByteCount
  }

  func read(into buffer: inout [UInt8]) {
    buffer.removeAll(keepingCapacity: true)
    if position == 0 {
      buffer += head
    } else if position <= hugeByteCount / IntakeLimit.chunkByteCount {
      buffer.append(
        contentsOf: repeatElement(UInt8(ascii: "x"), count: IntakeLimit.chunkByteCount))
    } else if position == hugeByteCount / IntakeLimit.chunkByteCount + 1 {
      buffer += tail
    }
    position += 1
  }
}

@Suite("A line of 100 MB")
struct HugeLineTests {
  static let hugeByteCount = 100 << 20
  /// Four records' worth: the record, its growth, the chunk.
  static let memoryByteCount = 4 * IntakeLimit.recordByteCount

  @Test("in CSV is one bad row, is not held in memory, and reading goes on behind it")
  func csv() throws {
    // In quotes the full size, outside of them enough to be far beyond the limit.
    for (quote, byteCount) in [("\"", Self.hugeByteCount), ("", Self.hugeByteCount / 16)] {
      let source = HugeSource(
        head: "h,i\na,\(quote)", hugeByteCount: byteCount, tail: "\(quote)\nb,c\n")
      var reader = try CSVReader(source, file: "data")
      var codes: [RowCode?] = []
      loop: while true {
        switch try reader.next() {
        case .end: break loop
        case .record: codes.append(nil)
        case .fault(let fault): codes.append(fault.code)
        }
        #expect(reader.heldByteCount < Self.memoryByteCount)
      }
      #expect(codes == [nil, .recordTooLong, nil])
      #expect(reader.line >= 3)
    }
  }

  @Test("in JSON Lines is one bad row, is not held in memory, and reading goes on behind it")
  func jsonl() throws {
    let source = HugeSource(
      head: "{}\n{\"a\":\"", hugeByteCount: Self.hugeByteCount, tail: "\"}\n{}\n")
    var reader = try LineReader(source, file: "data")
    var codes: [RowCode?] = []
    loop: while true {
      switch try reader.next() {
      case .end: break loop
      case .line: codes.append(nil)
      case .fault(let fault): codes.append(fault.code)
      }
      #expect(reader.heldByteCount < Self.memoryByteCount)
    }
    #expect(codes == [nil, .recordTooLong, nil])
    #expect(reader.number == 3)
  }
}

/// Checks a stream of bytes against the well-formed UTF-8 sequences of Unicode, table 3-7.
///
/// Works across chunks: what follows is checked against what a leading byte has announced.
struct UTF8Check {
  private var missing = 0
  private var lowest: UInt8 = 0x80
  private var highest: UInt8 = 0xBF

  /// Offset in the file at which the last sequence of several bytes begins.
  private(set) var sequenceOffset = 0

  /// Whether a sequence has begun and not ended.
  var isInsideSequence: Bool { missing > 0 }

  /// Checks some bytes; returns the offset in the file of the first sequence that is ill-formed.
  mutating func firstFault(in bytes: [UInt8], _ range: Range<Int>, chunkOffset: Int) -> Int? {
    for index in range {
      let byte = bytes[index]
      if missing > 0 {
        guard byte >= lowest, byte <= highest else { return sequenceOffset }
        missing -= 1
        (lowest, highest) = (0x80, 0xBF)
      } else if byte >= 0x80 {
        sequenceOffset = chunkOffset + index
        guard begin(byte) else { return sequenceOffset }
      }
    }
    return nil
  }

  private mutating func begin(_ byte: UInt8) -> Bool {
    switch byte {
    case 0xC2...0xDF: missing = 1
    case 0xE0: (missing, lowest) = (2, 0xA0)
    case 0xE1...0xEC, 0xEE, 0xEF: missing = 2
    case 0xED: (missing, highest) = (2, 0x9F)
    case 0xF0: (missing, lowest) = (3, 0x90)
    case 0xF1...0xF3: missing = 3
    case 0xF4: (missing, highest) = (3, 0x8F)
    default: return false
    }
    return true
  }
}

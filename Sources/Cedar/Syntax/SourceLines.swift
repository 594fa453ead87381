/// Knows where the lines of a text start, to turn many byte offsets into positions.
struct SourceLines: Sendable {
  /// The offset of the first byte of each line; empty when there is no text.
  private let starts: [Int]

  /// Creates the lines of no text, such as of a policy that was not read from one.
  init() { starts = [] }

  /// Finds the lines of a text.
  ///
  /// - Complexity: O(n) in the bytes; once for a text.
  init(_ source: [UInt8]) {
    var starts = [0]
    for index in source.indices where source[index] == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    self.starts = starts
  }

  /// The line and column of a byte offset; nil when there is no text.
  ///
  /// - Complexity: O(log n) in the lines.
  func position(of offset: Int) -> SourcePosition? {
    guard !starts.isEmpty else { return nil }
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return SourcePosition(offset: offset, line: low + 1, column: offset - starts[low] + 1)
  }
}

import Sealing
import TestSupport

/// Numbers that repeat with their seed.
struct Numbers {
  private let random: SeededRandom

  init(seed: UInt64) throws { random = try SeededRandom(seed: seed) }

  /// A number below a bound.
  mutating func below(_ bound: Int) -> Int {
    let bytes = (try? random.bytes(count: 8)) ?? []
    return Int(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } % UInt64(bound))
  }

  /// The elements in another order.
  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for index in stride(from: result.count - 1, to: 0, by: -1) {
      result.swapAt(index, below(index + 1))
    }
    return result
  }
}

/// Draws the same numbers on every platform and in every run.
///
/// The generator is SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014, with the constants of Vigna's reference text `splitmix64.c` (public
/// domain). It is good enough to make test data vary and is not a source of secrets. The standard
/// library's own `random(in:using:)` is avoided: how it turns bits into a range is not promised.
struct SplitMix64: Sendable {
  private var state: UInt64

  init(state: UInt64) {
    self.state = state
  }

  /// Starts an independent sequence for one thing of one kind, so that any row can be made alone.
  init(seed: UInt64, stream: SampleStream, index: Int) {
    var first = SplitMix64(state: seed)
    var second = SplitMix64(state: first.next() ^ stream.rawValue)
    var third = SplitMix64(state: second.next() ^ UInt64(index))
    state = third.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Draws from `0..<bound` by the high half of a product; the bias is below 2⁻⁴⁰ for our bounds.
  mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "the bound must be positive")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// Says yes in `percent` of 100 draws.
  mutating func chance(percent: Int) -> Bool {
    below(100) < percent
  }

  /// Takes one element of a list that is not empty.
  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[below(list.count)]
  }
}

/// Names the independent random sequences, so that a change in one file leaves the others alone.
enum SampleStream: UInt64, Sendable {
  case household = 1
  case person = 2
  case crm = 3
  case orders = 4
  case web = 5
  case thirdParty = 6
  case stranger = 7
  case cookie = 8
  case shuffle = 9
  case devices = 10
}

/// Orders the numbers `0..<count` in a seeded order without holding them.
///
/// The order is affine, `(factor · i + offset) mod count` with a factor coprime to the count; it
/// only has to look unsorted.
struct Shuffle: Sendable {
  let count: Int
  private let factor: Int
  private let offset: Int

  init(count: Int, seed: UInt64, index: Int) {
    precondition(count > 0, "a shuffle needs at least one element")
    var random = SplitMix64(seed: seed, stream: .shuffle, index: index)
    var candidate = 1 + random.below(count)
    while Self.greatestCommonDivisor(candidate, count) != 1 { candidate += 1 }
    self.count = count
    factor = candidate
    offset = random.below(count)
  }

  /// Gives the number at one position.
  subscript(position: Int) -> Int {
    (factor * position + offset) % count
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    var (larger, smaller) = (first, second)
    while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
    return larger
  }
}

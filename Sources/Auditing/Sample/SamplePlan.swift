internal import Sealing
internal import Transparency

/// How a sample is drawn: a second person with the same plan draws the same entries.
public struct SamplePlan: Sendable, Equatable {
  /// What entries are told apart by before they are drawn.
  public enum Strata: String, Sendable, CaseIterable {
    /// By nothing.
    case none
    /// By type of event.
    case type
    /// By who acted.
    case actor
    /// By day in UTC.
    case day
    /// By whether it was allowed.
    case decision
  }

  /// Number of the algorithm, as `docs/format.md#sample` describes it.
  public static let algorithm = 1
  /// Most entries of a sample.
  public static let sizeMaximum = 100_000
  /// Longest seed in bytes.
  public static let seedByteCountMaximum = 200

  /// Decides which entries are drawn; any text.
  public let seed: String
  /// Entries wanted.
  public let size: Int
  /// What they are told apart by.
  public let strata: Strata

  /// Describes a sample.
  ///
  /// - Throws: ``AuditingError`` `.invalidQuery` for an unfit seed, `.limit` for an unfit size.
  public init(seed: String, size: Int, strata: Strata = .none) throws {
    guard (1...Self.seedByteCountMaximum).contains(seed.utf8.count) else {
      throw AuditingError(
        .invalidQuery, "a seed has 1 to \(Self.seedByteCountMaximum) bytes of text")
    }
    guard (1...Self.sizeMaximum).contains(size) else {
      throw AuditingError(.limit, "a sample has 1 to \(Self.sizeMaximum) entries")
    }
    self.seed = seed
    self.size = size
    self.strata = strata
  }

  /// Where an entry stands in the order of drawing: SHA-256(seed ‖ 0x00 ‖ leaf hash).
  func rank(_ leafHash: TreeHash) -> [UInt8] {
    SHA256.hash(Array(seed.utf8), [0], leafHash.bytes)
  }

  /// The members of the event and of the manifest; the seed is in the event by digest only.
  var members: [(key: String, value: CanonicalJSON)] {
    [
      ("algorithm", .integer(Int64(Self.algorithm))), ("size", .integer(Int64(size))),
      ("stratify", .string(strata.rawValue)),
    ]
  }
}

/// One part of a population, and how many of it were drawn.
public struct SampleStratum: Sendable, Equatable {
  /// What its entries have in common; empty when nothing was told apart.
  public let key: String
  /// Its entries.
  public let population: Int
  /// Entries drawn.
  public let drawn: Int
}

/// How a sample is spread over the parts of a population.
enum SampleQuota {
  /// Numbers to draw from each part, in the order given, which is that of their keys.
  ///
  /// In proportion by the method of the largest remainder; then every part that would get none is
  /// given one from the part that has most, as long as the sample is large enough for all. Of parts
  /// that have equally many the one with the fewest entries gives, and of those the first.
  static func shares(_ populations: [Int], size: Int) -> [Int] {
    let total = populations.reduce(0, +)
    let wanted = min(size, total)
    guard total > 0 else { return populations.map { _ in 0 } }
    var shares = populations.map { $0 * wanted / total }
    let remainders = populations.map { $0 * wanted % total }
    let order = populations.indices.sorted {
      remainders[$0] == remainders[$1] ? $0 < $1 : remainders[$0] > remainders[$1]
    }
    for index in order.prefix(wanted - shares.reduce(0, +)) { shares[index] += 1 }
    guard wanted >= populations.count else { return shares }
    for index in populations.indices where shares[index] == 0 {
      let donor = populations.indices.max { left, right in
        // Most drawn; of those the fewest entries; of those the first.
        (shares[left], -populations[left], -left) < (shares[right], -populations[right], -right)
      }
      guard let donor else { continue }
      shares[donor] -= 1
      shares[index] = 1
    }
    return shares
  }
}

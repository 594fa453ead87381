import Foundation

/// One figure with its unit, for programs.
struct Figure: Encodable {
  let name: String
  let value: Double
  let unit: String
}

/// A table for people: the first column to the left, figures to the right.
struct Table {
  let title: String
  let columns: [String]
  var rows: [[String]] = []
  /// What a reader has to know to believe the figures.
  var note: String?

  init(_ title: String, columns: [String], rows: [[String]] = [], note: String? = nil) {
    self.title = title
    self.columns = columns
    self.rows = rows
    self.note = note
  }

  /// The table as lines of one width.
  var text: String {
    let all = [columns] + rows
    let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let lines = all.map { row in
      row.indices.map { index in
        let padding = String(repeating: " ", count: widths[index] - row[index].count)
        return index == 0 ? row[index] + padding : padding + row[index]
      }.joined(separator: "  ")
    }
    let rule = String(repeating: "-", count: lines.first?.count ?? 0)
    let body = [title, lines[0], rule] + lines.dropFirst() + [note].compactMap(\.self)
    return body.joined(separator: "\n")
  }
}

/// What one benchmark found.
struct Findings {
  var tables: [Table] = []
  var figures: [Figure] = []

  mutating func add(_ name: String, _ value: Double, _ unit: String) {
    figures.append(Figure(name: name, value: value, unit: unit))
  }
}

/// How figures are written.
enum Format {
  static func number(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  static func rate(_ perSecond: Double) -> String { "\(Int(perSecond.rounded())) /s" }

  static func seconds(_ value: Double) -> String {
    value < 1 ? milliseconds(value) : number(value, digits: 2) + " s"
  }

  static func milliseconds(_ seconds: Double) -> String {
    number(seconds * 1000, digits: seconds < 0.1 ? 2 : 0) + " ms"
  }

  static func microseconds(_ seconds: Double) -> String {
    number(seconds * 1_000_000, digits: seconds < 0.000_1 ? 2 : 0) + " µs"
  }

  /// The least, the middle and the greatest of some times.
  static func spread(_ sample: Sample) -> [String] {
    [sample.percentile(0), sample.median, sample.percentile(1)].map(seconds)
  }

  static func mebibytes(_ bytes: Int) -> String {
    number(Double(bytes) / 1_048_576, digits: 1) + " MiB"
  }
}

/// Order statistics of a few measurements.
struct Sample {
  private let sorted: [Double]

  init(_ values: [Double]) {
    sorted = values.sorted()
  }

  /// The value below which a share of the sample lies: the nearest rank, without interpolation.
  func percentile(_ share: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(max(rank - 1, 0), sorted.count - 1)]
  }

  /// The middle value; of an even number of values the mean of the two in the middle.
  var median: Double {
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
      ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// Measures wall-clock time.
enum Stopwatch {
  /// Seconds that a piece of work takes.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    try measured(body).seconds
  }

  /// The result of a piece of work and the seconds it took.
  static func measured<R>(_ body: () throws -> R) rethrows -> (result: R, seconds: Double) {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try body()
    return (result, (clock.now - start) / .seconds(1))
  }
}

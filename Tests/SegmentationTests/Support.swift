import Analytics
import Foundation

@testable import Segmentation

let today = 20_000

let exposed = [
  ExposedAttribute(name: "country", type: .text, source: "crm"),
  ExposedAttribute(name: "age", type: .number, source: "crm"),
  ExposedAttribute(name: "spend", type: .amount, source: "shop"),
  ExposedAttribute(name: "newsletter", type: .boolean, source: "crm"),
]

/// Wraps a `where` tree, written in flow style, into a whole rule.
func rule(_ condition: String) -> String {
  "lethe_segment: 1\nname: test\ntitle: A test\nwhere: \(condition)\n"
}

func refusal(_ body: () throws -> Void) -> SegmentationError? {
  do {
    try body()
    return nil
  } catch {
    return error as? SegmentationError
  }
}

func compiled(_ condition: String) throws -> AnalyticsCondition {
  try SegmentCompiler(attributes: exposed, today: today)
    .compile(Segment.parse(yaml: rule(condition)))
}

/// A store in a directory of its own, removed with the object.
final class ScratchStore {
  let store: AnalyticsStore
  private let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "lethe-segmentation-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    store = try AnalyticsStore.create(directory + "/analytics.sqlite")
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Puts `matching` profiles in DE and the rest of `total` in FR.
  func fill(matching: Int, of total: Int) throws {
    try store.replaceAll(day: today, attributes: exposed) { writer in
      for number in 0..<total {
        let country = AnalyticsAttribute(
          name: "country", value: .text(number < matching ? "DE" : "FR"), source: "crm")
        try writer.profile(token: token(number), attributes: [country])
      }
    }
  }

  private func token(_ number: Int) -> String {
    let digits = Array("abcdefghij".utf8)
    let text = String(number).utf8.map { digits[Int($0 - UInt8(ascii: "0"))] }
    let tail = String(decoding: text, as: UTF8.self)
    return "t1_analytics_" + String(repeating: "k", count: 26 - tail.count) + tail
  }
}

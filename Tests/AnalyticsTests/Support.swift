import Foundation

@testable import Analytics

/// A directory of its own for one test, removed with the object.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "lethe-analytics-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var file: String { path + "/analytics.sqlite" }

  /// Tells whether `needle` stands anywhere in any file of the directory.
  func contains(_ needle: String) throws -> Bool {
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let data = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
      if data.range(of: Data(needle.utf8)) != nil { return true }
    }
    return false
  }

  /// Collects every token that stands anywhere in any file of the directory.
  func tokens() throws -> Set<String> {
    let mark = Data("t1_analytics_".utf8)
    var found: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
      let data = try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
      var start = data.startIndex
      while let range = data.range(of: mark, in: start..<data.endIndex) {
        let end = min(data.endIndex, range.upperBound + 26)
        found.insert(String(decoding: data[range.lowerBound..<end], as: UTF8.self))
        start = range.upperBound
      }
    }
    return found
  }
}

/// Makes a well-formed token out of a number; digits are spelt as letters of base32.
func token(_ number: Int) -> String {
  let digits = Array("abcdefghij".utf8)
  let text = String(number).utf8.map { digits[Int($0 - UInt8(ascii: "0"))] }
  let tail = String(decoding: text, as: UTF8.self)
  return "t1_analytics_" + String(repeating: "k", count: 26 - tail.count) + tail
}

let exposed = [
  ExposedAttribute(name: "country", type: .text, source: "crm"),
  ExposedAttribute(name: "age", type: .number, source: "crm"),
  ExposedAttribute(name: "spend", type: .amount, source: "shop"),
  ExposedAttribute(name: "newsletter", type: .boolean, source: "crm"),
  ExposedAttribute(name: "interest", type: .text, source: "dmp"),
]

let today = 20_000

func country(_ code: String) -> AnalyticsAttribute {
  AnalyticsAttribute(name: "country", value: .text(code), source: "crm")
}

func order(day: Int, amount: Int64? = nil, quantity: Int64? = nil) -> AnalyticsEvent {
  AnalyticsEvent(source: "shop", name: "order", day: day, amount: amount, quantity: quantity)
}

func isSame(_ error: any Error, as code: AnalyticsError.Code) -> Bool {
  (error as? AnalyticsError)?.code == code
}

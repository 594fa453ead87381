import Foundation

/// Shows how far long work has come: count, rate and time left, on a terminal only.
///
/// Nothing appears in the first two seconds, so short work stays silent.
final class Progress {
  /// Seconds before the first line.
  static let quietSeconds = 2.0
  /// Seconds between lines.
  static let intervalSeconds = 0.5

  private let label: String
  private let total: Int?
  private let started = Date()
  private var shown: Date?

  /// Creates a display; `total` may be unknown.
  init(_ label: String, total: Int? = nil) {
    self.label = label
    self.total = total
  }

  /// Shows that `done` units are done.
  func update(_ done: Int) {
    show(done, of: total)
  }

  /// Shows that `done` units are done, of a total that is known only by now.
  func show(_ done: Int, of total: Int?) {
    let now = Date()
    let seconds = now.timeIntervalSince(started)
    guard Console.isErrorTerminal, seconds >= Self.quietSeconds,
      shown.map({ now.timeIntervalSince($0) >= Self.intervalSeconds }) ?? true
    else { return }
    shown = now
    let rate = Double(done) / seconds
    var line = "\r\(label): \(done)"
    if let total { line += " of \(total)" }
    line += ", \(Int(rate)) a second"
    if let total, rate > 0, total > done {
      line += ", \(Self.duration(Double(total - done) / rate)) left"
    }
    FileHandle.standardError.write(Data((line + "   ").utf8))
  }

  /// Ends the line, if there is one.
  func finish() {
    if shown != nil { FileHandle.standardError.write(Data("\n".utf8)) }
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}

extension Progress {
  /// Shows the progress of work that tells how much it has done, of how much.
  static func counting<R>(
    _ label: String, _ body: ((_ done: Int, _ total: Int) -> Void) throws -> R
  ) rethrows -> R {
    var shown: Progress?
    defer { shown?.finish() }
    return try body { done, total in
      if shown == nil { shown = Progress(label, total: total) }
      shown?.update(done)
    }
  }
}

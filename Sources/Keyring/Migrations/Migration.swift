/// One step of the key store's form; forward only, immutable once shipped.
struct Migration: Sendable {
  let number: Int64
  let name: String
  let sql: String

  /// All steps in order.
  static let all = [initial, rolls, logMark]
  /// The newest form this program knows.
  static var newest: Int64 { all.last?.number ?? 0 }
}

/// How much of a field's value a disclosure shows; ordered from the least to the most revealing.
///
/// The order is the order the policy engine asks in, turned round: it offers `plain` first and
/// takes the first rung that Cedar allows. A rung says what may be shown, not what can be: a masked
/// text shows nothing of its value.
public enum Rung: Int, Comparable, Sendable, CaseIterable {
  /// Shows that the field has a value.
  case existence
  /// Shows a token in place of the value.
  case tokenised
  /// Shows the value made coarse: a year, an age band, a large mail provider.
  case generalised
  /// Shows a fragment that lets a person recognise a value known already.
  case masked
  /// Shows the value.
  case plain

  /// Name in the log, on the command line and in policy test files.
  public var name: String {
    switch self {
    case .existence: "existence"
    case .tokenised: "tokenised"
    case .generalised: "generalised"
    case .masked: "masked"
    case .plain: "plain"
    }
  }

  /// Finds the rung of a name.
  public init?(name: String) {
    guard let rung = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = rung
  }

  /// Orders by how much is shown.
  public static func < (left: Rung, right: Rung) -> Bool { left.rawValue < right.rawValue }
}

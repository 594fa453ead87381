/// Holds the policies of one policy text, parsed once and evaluated many times.
public struct PolicySet: Sendable {
  /// The policies without slots, in the order of the text.
  public let policies: [Policy]
  /// The policies with slots, in the order of the text; they are not evaluated.
  public let templates: [Policy]

  /// The deepest nesting of a condition, in levels of the expression tree.
  ///
  /// The Cedar language sets no figure; this one keeps the evaluator inside a small thread stack.
  public static let nestingLimit = 256

  /// Parses policy text.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.limitExceeded` beyond
  ///   ``nestingLimit``, `.invalidText`.
  public init(parsing text: String) throws(CedarError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Parses policy text given as UTF-8 bytes.
  ///
  /// - Throws: ``CedarError`` – `.syntax` with a position, `.limitExceeded` beyond
  ///   ``nestingLimit``, `.invalidText`.
  public init(parsing bytes: [UInt8]) throws(CedarError) {
    let all = try PolicyParser.policies(in: bytes)
    policies = all.filter { !$0.isTemplate }
    templates = all.filter(\.isTemplate)
  }

  /// Finds a policy or template by its id.
  public func policy(id: CedarString) -> Policy? {
    policies.first { $0.id == id } ?? templates.first { $0.id == id }
  }
}

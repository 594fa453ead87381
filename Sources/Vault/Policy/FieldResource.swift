/// A field as the policy sees it: where it comes from, what it means, what it was collected for.
public struct FieldResource: Hashable, Sendable {
  /// Name of the source.
  public let source: String
  /// Name of the field in the source's contract.
  public let field: String
  /// Fideslang data category; every dotted prefix of it is a parent in the policy.
  public let category: String
  /// Keys of the purposes the source declared.
  public let purposes: [String]
  /// Legal basis the source declared.
  public let legalBasis: String

  /// Whether the category is a special one of Article 9 GDPR; derived, never told by a caller.
  public var isSpecial: Bool { SpecialCategory.includes(category) }

  /// Creates a resource.
  public init(
    source: String, field: String, category: String, purposes: [String], legalBasis: String
  ) {
    self.source = source
    self.field = field
    self.category = category
    self.purposes = purposes
    self.legalBasis = legalBasis
  }

  /// Creates the resource of a field of a registered source.
  public init(_ field: FieldDescription, of source: SourceDescription) {
    self.init(
      source: source.name, field: field.name, category: field.category, purposes: source.purposes,
      legalBasis: source.legalBasis)
  }
}

/// Which Fideslang categories are special categories of Article 9(1) GDPR.
///
/// The list names the roots in Fideslang 3.1; whatever lies below one is special too. Trade union
/// membership has no key in the taxonomy, so a contract that sends it has to file it below one of
/// these. Criminal records (`user.criminal_history`) are Art. 10, not Art. 9, and are not in the
/// list.
public enum SpecialCategory {
  /// The topmost special keys.
  public static let roots: Set<String> = [
    "user.authorization.biometric",
    "user.biometric",
    "user.demographic.political_opinion",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.sexual_orientation",
    "user.health_and_medical",
  ]

  /// Whether a category is special.
  public static func includes(_ category: String) -> Bool {
    DottedKey.chain(from: category).contains { roots.contains($0) }
  }
}

/// Names the types an exposed attribute can have.
public enum AnalyticsAttributeType: String, Hashable, Sendable, CaseIterable {
  /// Text such as a country, an age band or a postcode area; compared byte by byte.
  case text
  /// A whole number such as a year or a bucket.
  case number
  /// An amount of money in whole cents; rules write it in currency units.
  case amount
  /// A truth value, stored as 0 or 1.
  case boolean
}

/// Declares that a source contract exposes an attribute to analysts.
///
/// The declared set is what rules are checked against. An attribute may come from several sources;
/// it then has the same type in all of them.
public struct ExposedAttribute: Hashable, Sendable {
  /// The attribute's name, `[a-z][a-z0-9_]{0,63}`.
  public let name: String
  /// The type of its values.
  public let type: AnalyticsAttributeType
  /// The source whose contract exposes it, `[a-z][a-z0-9-]{0,31}`.
  public let source: String

  /// Declares an attribute; the names are checked when it is handed to the store.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - type: The type of its values.
  ///   - source: The source whose contract exposes it.
  public init(name: String, type: AnalyticsAttributeType, source: String) {
    self.name = name
    self.type = type
    self.source = source
  }
}

/// Carries one attribute of a profile, already generalised by its contract.
///
/// A profile may hold several values of one attribute (a segment list, two sources that disagree);
/// a condition holds when any of them matches.
public struct AnalyticsAttribute: Hashable, Sendable {
  /// The attribute's name.
  public let name: String
  /// The value: never an identifier, a name, an address or free text.
  public let value: AnalyticsValue
  /// The source it came from; (name, source) must be declared.
  public let source: String
  /// Day of collection in days since 1970-01-01; 0 when the source has no fixed term.
  public let day: Int

  /// Makes an attribute.
  ///
  /// - Parameters:
  ///   - name: The attribute's name.
  ///   - value: The generalised value.
  ///   - source: The source it came from.
  ///   - day: Day of collection, the day of its bucket; 0 when it does not expire by day.
  public init(name: String, value: AnalyticsValue, source: String, day: Int = 0) {
    self.name = name
    self.value = value
    self.source = source
    self.day = day
  }
}

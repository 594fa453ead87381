/// How far equal identifiers of one kind are believed.
public struct IdentifierRule: Hashable, Sendable {
  /// Number of the kind.
  public let kind: UInt16
  /// Subjects a value may belong to; a value shared by more is a hub (`test@test.com`) and links
  /// nobody.
  public let subjectsPerValueMaximum: Int
  /// Distinct values a person may have; a link that would exceed it is refused.
  public let valuesPerPersonMaximum: Int
  /// Whether values of the kind link only subjects that nothing stronger tells apart: a household
  /// shares a phone.
  public let isWeak: Bool

  /// Creates a rule.
  public init(
    kind: UInt16, subjectsPerValueMaximum: Int, valuesPerPersonMaximum: Int, isWeak: Bool
  ) {
    self.kind = kind
    self.subjectsPerValueMaximum = subjectsPerValueMaximum
    self.valuesPerPersonMaximum = valuesPerPersonMaximum
    self.isWeak = isWeak
  }
}

/// One identifier of one subject: equal tokens of a kind mean equal values, and nothing else.
public struct IdentifierEvidence: Hashable, Sendable {
  /// Index of the subject, from 0.
  public let subject: Int
  /// Number of the kind.
  public let kind: UInt16
  /// The token.
  public let token: UInt64

  /// Creates evidence.
  public init(subject: Int, kind: UInt16, token: UInt64) {
    self.subject = subject
    self.kind = kind
    self.token = token
  }
}

/// What a linkage decided, in numbers by kind.
public struct LinkageCounts: Hashable, Sendable {
  /// Links that joined two persons.
  public internal(set) var links: [UInt16: Int] = [:]
  /// Values that link nobody because too many subjects share them.
  public internal(set) var hubValues: [UInt16: Int] = [:]
  /// Links refused because the person would have too many values.
  public internal(set) var refusedByLimit: [UInt16: Int] = [:]
  /// Links refused because something stronger tells the two apart.
  public internal(set) var refusedAsWeak: [UInt16: Int] = [:]
  /// Persons that result.
  public internal(set) var persons = 0
}

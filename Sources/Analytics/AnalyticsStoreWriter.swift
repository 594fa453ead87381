import GRDB

/// Writes profiles inside `AnalyticsStore.replaceAll`; not usable after it.
public final class AnalyticsWriter {
  private let profileStatement: Statement
  private let attributeStatement: Statement
  private let eventStatement: Statement
  private let database: Database
  private let types: [[String]: AnalyticsAttributeType]

  init(_ database: Database) throws {
    self.database = database
    var types: [[String]: AnalyticsAttributeType] = [:]
    for exposed in try AnalyticsStore.exposedAttributes(database) {
      types[[exposed.name, exposed.source]] = exposed.type
    }
    self.types = types
    profileStatement = try database.makeStatement(
      sql: "INSERT INTO profile (token) VALUES (?) ON CONFLICT (token) DO NOTHING")
    // One value seen on several days keeps the latest, as it expires with the latest.
    attributeStatement = try database.makeStatement(
      sql: """
        INSERT INTO attribute (profile, name, source, value, day) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET day = max(day, excluded.day)
        """)
    eventStatement = try database.makeStatement(
      sql: """
        INSERT INTO event (profile, sequence, source, name, day, amount, quantity)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
  }

  /// Writes one profile with everything known of it.
  ///
  /// All parts are checked before the first is written, so a caller that skips a refused profile
  /// leaves nothing of it behind.
  ///
  /// - Parameters:
  ///   - token: Token of the domain `analytics`, `<prefix>_analytics_<base32>`.
  ///   - attributes: Generalised attributes, each declared by its contract.
  ///   - events: Events.
  /// - Throws: ``AnalyticsError`` – `.invalid` for a malformed token, value or event, `.undeclared`
  ///   for an attribute no contract exposes, `.duplicate` for a token written before.
  public func profile(
    token: String, attributes: [AnalyticsAttribute] = [], events: [AnalyticsEvent] = []
  ) throws {
    try check(token, attributes, events)
    try insert(token)
    let profile = database.lastInsertedRowID
    for attribute in attributes {
      try attributeStatement.execute(arguments: [
        profile, attribute.name, attribute.source, attribute.value.canonical.databaseValue,
        attribute.day,
      ])
    }
    for (index, event) in events.enumerated() {
      try eventStatement.execute(arguments: [
        profile, index + 1, event.source, event.name.canonicalForm, event.day, event.amount,
        event.quantity,
      ])
    }
  }

  private func insert(_ token: String) throws {
    try profileStatement.execute(arguments: [token])
    guard database.changesCount == 1 else {
      throw AnalyticsError(.duplicate, "a token was written twice")
    }
  }

  private func check(
    _ token: String, _ attributes: [AnalyticsAttribute], _ events: [AnalyticsEvent]
  ) throws {
    guard AnalyticsText.isToken(token) else {
      throw AnalyticsError(.invalid, "a profile's token is not one of the domain `analytics`")
    }
    for attribute in attributes {
      guard let type = types[[attribute.name, attribute.source]] else {
        throw AnalyticsError(.undeclared, "no contract exposes an attribute that was written")
      }
      guard attribute.value.isValid(for: type) else {
        throw AnalyticsError(
          .invalid, "a value of attribute `\(attribute.name)` is no acceptable \(type.rawValue)")
      }
      guard attribute.day == 0 || AnalyticsLimits.days.contains(attribute.day) else {
        throw AnalyticsError(
          .invalid, "attribute `\(attribute.name)` has a day that is out of range")
      }
    }
    guard events.allSatisfy(\.isValid) else {
      throw AnalyticsError(.invalid, "an event's source, name, day, amount or quantity is refused")
    }
  }
}

@available(*, unavailable)
extension AnalyticsWriter: Sendable {}

extension AnalyticsValue {
  /// The value as SQLite stores it.
  var databaseValue: DatabaseValue {
    switch self {
    case .text(let text): text.databaseValue
    case .number(let number): number.databaseValue
    }
  }
}

import GRDB

extension AnalyticsStore {
  /// Declares which attributes contracts expose, in place of what was declared before.
  ///
  /// An attribute that is no longer declared, or has another type now, loses all its values at
  /// once: a contract that stops exposing a field takes it away from analysts immediately.
  ///
  /// - Parameter attributes: The whole declared set.
  /// - Throws: ``AnalyticsError`` – `.invalid` for a bad name or one attribute with two types,
  ///   `.duplicate` for one declared twice; `.busy`, `.diskFull`, `.readOnly`.
  public func declare(attributes: [ExposedAttribute]) throws {
    try Self.mapping("declare the attributes") {
      try pool.write { try Self.declare(attributes, in: $0) }
    }
    try sweep()
  }

  /// Replaces every profile by what `body` writes, in one transaction.
  ///
  /// Readers see the old content until the end, and keep it when anything fails. Profiles are
  /// streamed: nothing is held in memory beyond one profile. The writer is good only inside `body`.
  ///
  /// - Parameters:
  ///   - day: Today, in days since 1970-01-01; recorded with the run.
  ///   - attributes: The declared set from now on, or `nil` to keep the present one.
  ///   - body: Calls the writer once for every profile.
  /// - Returns: The record of the run.
  /// - Throws: ``AnalyticsError`` – `.invalid` for a bad day, everything `declare` throws; `.busy`,
  ///   `.diskFull`, `.readOnly`; and whatever `body` throws. Nothing is changed then.
  @discardableResult
  public func replaceAll(
    day: Int, attributes: [ExposedAttribute]? = nil, _ body: (AnalyticsWriter) throws -> Void
  ) throws -> AnalyticsRun {
    guard AnalyticsLimits.days.contains(day) else {
      throw AnalyticsError(.invalid, "day \(day) is out of range")
    }
    let run = try Self.mapping("replace the profiles") {
      try pool.write { database in
        for table in ["event", "attribute", "profile"] {
          try database.execute(sql: "DELETE FROM \(table)")
        }
        if let attributes { try Self.declare(attributes, in: database) }
        try body(AnalyticsWriter(database))
        return try Self.record(day: day, in: database)
      }
    }
    try sweep()
    return run
  }

  private static func record(day: Int, in database: Database) throws -> AnalyticsRun {
    let counts = try counts(database)
    let last = try Int.fetchOne(database, sql: "SELECT max(number) FROM run") ?? 0
    try database.execute(
      sql: "INSERT INTO run (number, day, profiles, attributes, events) VALUES (?, ?, ?, ?, ?)",
      arguments: [last + 1, day, counts.profiles, counts.attributes, counts.events])
    return AnalyticsRun(number: last + 1, day: day, counts: counts)
  }

  private static func declare(_ attributes: [ExposedAttribute], in database: Database) throws {
    try check(attributes)
    let present = Set(try exposedAttributes(database))
    let wanted = Set(attributes)
    for gone in present.subtracting(wanted) {
      try database.execute(
        sql: "DELETE FROM exposed WHERE name = ? AND source = ?",
        arguments: [gone.name, gone.source])
    }
    for new in wanted.subtracting(present) {
      try database.execute(
        sql: "INSERT INTO exposed (name, source, type) VALUES (?, ?, ?)",
        arguments: [new.name, new.source, new.type.rawValue])
    }
  }

  private static func check(_ attributes: [ExposedAttribute]) throws {
    var types: [String: AnalyticsAttributeType] = [:]
    var seen: Set<[String]> = []
    for attribute in attributes {
      guard AnalyticsText.isAttributeName(attribute.name) else {
        throw AnalyticsError(.invalid, "an exposed attribute has a bad name")
      }
      guard AnalyticsText.isSource(attribute.source) else {
        throw AnalyticsError(.invalid, "attribute `\(attribute.name)` has a bad source")
      }
      guard
        types.updateValue(attribute.type, forKey: attribute.name) ?? attribute.type
          == attribute.type
      else {
        throw AnalyticsError(
          .invalid, "attribute `\(attribute.name)` is declared with two types")
      }
      guard seen.insert([attribute.name, attribute.source]).inserted else {
        throw AnalyticsError(
          .duplicate,
          "attribute `\(attribute.name)` of `\(attribute.source)` is declared twice")
      }
    }
  }
}

import GRDB

extension AnalyticsStore {
  /// Counts everything in the store.
  ///
  /// - Returns: Exact numbers, taken at one moment.
  /// - Throws: ``AnalyticsError`` – `.busy`, `.corrupt`, `.inputOutput`.
  public func counts() throws -> AnalyticsCounts {
    try Self.mapping("count") { try pool.read(Self.counts) }
  }

  /// Reads which attributes contracts expose, in order of name and source.
  ///
  /// - Returns: The declared attributes.
  /// - Throws: ``AnalyticsError`` – `.busy`, `.corrupt`, `.inputOutput`.
  public func exposedAttributes() throws -> [ExposedAttribute] {
    try Self.mapping("read the exposed attributes") { try pool.read(Self.exposedAttributes) }
  }

  /// Reads the record of the latest projection.
  ///
  /// - Returns: The run with the highest number, or `nil` before the first.
  /// - Throws: ``AnalyticsError`` – `.busy`, `.corrupt`, `.inputOutput`.
  public func latestRun() throws -> AnalyticsRun? {
    try Self.mapping("read the latest run") {
      try pool.read { database in
        let sql = """
          SELECT number, day, profiles, attributes, events FROM run ORDER BY number DESC LIMIT 1
          """
        guard let row = try Row.fetchOne(database, sql: sql) else { return nil }
        let counts = AnalyticsCounts(profiles: row[2], attributes: row[3], events: row[4])
        return AnalyticsRun(number: row[0], day: row[1], counts: counts)
      }
    }
  }

  static func counts(_ database: Database) throws -> AnalyticsCounts {
    func count(_ table: String) throws -> Int {
      try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0
    }
    return AnalyticsCounts(
      profiles: try count("profile"), attributes: try count("attribute"),
      events: try count("event"))
  }

  static func exposedAttributes(_ database: Database) throws -> [ExposedAttribute] {
    let sql = "SELECT name, type, source FROM exposed ORDER BY name, source"
    return try Row.fetchAll(database, sql: sql).map { row in
      let text: String = row[1]
      guard let type = AnalyticsAttributeType(rawValue: text) else {
        throw AnalyticsError(.corrupt, "the store declares an attribute of an unknown type")
      }
      return ExposedAttribute(name: row[0], type: type, source: row[2])
    }
  }
}

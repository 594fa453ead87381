import GRDB

extension AnalyticsStore {
  /// Deletes profiles with everything about them, as an erasure demands.
  ///
  /// Unknown tokens are passed over, so an interrupted erasure can simply be repeated.
  ///
  /// - Parameter tokens: The tokens of the erased persons.
  /// - Returns: What was deleted, and whether its bytes have left the files.
  /// - Throws: ``AnalyticsError`` – `.invalid` for what is no token of this domain: an erasure must
  ///   not pass over a mistake; `.busy`, `.diskFull`, `.readOnly`. Nothing is deleted then.
  public func deleteProfiles(tokens: [String]) throws -> AnalyticsDeletion {
    guard tokens.allSatisfy(AnalyticsText.isToken) else {
      throw AnalyticsError(.invalid, "a token to delete is not one of the domain `analytics`")
    }
    return try deleting("delete profiles") { database in
      let find = try database.makeStatement(sql: "SELECT id FROM profile WHERE token = ?")
      let attribute = try database.makeStatement(sql: "DELETE FROM attribute WHERE profile = ?")
      let event = try database.makeStatement(sql: "DELETE FROM event WHERE profile = ?")
      let profile = try database.makeStatement(sql: "DELETE FROM profile WHERE id = ?")
      var counts = [0, 0, 0]
      for token in tokens {
        guard let id = try Int64.fetchOne(find, arguments: [token]) else { continue }
        for (index, statement) in [attribute, event, profile].enumerated() {
          try statement.execute(arguments: [id])
          counts[index] += database.changesCount
        }
      }
      return AnalyticsCounts(profiles: counts[2], attributes: counts[0], events: counts[1])
    }
  }

  /// Deletes what a source collected before a day: expiry by age.
  ///
  /// Attributes without a fixed term (day 0) stay. Profiles stay, even when nothing is left of
  /// them; the next projection drops those.
  ///
  /// - Parameters:
  ///   - source: The source whose retention rule applies.
  ///   - day: First day that is kept, in days since 1970-01-01.
  /// - Returns: What was deleted, and whether its bytes have left the files.
  /// - Throws: ``AnalyticsError`` – `.invalid` for what is no name of a source; `.busy`,
  ///   `.diskFull`, `.readOnly`. Nothing is deleted then.
  public func expire(source: String, collectedBefore day: Int) throws -> AnalyticsDeletion {
    try deleting("expire a source") { database in
      try Self.expire(source: source, first: 1, last: day - 1, in: database)
    }
  }

  /// Deletes what a source collected on certain days: expiry by bucket.
  ///
  /// - Parameters:
  ///   - source: The source whose buckets expire.
  ///   - days: The days of the buckets, in days since 1970-01-01; day 0 is passed over.
  /// - Returns: What was deleted, and whether its bytes have left the files.
  /// - Throws: ``AnalyticsError`` – `.invalid` for what is no name of a source; `.busy`,
  ///   `.diskFull`, `.readOnly`. Nothing is deleted then.
  public func expire(source: String, collectedOn days: Set<Int>) throws -> AnalyticsDeletion {
    try deleting("expire days of a source") { database in
      var sum = AnalyticsCounts(profiles: 0, attributes: 0, events: 0)
      for range in Self.runs(of: days) {
        let part = try Self.expire(
          source: source, first: range.lowerBound, last: range.upperBound, in: database)
        sum = AnalyticsCounts(
          profiles: 0, attributes: sum.attributes + part.attributes,
          events: sum.events + part.events)
      }
      return sum
    }
  }

  /// Joins neighbouring days into ranges: every range costs one pass over the events.
  static func runs(of days: Set<Int>) -> [ClosedRange<Int>] {
    var runs: [ClosedRange<Int>] = []
    for day in days.filter(AnalyticsLimits.days.contains).sorted() {
      if let last = runs.last, last.upperBound + 1 == day {
        runs[runs.count - 1] = last.lowerBound...day
      } else {
        runs.append(day...day)
      }
    }
    return runs
  }

  private func deleting(
    _ act: String, _ body: (Database) throws -> AnalyticsCounts
  ) throws -> AnalyticsDeletion {
    let counts = try Self.mapping(act) { try pool.write(body) }
    return AnalyticsDeletion(counts: counts, isSwept: try sweep())
  }

  private static func expire(
    source: String, first: Int, last: Int, in database: Database
  ) throws -> AnalyticsCounts {
    guard AnalyticsText.isSource(source) else {
      throw AnalyticsError(.invalid, "a source to expire has a bad name")
    }
    func delete(from table: String) throws -> Int {
      try database.execute(
        sql: "DELETE FROM \(table) WHERE source = ? AND day > 0 AND day BETWEEN ? AND ?",
        arguments: [source, first, last])
      return database.changesCount
    }
    return AnalyticsCounts(
      profiles: 0, attributes: try delete(from: "attribute"), events: try delete(from: "event"))
  }
}

import GRDB

/// How alike profiles are that are about to be deleted, and others.
public struct AnalyticsGroups: Hashable, Sendable {
  /// Size of the smallest group of profiles with all the attributes of one of those asked about,
  /// itself among them; nil when none of them exists or the search was given up.
  public let smallest: Int?
  /// Profiles asked about whose group is below the threshold.
  public let belowThreshold: Int
  /// The threshold.
  public let threshold: Int
  /// Names of their attributes, sorted.
  public let attributes: [String]
}

extension AnalyticsStore {
  /// Most profiles asked about in one search.
  static let groupedProfilesMaximum = 16
  /// Most profiles compared with one of them; a larger group hides it well enough.
  static let comparedProfilesMaximum = 10_000

  /// Counts how many profiles share every attribute of those named.
  ///
  /// This is how well somebody who copied a profile earlier can still single the person out by it.
  ///
  /// - Parameters:
  ///   - tokens: The profiles' tokens; unknown ones are passed over.
  ///   - threshold: Size from which a group is taken to hide its members.
  /// - Returns: The sizes.
  /// - Throws: ``AnalyticsError`` as for every reading access.
  public func groups(of tokens: [String], threshold: Int) throws -> AnalyticsGroups {
    try Self.mapping("compare profiles") {
      try pool.read { database in
        var sizes: [Int] = []
        var names: Set<String> = []
        for token in tokens.prefix(Self.groupedProfilesMaximum) {
          let values = try Row.fetchAll(
            database,
            sql: """
              SELECT DISTINCT name, value FROM attribute
              WHERE profile = (SELECT id FROM profile WHERE token = ?)
              """, arguments: [token])
          names.formUnion(values.map { $0["name"] })
          guard try Self.exists(token, database) else { continue }
          if let size = try Self.groupSize(values, database) { sizes.append(size) }
        }
        return AnalyticsGroups(
          smallest: sizes.min(), belowThreshold: sizes.count { $0 < threshold },
          threshold: threshold, attributes: names.sorted())
      }
    }
  }

  /// How many of the tokens have a profile.
  ///
  /// - Throws: ``AnalyticsError`` as for every reading access.
  public func count(profiles tokens: [String]) throws -> Int {
    try Self.mapping("count profiles") {
      try pool.read { database in try tokens.count { try Self.exists($0, database) } }
    }
  }

  private static func exists(_ token: String, _ database: Database) throws -> Bool {
    let statement = try database.cachedStatement(sql: "SELECT 1 FROM profile WHERE token = ?")
    return try Int.fetchOne(statement, arguments: [token]) != nil
  }

  /// Size of the group with all values, starting from the rarest one; nil when even that is common.
  private static func groupSize(_ values: [Row], _ database: Database) throws -> Int? {
    let count = try database.cachedStatement(
      sql: """
        SELECT count(*) FROM (SELECT 1 FROM attribute WHERE name = ? AND value = ? LIMIT ?)
        """)
    let limit = comparedProfilesMaximum + 1
    let rated = try values.map { row -> (row: Row, holders: Int) in
      let arguments: StatementArguments = [row["name"] as String, row["value"], limit]
      return (row, try Int.fetchOne(count, arguments: arguments) ?? 0)
    }
    guard let rarest = rated.min(by: { $0.holders < $1.holders }),
      rarest.holders <= comparedProfilesMaximum
    else { return nil }
    let has = try database.cachedStatement(
      sql: "SELECT 1 FROM attribute WHERE profile = ? AND name = ? AND value = ?")
    let holders = try Int64.fetchAll(
      database, sql: "SELECT DISTINCT profile FROM attribute WHERE name = ? AND value = ?",
      arguments: [rarest.row["name"] as String, rarest.row["value"]])
    return try holders.count { holder in
      try values.allSatisfy { row in
        try Int.fetchOne(has, arguments: [holder, row["name"] as String, row["value"]]) != nil
      }
    }
  }
}

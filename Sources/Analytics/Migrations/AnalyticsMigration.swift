import GRDB

/// One step of the file's format; a step that has shipped never changes.
struct AnalyticsMigration: Sendable {
  let number: Int
  let name: String
  let sql: String

  /// Every step, oldest first.
  static let all: [AnalyticsMigration] = [initial]

  /// The name under which the file remembers the step, such as `0001-initial`.
  var identifier: String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-" + name
  }

  /// Applies what a file lacks, each step in a transaction of its own.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for migration in all {
      migrator.registerMigration(migration.identifier) { database in
        try database.execute(sql: migration.sql)
      }
    }
    return migrator
  }
}

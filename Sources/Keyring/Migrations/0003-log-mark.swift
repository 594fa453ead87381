extension Migration {
  /// How far the vault has signed its log.
  ///
  /// The key store is only ever the latest, so it knows when `vault.sqlite` and the published log
  /// are set back together. One row of one form.
  static let logMark = Migration(
    number: 3, name: "log-mark",
    sql: """
      CREATE TABLE log_mark (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        size INTEGER NOT NULL CHECK (size >= 0),
        root BLOB NOT NULL CHECK (length(root) = 32)
      ) STRICT;
      """)
}

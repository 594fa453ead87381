extension Migration {
  /// What each roll did, how a key of a token is unsealed, and who must not come back.
  ///
  /// All three must survive the loss of `vault.sqlite`, which may be restored from an old backup;
  /// the key store is only ever the latest.
  static let rolls = Migration(
    number: 2, name: "rolls",
    sql: """
      ALTER TABLE meta ADD COLUMN wrapped BLOB CHECK (wrapped IS NULL OR length(wrapped) = 60);
      CREATE TABLE roll (
        epoch INTEGER PRIMARY KEY CHECK (epoch >= 2),
        tag BLOB NOT NULL CHECK (length(tag) = 16),
        old_epoch INTEGER NOT NULL CHECK (old_epoch >= 1 AND old_epoch < epoch),
        old_root BLOB NOT NULL CHECK (length(old_root) = 32),
        new_root BLOB NOT NULL CHECK (length(new_root) = 32),
        node_count INTEGER NOT NULL CHECK (node_count >= 0),
        subjects INTEGER NOT NULL CHECK (subjects >= 0),
        buckets INTEGER NOT NULL CHECK (buckets >= 0),
        domains INTEGER NOT NULL CHECK (domains >= 0),
        index_keys INTEGER NOT NULL CHECK (index_keys >= 0)
      ) STRICT;
      CREATE INDEX roll_tag ON roll (tag);
      CREATE TABLE suppression (
        entry INTEGER PRIMARY KEY,
        reason INTEGER NOT NULL,
        since_day INTEGER NOT NULL
      ) STRICT;
      """)
}

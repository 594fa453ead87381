/// The schema of `vault.sqlite`.
///
/// Shipped migrations are never edited; the next number is added instead.
enum VaultMigrations {
  static let all = [
    Migration(number: 1, sql: initial), Migration(number: 2, sql: rekeying),
    Migration(number: 3, sql: logKeeping),
  ]

  private static let initial = """
    CREATE TABLE meta (
      name TEXT NOT NULL PRIMARY KEY,
      value BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE source (
      number INTEGER NOT NULL PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      description TEXT NOT NULL
    ) STRICT;

    -- One row a subject. `leaf` is its number in the key tree; `sealed` holds its token secret and
    -- its id in the source, both under its own key.
    CREATE TABLE subject (
      leaf INTEGER NOT NULL PRIMARY KEY,
      id BLOB NOT NULL CHECK (length(id) = 16),
      generation INTEGER NOT NULL CHECK (generation BETWEEN 1 AND 65535),
      commitment BLOB NOT NULL CHECK (length(commitment) = 32),
      source INTEGER NOT NULL REFERENCES source (number),
      person INTEGER NOT NULL,
      state INTEGER NOT NULL CHECK (state IN (0, 1)),
      created_day INTEGER NOT NULL,
      sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX subject_person ON subject (person);

    CREATE TABLE record (
      row INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
      subject INTEGER NOT NULL REFERENCES subject (leaf),
      bucket INTEGER NOT NULL,
      first_day INTEGER NOT NULL,
      collected_day INTEGER NOT NULL,
      id_code BLOB NOT NULL CHECK (length(id_code) = 16),
      content_code BLOB NOT NULL CHECK (length(content_code) = 16),
      sealed BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX record_subject ON record (subject, id_code);
    CREATE INDEX record_bucket ON record (bucket);

    CREATE TABLE suppression (
      entry INTEGER NOT NULL PRIMARY KEY,
      reason INTEGER NOT NULL,
      since_day INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE domain (
      number INTEGER NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
      name TEXT NOT NULL UNIQUE,
      is_monthly INTEGER NOT NULL CHECK (is_monthly IN (0, 1))
    ) STRICT;

    CREATE TABLE erasure (
      number INTEGER NOT NULL PRIMARY KEY,
      reference TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('person', 'expiry')),
      state TEXT NOT NULL,
      actor TEXT NOT NULL,
      started_ms INTEGER NOT NULL,
      facts TEXT NOT NULL
    ) STRICT;
    CREATE TABLE erasure_subject (
      erasure INTEGER NOT NULL REFERENCES erasure (number),
      subject INTEGER NOT NULL,
      PRIMARY KEY (erasure, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE erasure_bucket (
      erasure INTEGER NOT NULL REFERENCES erasure (number),
      bucket INTEGER NOT NULL,
      PRIMARY KEY (erasure, bucket)
    ) STRICT, WITHOUT ROWID;

    -- The log: entries as published, the tree's hashes in dense order, the last signed checkpoint.
    CREATE TABLE audit_entry (
      seq INTEGER NOT NULL PRIMARY KEY,
      entry BLOB NOT NULL
    ) STRICT;
    CREATE TABLE audit_node (
      position INTEGER NOT NULL PRIMARY KEY,
      hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT;
    CREATE TABLE audit_subject (
      reference BLOB NOT NULL CHECK (length(reference) = 16),
      seq INTEGER NOT NULL,
      PRIMARY KEY (reference, seq)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE audit_checkpoint (
      size INTEGER NOT NULL PRIMARY KEY,
      root BLOB NOT NULL CHECK (length(root) = 32),
      note BLOB NOT NULL
    ) STRICT;
    """
}

/// The schema of `index.sqlite`, a file that can be deleted and rebuilt at any time.
enum IndexMigrations {
  static let all = [Migration(number: 1, sql: initial)]

  private static let initial = """
    CREATE TABLE meta (
      name TEXT NOT NULL PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Rows of one length: a keyed code, what it identifies, whose it is.
    CREATE TABLE match (
      code BLOB NOT NULL CHECK (length(code) = 16),
      subject INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      PRIMARY KEY (code, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX match_subject ON match (subject);

    CREATE TABLE token (
      token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 16),
      domain INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      subject INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX token_subject ON token (subject);
    """
}

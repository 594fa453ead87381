extension VaultMigrations {
  /// Subjects with more than one key in their life, erasures of keys alone, withdrawn consent.
  ///
  /// The tables of erasures are made anew, because a CHECK cannot be changed; children go first.
  static let rekeying = """
    ALTER TABLE subject ADD COLUMN key_leaf INTEGER;

    CREATE TABLE erasure_2 (
      number INTEGER NOT NULL PRIMARY KEY,
      reference TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('person', 'expiry', 'rekey')),
      state TEXT NOT NULL,
      actor TEXT NOT NULL,
      started_ms INTEGER NOT NULL,
      facts TEXT NOT NULL
    ) STRICT;
    INSERT INTO erasure_2 SELECT * FROM erasure;
    CREATE TABLE erasure_subject_2 (
      erasure INTEGER NOT NULL REFERENCES erasure_2 (number),
      subject INTEGER NOT NULL,
      PRIMARY KEY (erasure, subject)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO erasure_subject_2 SELECT * FROM erasure_subject;
    CREATE TABLE erasure_bucket_2 (
      erasure INTEGER NOT NULL REFERENCES erasure_2 (number),
      bucket INTEGER NOT NULL,
      PRIMARY KEY (erasure, bucket)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO erasure_bucket_2 SELECT * FROM erasure_bucket;
    -- The keys that die: those of the subjects, or older ones of subjects that stay.
    CREATE TABLE erasure_key (
      erasure INTEGER NOT NULL REFERENCES erasure_2 (number),
      leaf INTEGER NOT NULL,
      PRIMARY KEY (erasure, leaf)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO erasure_key SELECT erasure, subject FROM erasure_subject;
    DROP TABLE erasure_subject;
    DROP TABLE erasure_bucket;
    DROP TABLE erasure;
    ALTER TABLE erasure_2 RENAME TO erasure;
    ALTER TABLE erasure_subject_2 RENAME TO erasure_subject;
    ALTER TABLE erasure_bucket_2 RENAME TO erasure_bucket;

    -- Consent that a subject has withdrawn; a purpose covers those below it.
    CREATE TABLE withdrawal (
      subject INTEGER NOT NULL,
      purpose TEXT NOT NULL,
      day INTEGER NOT NULL,
      PRIMARY KEY (subject, purpose)
    ) STRICT, WITHOUT ROWID;
    """
}

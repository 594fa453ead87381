extension VaultMigrations {
  /// What the log keeps beside its entries: erasable payloads, cosigned checkpoints, planted
  /// subjects.
  static let logKeeping = """
    -- Personal details of an entry, sealed under the subject's key; the entry has a commitment.
    CREATE TABLE audit_payload (
      seq INTEGER NOT NULL PRIMARY KEY,
      subject INTEGER NOT NULL,
      sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX audit_payload_subject ON audit_payload (subject);

    -- The largest checkpoint that a quorum of witnesses has cosigned; one row.
    CREATE TABLE audit_witnessed (
      place INTEGER NOT NULL PRIMARY KEY CHECK (place = 1),
      size INTEGER NOT NULL,
      note BLOB NOT NULL,
      time_ms INTEGER NOT NULL
    ) STRICT;

    -- The size that each witness has cosigned last, by its verifier key.
    CREATE TABLE witness (
      vkey TEXT NOT NULL PRIMARY KEY,
      size INTEGER NOT NULL,
      time_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Subjects that nobody has reason to look at.
    CREATE TABLE honeytoken (
      subject INTEGER NOT NULL PRIMARY KEY,
      since_ms INTEGER NOT NULL
    ) STRICT;
    """
}

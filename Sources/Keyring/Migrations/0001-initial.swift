extension Migration {
  /// The first form of the key store.
  ///
  /// Rows have a fixed form: integers and blobs of one length, so that a page split never leaves
  /// a stale cell behind that `secure_delete` does not reach.
  static let initial = Migration(
    number: 1, name: "initial",
    sql: """
      CREATE TABLE meta (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        vault BLOB NOT NULL CHECK (length(vault) = 16),
        epoch INTEGER NOT NULL CHECK (epoch >= 1),
        generation INTEGER NOT NULL CHECK (generation >= 1),
        unseal_kind INTEGER NOT NULL CHECK (unseal_kind BETWEEN 1 AND 255),
        scrypt_salt BLOB NOT NULL CHECK (length(scrypt_salt) = 32),
        scrypt_cost INTEGER NOT NULL,
        scrypt_block_size INTEGER NOT NULL,
        scrypt_parallelism INTEGER NOT NULL,
        demo INTEGER NOT NULL CHECK (demo IN (0, 1))
      ) STRICT;
      CREATE TABLE node (
        id INTEGER PRIMARY KEY,
        b BLOB NOT NULL CHECK (length(b) = 2088)
      ) STRICT;
      CREATE TABLE counter (
        subtree INTEGER PRIMARY KEY CHECK (subtree BETWEEN 0 AND 3),
        next INTEGER NOT NULL CHECK (next >= 0),
        destroyed INTEGER NOT NULL CHECK (destroyed BETWEEN 0 AND next)
      ) STRICT;
      CREATE TABLE bucket (
        bucket INTEGER PRIMARY KEY CHECK (bucket BETWEEN 0 AND 4294967295),
        leaf INTEGER NOT NULL UNIQUE CHECK (leaf >= 0),
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        state INTEGER NOT NULL CHECK (state IN (1, 2))
      ) STRICT;
      CREATE TABLE domain (
        number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 65535),
        epoch INTEGER NOT NULL CHECK (epoch BETWEEN 0 AND 4294967295),
        leaf INTEGER NOT NULL UNIQUE CHECK (leaf >= 0),
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        state INTEGER NOT NULL CHECK (state IN (1, 2)),
        PRIMARY KEY (number, epoch)
      ) STRICT;
      CREATE TABLE index_key (
        field INTEGER NOT NULL CHECK (field BETWEEN 0 AND 65535),
        generation INTEGER NOT NULL CHECK (generation BETWEEN 0 AND 4294967295),
        leaf INTEGER NOT NULL UNIQUE CHECK (leaf >= 0),
        commitment BLOB NOT NULL CHECK (length(commitment) = 32),
        state INTEGER NOT NULL CHECK (state IN (1, 2)),
        PRIMARY KEY (field, generation)
      ) STRICT;
      """)
}

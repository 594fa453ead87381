extension AnalyticsMigration {
  /// Lays out profiles with their attributes and events, and what rules are checked against.
  ///
  /// `attribute` and `event` are stored in the order of profiles, so erasing a person touches
  /// neighbouring pages and needs no index of its own. Expiry of events reads the whole table: an
  /// index by source and day would cost every projection more than the daily expiry saves.
  /// `attribute.value` is ANY so that text and whole numbers share one index; the CHECK admits
  /// nothing else. Undeclared attributes cannot exist: (name, source) refers to `exposed`.
  static let initial = AnalyticsMigration(
    number: 1, name: "initial",
    sql: """
      CREATE TABLE exposed (
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
        source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 32),
        type TEXT NOT NULL CHECK (type IN ('text', 'number', 'amount', 'boolean')),
        PRIMARY KEY (name, source)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE profile (
        id INTEGER PRIMARY KEY,
        token TEXT NOT NULL UNIQUE
          CHECK (length(token) <= 96 AND token GLOB '[a-z]*_analytics_*')
      ) STRICT;

      CREATE TABLE attribute (
        profile INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        source TEXT NOT NULL,
        value ANY NOT NULL
          CHECK (typeof(value) = 'integer'
            OR (typeof(value) = 'text' AND length(value) BETWEEN 1 AND 128)),
        day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 16777215),
        PRIMARY KEY (profile, name, source, value),
        FOREIGN KEY (name, source) REFERENCES exposed (name, source) ON DELETE CASCADE
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX attribute_by_value ON attribute (name, value, profile);
      CREATE INDEX attribute_by_term ON attribute (source, day) WHERE day > 0;

      CREATE TABLE event (
        profile INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
        sequence INTEGER NOT NULL CHECK (sequence > 0),
        source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 32),
        name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
        day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 16777215),
        amount INTEGER CHECK (abs(amount) <= 1000000000000),
        quantity INTEGER CHECK (abs(quantity) <= 1000000000000),
        PRIMARY KEY (profile, sequence)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX event_by_name ON event (name, profile, day, source, amount, quantity);

      CREATE TABLE run (
        number INTEGER PRIMARY KEY CHECK (number > 0),
        day INTEGER NOT NULL CHECK (day BETWEEN 1 AND 16777215),
        profiles INTEGER NOT NULL CHECK (profiles >= 0),
        attributes INTEGER NOT NULL CHECK (attributes >= 0),
        events INTEGER NOT NULL CHECK (events >= 0)
      ) STRICT;

      """)
}

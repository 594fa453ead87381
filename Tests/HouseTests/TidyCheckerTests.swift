import Testing

/// The checkers themselves: each must be able to fail.
@Suite struct TidyCheckerTests {
  @Test func longFunctionIsMeasured() {
    let lines = ["  func long() {"] + Array(repeating: "    work()", count: 80) + ["  }"]
    #expect(Tidy.functions(lines).map(\.count) == [82])
  }

  @Test func signatureOverSeveralLinesIsMeasured() {
    let lines = ["  func wide(", "    _ a: Int", "  ) {", "    work()", "  }"]
    #expect(Tidy.functions(lines).map(\.count) == [5])
  }

  @Test(arguments: [
    ("print(\"x\")", true), ("  print (x)", true), ("fingerprint(x)", false),
    ("// print(x)", false),
    ("say(\"print(x)\")", false), ("store.print(x)", false),
  ])
  func printIsSeen(line: String, isSeen: Bool) {
    #expect(Tidy.words(line).contains("print") == isSeen)
  }

  @Test(arguments: [
    ("let sql = \"SELECT 1\"", true), ("    SELECT * FROM x", true),
    ("sql: \"DELETE FROM x\"", true),
    ("// SELECT nothing", false), ("/// UPDATE is a word", false), ("let selected = 1", false),
  ])
  func statementIsSeen(line: String, isSeen: Bool) {
    #expect(Tidy.holdsSQL(line) == isSeen)
  }

  @Test func editedMigrationChangesItsFingerprint() {
    let lines = ["let sql = \"\"\"", "  CREATE TABLE a (b INTEGER) STRICT;", "  \"\"\""]
    let edited = ["let sql = \"\"\"", "  CREATE TABLE a (c INTEGER) STRICT;", "  \"\"\""]
    #expect(Tidy.fingerprint(Tidy.statements(lines)) != Tidy.fingerprint(Tidy.statements(edited)))
    #expect(Tidy.statements(lines).contains("CREATE TABLE"))
  }
}

import Foundation
import Testing

/// The sizes and habits of CONTRIBUTING.md, held by reading the files.
@Suite struct TidyTests {
  static let lineWidthMaximum = 100
  static let fileLinesMaximum = 500
  static let fileLinesP95 = 400
  static let fileLinesMedian = 150
  static let functionLinesMaximum = 70

  @Test func filesKeepTheirSizes() throws {
    let counts = try House.swiftFiles("Sources").map(\.lines.count).sorted()
    #expect(counts[counts.count / 2] <= Self.fileLinesMedian)
    #expect(counts[counts.count * 95 / 100] <= Self.fileLinesP95)
    for file in try House.swiftFiles("Sources") + House.swiftFiles("Tests") {
      #expect(file.lines.count <= Self.fileLinesMaximum, "\(file.path) is too long")
    }
  }

  @Test func linesKeepTheirWidth() throws {
    for file in try House.swiftFiles("Sources") + House.swiftFiles("Tests") {
      for (index, line) in file.lines.enumerated() where line.count > Self.lineWidthMaximum {
        // A text in quotes cannot always be broken; code and comments can.
        let isText = line.contains("\"") || Tidy.isInsideText(index, file.lines)
        #expect(isText || line.contains("http"), "\(file.path):\(index + 1) is too wide")
      }
    }
  }

  @Test func functionsKeepTheirSizes() throws {
    for file in try House.swiftFiles("Sources") {
      for function in Tidy.functions(file.lines) {
        #expect(
          function.count <= Self.functionLinesMaximum,
          "\(file.path):\(function.line) has a function of \(function.count) lines")
      }
    }
  }

  @Test func librariesDoNotPrintAndNobodyLeavesNotes() throws {
    for file in try House.swiftFiles("Sources") {
      for (index, line) in file.lines.enumerated() {
        let place = "\(file.path):\(index + 1)"
        #expect(!Tidy.words(line).contains("print"), "\(place) prints")
        #expect(!line.contains("try!"), "\(place) uses a forced try")
        #expect(!Tidy.leavesNote(line), "\(place) leaves a note")
      }
    }
  }

  @Test func statementsLiveInStores() throws {
    for file in try House.swiftFiles("Sources") where !Tidy.mayHoldSQL(file) {
      for (index, line) in file.lines.enumerated() {
        #expect(!Tidy.holdsSQL(line), "\(file.path):\(index + 1) holds a statement")
      }
    }
  }

  /// Each place that vouches for its own thread safety is named here, so that a new one is seen.
  @Test func uncheckedSendableIsNamed() throws {
    let known: Set<String> = [
      "Sources/Sealing/SecretBytes.swift", "Sources/Sealing/HMACKey.swift",
      "Sources/Sealing/Signing.swift", "Sources/Vault/Store/GroupCommit.swift",
    ]
    let found = try House.swiftFiles("Sources").filter { file in
      file.lines.contains { $0.contains("@unchecked Sendable") }
    }
    #expect(Set(found.map(\.path)) == known)
  }

  @Test func everyTestFileAsserts() throws {
    for file in try House.swiftFiles("Tests") where file.name.hasSuffix("Tests.swift") {
      let asserts = file.lines.contains { $0.contains("#expect") || $0.contains("#require") }
      #expect(asserts, "\(file.path) asserts nothing")
    }
  }

  /// Shipped migrations are never edited: their text is pinned.
  @Test func migrationsArePinned() throws {
    let pins = try House.text("Tests/HouseTests/migrations.txt").split(separator: "\n")
    let known = Dictionary(
      uniqueKeysWithValues: pins.map { line in
        let parts = line.split(separator: " ")
        return (String(parts[1]), String(parts[0]))
      })
    let files = try House.swiftFiles("Sources").filter { file in
      file.path.contains("/Migrations/") && Tidy.containsStatement(file.lines)
    }
    #expect(files.count >= 3)
    for file in files {
      let print = Tidy.fingerprint(Tidy.statements(file.lines))
      #expect(known[file.path] == print, "\(file.path) is \(print), not what was shipped")
    }
  }
}

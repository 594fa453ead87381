import Foundation
import Testing

@Suite struct ImportMapTests {
  @Test func everyArrowPointsDown() {
    #expect(ImportMap.house.upwardArrows.isEmpty)
  }

  @Test func everyImportIsOnTheMap() throws {
    let files = try House.swiftFiles("Sources")
    #expect(files.count > 100)
    let problems = files.flatMap { file in
      ImportMap.house.problems(target: file.target, lines: file.lines).map { "\(file.path): \($0)" }
    }
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }

  /// The programs, which Package.swift does not declare as floors.
  static let programs: Set<String> = ["lethe", "cedar-conformance"]

  /// Package.swift must not give a target more than the map does, or an import would be one line
  /// away.
  @Test func packageDeclaresNoOtherArrow() throws {
    let manifest = try House.text("Package.swift")
    for (name, room) in ImportMap.house.rooms where !Self.programs.contains(name) {
      let line = try #require(
        manifest.components(separatedBy: "\n").first {
          $0.trimmingCharacters(in: .whitespaces).hasPrefix("floor(\"\(name)\"")
        }, "Package.swift has no line for \(name)")
      let quoted = line.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }
      for declared in quoted.map(\.element).dropFirst() {
        #expect(room.targets.contains(declared), "\(name) declares \(declared)")
      }
    }
  }

  @Test func segmentationAndLinkageCannotReachPlaintext() {
    let forbidden: Set<String> = ["Vault", "Keyring", "Sealing", "Intake", "Rights"]
    for name in ["Segmentation", "Linkage", "Analytics"] {
      #expect(ImportMap.house.rooms[name]?.targets.isDisjoint(with: forbidden) == true)
    }
  }

  @Test(arguments: [
    ("Segmentation", "import Vault"), ("Segmentation", "  public import Vault"),
    ("Segmentation", "@_exported import Keyring"), ("Segmentation", "@testable import Vault"),
    ("Cedar", "import Foundation"), ("Linkage", "import Vault"),
    ("Linkage", "import struct Vault.Dossier"),
    ("Sealing", "internal import Foundation"), ("Transparency", "import GRDB"),
    ("Analytics", "import Sealing"), ("Retention", "import Rights"), ("Nowhere", "import Cedar"),
    ("Vault", "import Intake"), ("Vault", "package import Rights"),
  ])
  func tunnelIsSeen(target: String, line: String) {
    #expect(!ImportMap.house.problems(target: target, lines: [line]).isEmpty)
  }

  @Test(arguments: [
    ("Segmentation", "public import Analytics"), ("Vault", "import Foundation"),
    ("Vault", "// import Intake"), ("Vault", "let text = \"import Intake\""), ("Cedar", ""),
  ])
  func allowedLineIsLeftAlone(target: String, line: String) {
    #expect(ImportMap.house.problems(target: target, lines: [line]).isEmpty)
  }

  @Test func upwardArrowIsSeen() {
    let map = ImportMap(rooms: [
      "Low": .init(floor: 1, targets: ["High"], outside: []),
      "High": .init(floor: 2, targets: [], outside: []),
    ])
    #expect(map.upwardArrows == ["Low → High"])
  }
}

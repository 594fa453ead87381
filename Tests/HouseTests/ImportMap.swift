/// Which target may import which; the table of ARCHITECTURE.md.
struct ImportMap: Sendable {
  /// A target's floor and what it may import besides the targets below.
  struct Room: Sendable {
    let floor: Int
    /// Other targets of the house.
    let targets: Set<String>
    /// Packages and system modules.
    let outside: Set<String>
  }

  /// The house. Foundation is allowed from floor 2 on; leaf targets stay without it.
  static let house = ImportMap(rooms: [
    "Sealing": Room(
      floor: 1, targets: ["COpenSSL"], outside: ["Synchronization", "Glibc", "Musl"]),
    "Cedar": Room(floor: 1, targets: [], outside: []),
    "Linkage": Room(floor: 1, targets: [], outside: []),
    "SampleData": Room(floor: 1, targets: [], outside: []),
    "Keyring": Room(
      floor: 2, targets: ["CPKCS11", "Sealing"],
      outside: ["GRDB", "Foundation", "Synchronization", "Glibc", "Musl", "Darwin"]),
    "Transparency": Room(floor: 2, targets: ["Sealing"], outside: ["Synchronization"]),
    "Analytics": Room(floor: 2, targets: [], outside: ["GRDB", "Foundation"]),
    "Vault": Room(
      floor: 3, targets: ["Sealing", "Keyring", "Transparency", "Cedar", "Analytics"],
      outside: ["GRDB", "Yams", "Foundation", "Synchronization"]),
    "Intake": Room(
      floor: 4, targets: ["Vault"], outside: ["Yams", "Foundation", "Glibc", "Musl", "Darwin"]),
    "Unification": Room(floor: 4, targets: ["Vault", "Linkage"], outside: []),
    "Retention": Room(floor: 4, targets: ["Vault"], outside: ["Foundation"]),
    "Rights": Room(
      floor: 4, targets: ["Vault", "Retention", "Sealing", "Transparency"], outside: ["Foundation"]),
    "Segmentation": Room(floor: 4, targets: ["Analytics"], outside: ["Yams", "Foundation"]),
    "Witness": Room(
      floor: 4, targets: ["Sealing", "Transparency"],
      outside: [
        "FlyingFox", "FlyingSocks", "Foundation", "FoundationNetworking", "Synchronization",
      ]),
    "Auditing": Room(
      floor: 4, targets: ["Vault", "Transparency", "Sealing"], outside: ["Foundation"]),
    "cedar-conformance": Room(floor: 6, targets: ["Cedar"], outside: ["Foundation"]),
    "lethe": Room(
      floor: 6,
      targets: [
        "Sealing", "Cedar", "Keyring", "Transparency", "Analytics", "Vault", "Intake",
        "Unification", "Retention", "Rights", "Segmentation", "Auditing", "SampleData", "Linkage",
        "Witness",
      ],
      outside: ["ArgumentParser", "Logging", "Foundation", "Synchronization"]),
  ])

  let rooms: [String: Room]

  /// What is wrong with the imports of one file; empty when nothing is.
  func problems(target: String, lines: [String]) -> [String] {
    guard let room = rooms[target] else { return ["target `\(target)` is not in the map"] }
    return Self.imports(lines).compactMap { module in
      room.targets.contains(module) || room.outside.contains(module) || module == target
        ? nil : "`\(target)` must not import `\(module)`"
    }
  }

  /// Targets whose arrows do not point down.
  var upwardArrows: [String] {
    rooms.flatMap { name, room in
      room.targets.compactMap { other in
        guard let below = rooms[other] else { return nil }
        let isSibling = name == "Rights" && other == "Retention"
        return below.floor < room.floor || isSibling ? nil : "\(name) → \(other)"
      }
    }
  }

  /// The modules a file imports, whatever stands before the word.
  static func imports(_ lines: [String]) -> [String] {
    lines.compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      while let first = words.first, first.hasPrefix("@") || access.contains(first) {
        words.removeFirst()
      }
      guard words.count >= 2, words[0] == "import" else { return nil }
      let kinds = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
      let module = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
      return module.split(separator: ".").first.map(String.init)
    }
  }

  private static let access: Set<String> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
}

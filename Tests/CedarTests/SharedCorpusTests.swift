import Foundation
import Testing

@testable import Cedar

/// The policy texts of the shared corpus, unpacked for the time of the tests.
private enum SharedPolicies {
  static let blockCount = 8

  static let texts: [String] = {
    guard let root = SharedData.cedar else { return [] }
    let files = FileManager.default
    let folder = files.temporaryDirectory.appendingPathComponent("cedar-\(UUID().uuidString)")
    defer { try? files.removeItem(at: folder) }
    try? files.createDirectory(at: folder, withIntermediateDirectories: true)
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzf", root + "/corpus-tests.tar.gz", "-C", folder.path]
    try? tar.run()
    tar.waitUntilExit()
    return texts(below: folder.path) + texts(below: root + "/tests")
  }()

  private static func texts(below folder: String) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".cedar") }.sorted().compactMap { name in
      FileManager.default.contents(atPath: folder + "/" + name)
        .map { String(decoding: $0, as: UTF8.self) }
    }
  }
}

@Suite(
  "Policies of the shared corpus",
  .enabled(
    if: SharedData.cedar != nil,
    "needs shared/conformance/cedar beside the repository, or LETHE_SHARED"))
struct SharedCorpusTests {
  @Test("are there") func count() { #expect(SharedPolicies.texts.count > 3_000) }

  @Test("read back from text and JSON", arguments: 0..<SharedPolicies.blockCount)
  func roundTrips(_ block: Int) throws {
    for (number, text) in SharedPolicies.texts.enumerated()
    where number % SharedPolicies.blockCount == block {
      let set = try PolicySet(parsing: text)
      for policy in set.policies + set.templates {
        #expect(try Policy(parsing: policy.text, id: policy.id) == policy, "\(text)")
        #expect(try Policy(json: policy.json, id: policy.id).json == policy.json, "\(text)")
      }
      #expect(try PolicySet(json: set.json).json == set.json, "\(text)")
    }
  }
}

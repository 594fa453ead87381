import Foundation
import Testing
import Transparency

/// Compares with the vector file that several projects share; it is not part of this repository.
@Suite(
  .enabled(
    if: SharedVectors.path != nil,
    "shared/conformance/tlog/tlog_vectors.json is not here; set LETHE_SHARED to run these"))
struct ConformanceTests {
  private struct File: Decodable {
    let roots: [String: String]
    let leaf0: String
    let inclusion3of7: [String]
    let consistency3to7: [String]
    let consistency4to7: [String]

    enum CodingKeys: String, CodingKey {
      case roots
      case leaf0
      case inclusion3of7 = "inclusion_3_of_7"
      case consistency3to7 = "consistency_3_to_7"
      case consistency4to7 = "consistency_4_to_7"
    }
  }

  private func load() throws -> File {
    let path = try #require(SharedVectors.path)
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test func rootsAgree() throws {
    let file = try load()
    let log = MemoryLog(numbered: 1000)
    #expect(file.roots.count >= 12)
    for (text, expected) in file.roots {
      let size = try #require(Int(text))
      #expect(hex(try MerkleTree.root(size: size, read: log.read).bytes) == expected, "\(size)")
    }
    #expect(hex(TreeHash.leaf(log.entries[0]).bytes) == file.leaf0)
  }

  @Test func proofsAgree() throws {
    let file = try load()
    let log = MemoryLog(numbered: 7)
    let inclusion = try MerkleTree.inclusionProof(leafIndex: 3, treeSize: 7, read: log.read)
    #expect(inclusion.hashes.map { hex($0.bytes) } == file.inclusion3of7)
    for (old, expected) in [(3, file.consistency3to7), (4, file.consistency4to7)] {
      let proof = try MerkleTree.consistencyProof(from: old, to: 7, read: log.read)
      #expect(proof.hashes.map { hex($0.bytes) } == expected)
    }
  }
}

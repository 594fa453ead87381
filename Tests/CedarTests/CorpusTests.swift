import CedarFuzzing
import Testing

@testable import Cedar

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Answers that cedarpy and this library agreed on, one line for each case: seed, mark of the case,
/// and the answer.
///
/// The cases are made from their seeds. A mark that differs means that the generator changed; then
/// the corpus has to be written anew with `scripts/cedar-fuzz --corpus`.
enum Corpus {
  static let blockCount = 40

  static let lines: [[String]] = {
    let path = #filePath.replacing("CorpusTests.swift", with: "Corpus/answers.txt")
    let text = FileManager.default.contents(atPath: path) ?? Data()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
      line.split(separator: " ", maxSplits: 2).map(String.init)
    }
  }()
}

@Suite("Answers of cedarpy to generated cases")
struct CorpusTests {
  @Test("are in the corpus by thousands, of every kind")
  func size() {
    #expect(Corpus.lines.count >= 3_000)
    #expect(Corpus.lines.allSatisfy { $0.count == 3 })
    for kind in [" A:", " D:-:-:", ":n", "l0", " y ", " n "] {
      #expect(Corpus.lines.contains { $0[2].contains(kind) }, "no answer has \(kind)")
    }
    #expect(Corpus.lines.contains { $0[2] == "-" }, "no text is refused")
  }

  @Test("are the library's answers", arguments: 0..<Corpus.blockCount)
  func answers(_ block: Int) throws {
    for (number, line) in Corpus.lines.enumerated() where number % Corpus.blockCount == block {
      let item = FuzzCase(seed: try #require(UInt64(line[0])))
      #expect(item.digest == line[1], "the generator changed since seed \(line[0]) was answered")
      let answer = try FuzzAnswer(item)
      #expect(answer.summary == line[2], "seed \(line[0])")
    }
  }
}

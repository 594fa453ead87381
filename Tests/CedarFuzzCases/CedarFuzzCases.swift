import CedarFuzzing

/// Writes generated cases with the answers of the library, one line each; or spoils texts and gives
/// them to every reader.
///
/// `scripts/cedar-fuzz` reads the cases and asks cedarpy the same questions.
@main
enum CedarFuzzCases {
  static let usage = """
    usage: cedar-fuzz-cases SEED COUNT
           cedar-fuzz-cases mutate SEED COUNT
    """

  private static let mutationsPerCase = 20

  static func main() throws {
    let words = CommandLine.arguments.dropFirst()
    let isMutating = words.first == "mutate"
    let figures = words.dropFirst(isMutating ? 1 : 0).compactMap { UInt64($0) }
    guard figures.count == 2, words.count == (isMutating ? 3 : 2) else {
      print(usage)
      return
    }
    let seeds = figures[0]..<(figures[0] + figures[1])
    if isMutating { try mutate(seeds) } else { try answer(seeds) }
  }

  private static func answer(_ seeds: Range<UInt64>) throws {
    for seed in seeds {
      let item = FuzzCase(seed: seed)
      let answer = try FuzzAnswer(item)
      print(
        "{\"case\":\(item.json),\"digest\":\"\(item.digest)\",\"ours\":\(answer.json),"
          + "\"summary\":\"\(answer.summary)\"}")
    }
  }

  private static func mutate(_ seeds: Range<UInt64>) throws {
    var tally = FuzzReaders.Tally()
    for seed in seeds {
      try FuzzReaders.run(seed: seed, mutations: mutationsPerCase, &tally)
    }
    for problem in tally.problems { print("cedar-mutate: \(problem)") }
    print(
      "cedar-mutate: \(tally.runs) texts, \(tally.accepted) accepted, \(tally.refused) refused, "
        + "\(tally.problems.count) problems")
    guard tally.problems.isEmpty, tally.runs > 0 else { throw Failure() }
  }

  private struct Failure: Error {}
}

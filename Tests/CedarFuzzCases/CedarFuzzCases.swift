import CedarFuzzing

/// Writes generated cases with the answers of the library, one line each.
///
/// `scripts/cedar-fuzz` reads them and asks cedarpy the same questions.
@main
enum CedarFuzzCases {
  static let usage = "usage: cedar-fuzz-cases SEED COUNT"

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
    guard arguments.count == 2, CommandLine.arguments.count == 3 else {
      print(usage)
      return
    }
    for seed in arguments[0]..<(arguments[0] + arguments[1]) {
      let item = FuzzCase(seed: seed)
      let answer = try FuzzAnswer(item)
      print(
        "{\"case\":\(item.json),\"digest\":\"\(item.digest)\",\"ours\":\(answer.json),"
          + "\"summary\":\"\(answer.summary)\"}")
    }
  }
}

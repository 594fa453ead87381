import Foundation
import Testing

@Suite(.serialized) struct DemoTests {
  private let place: String
  private let policies = ["--policies", Program.repository + "/policies"]

  init() throws {
    place = try Workshop.place()
  }

  private func demo(_ more: String...) throws -> Outcome {
    try Program.start(["demo"] + policies + more, in: place).wait()
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: place).sorted()
  }

  @Test func theWholePathPassesItsChecksTwice() throws {
    let first = try demo("--people", "300")
    #expect(first.status == 0 && first.output.isEmpty, "\(first.error)")
    let last = try #require(first.complaints.last)
    #expect(last.wholeMatch(of: /demo: [1-9]\d+ checks passed, 0 failed/) != nil, "\(last)")
    #expect(try names() == ["demo-vault", "demo-vault-data", "demo-vault-keys"])
    for words in [["audit", "verify"], ["status", "--as", "dana"]] {
      let vault = ["--vault", "demo-vault"]
      #expect(try Program.start(words + vault, in: place).wait().status == 0)
    }
    let kit = try Program.start(
      ["python3", Program.repository + "/audit/verify.py", "demo-vault/audit"],
      executable: "/usr/bin/env", in: place
    ).wait()
    #expect(kit.status == 0, "\(kit.error)")
    let second = try demo("--people", "300", "--json")
    let answer = try second.document()
    #expect(second.status == 0 && answer["failed"] as? Int == 0)
    #expect((answer["steps"] as? [Any])?.count ?? 0 >= 20)
  }

  @Test func nothingOfOthersIsReplaced() throws {
    let own = "\(place)/mine-data"
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: own + "/file"))
    expectRefusal(try demo("--directory", "mine"), 2, "usage", naming: [own])
    expectRefusal(try demo("--directory", "mine-data"), 2, "usage", naming: [own])
    expectRefusal(try demo("--directory", "mine-data/file"), 2, "usage", naming: [own + "/file"])
    #expect(try names() == ["mine-data"])
    #expect(FileManager.default.contents(atPath: own + "/file") == Data("mine".utf8))
  }

  @Test func nothingIsTouchedBesideRealData() throws {
    let data = "\(place)/data"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    let fields = [
      "rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb",
      "postcode", "state", "date_of_birth", "soc_sec_id",
    ]
    let files = [
      "febrl3.csv": fields.joined(separator: ",") + "\nrec-1\n",
      "cdnow.csv": "transaction_id,customer_id,date,n_cds,usd\n1,1,1997-01-01,1,11.77\n",
      "febrl3.csv.quarantine.jsonl": "mine\n",
    ]
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(data)/\(name)"))
    }
    let before = try Snapshot(of: data)
    let outcome = try demo("--real", "data")
    // Not the published data, so its checks have to fail.
    #expect(outcome.status == 1 && outcome.error.contains("FAILED: febrl3.csv: 5000 rows"))
    #expect(outcome.complaints.last?.hasSuffix("[check_failed]") == true)
    #expect(outcome.error.contains("rows a second"))
    #expect(try Snapshot(of: data) == before)
  }

  @Test func aRealVaultIsNoDemo() throws {
    let stage = try Stage(Template.bare)
    try stage.expectRefused(
      ["demo", "--directory", "vault"] + policies, 2, "usage", naming: [stage.vault])
  }

  @Test func wrongWordsLeaveAnOlderDemoAlone() throws {
    for words in [["--people", "0"], ["--policies", "nowhere"], ["--real", "nowhere"]] {
      let outcome = try Program.start(["demo"] + policies + words, in: place).wait()
      expectRefusal(outcome, 2, "usage")
      #expect(try names().isEmpty)
    }
  }
}

import Foundation
import Intake
import SampleData
import Vault

/// How well the persons found agree with what the generator knows, measured on CRM customers.
struct SampleTruth {
  /// Customers looked up.
  static let customerMaximum = 300

  /// Pairs of customers that are one person in the vault and in truth.
  private(set) var right = 0
  /// Pairs that are one person in the vault and two in truth.
  private(set) var falselyJoined = 0
  /// Pairs that are one person in truth and two in the vault.
  private(set) var missed = 0
  /// Customers looked up.
  let customers: Int

  /// Looks up the first customers by number and compares every pair with the truth.
  init(_ demo: DemoRun, _ vault: Vault, _ path: (SampleFile) -> String) throws {
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: "DEMO-TRUTH")
    let truth = try Self.truth(path(.truth))
    let people = try Self.customers(vault, path(.crm)).compactMap { number in
      try vault.find(.customerNumber, number, dpo).first.flatMap { found in
        truth[String(decoding: number, as: UTF8.self)].map { (found.token, $0) }
      }
    }
    customers = people.count
    for (index, first) in people.enumerated() {
      for second in people[..<index] {
        switch (first.0 == second.0, first.1 == second.1) {
        case (true, true): right += 1
        case (true, false): falselyJoined += 1
        case (false, true): missed += 1
        case (false, false): continue
        }
      }
    }
  }

  /// Share of joined pairs that belong together, in percent.
  var precisionPercent: Int {
    right + falselyJoined == 0 ? 0 : right * 100 / (right + falselyJoined)
  }
  /// Share of pairs belonging together that are joined, in percent.
  var recallPercent: Int { right + missed == 0 ? 0 : right * 100 / (right + missed) }

  /// Person number by customer number.
  private static func truth(_ path: String) throws -> [String: Substring] {
    let text = try FileByteSource.contents(of: path, maximumByteCount: 1 << 30)
    var people: [String: Substring] = [:]
    for line in String(decoding: text, as: UTF8.self).split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count == 4, parts[0] == SampleFile.crm.source else { continue }
      people[String(parts[1])] = parts[3]
    }
    return people
  }

  private static func customers(_ vault: Vault, _ path: String) throws -> [[UInt8]] {
    let contract = try ContractFiles(vault.layout.policies).contract(SampleFile.crm.source)
    var reader = try RecordReader(
      contract: contract, source: try FileByteSource(path: path), file: path,
      ingestDay: vault.clock.day)
    var numbers: [[UInt8]] = []
    while numbers.count < customerMaximum, let item = try reader.next() {
      if case .record(let record, _) = item { numbers.append(record.externalID) }
    }
    return numbers
  }
}

import Foundation
import Intake
import Vault

/// A person of the sample who is known to several sources.
struct SamplePersonFound {
  /// The person's token.
  let token: TokenText
  /// Normalised e-mail.
  let email: [UInt8]
  /// What must not be found in any file after the erasure: e-mail, phone, names.
  let secrets: [[UInt8]]
}

/// Finds people of the sample who are in the CRM, the shop and the web events.
struct SamplePeopleFinder {
  /// Shortest text that cannot turn up by chance among random bytes.
  static let shortestSecretByteCount = 6

  private let demo: DemoRun
  private let vault: Vault

  init(_ demo: DemoRun, _ vault: Vault) {
    self.demo = demo
    self.vault = vault
  }

  /// Searches the first profiles of the CRM file.
  func find(_ count: Int, in path: String) throws -> [SamplePersonFound] {
    let contract = try ContractFiles(vault.layout.policies).contract("crm")
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: "DEMO-SEARCH")
    var reader = try RecordReader(
      contract: contract, source: try FileByteSource(path: path), file: path,
      ingestDay: vault.clock.day)
    var found: [SamplePersonFound] = []
    var tried = 0
    while found.count < count, tried < SampleDemo.candidateMaximum, let item = try reader.next() {
      guard case .record(let record, _) = item,
        let email = record.identifiers.first(where: { $0.kind == .email })?.value
      else { continue }
      tried += 1
      let persons = try vault.find(.email, email, dpo)
      guard persons.count == 1, Set(persons[0].sources).isSuperset(of: ["crm", "orders", "web"]),
        let secrets = secrets(of: record, contract),
        !found.contains(where: { $0.token == persons[0].token })
      else { continue }
      found.append(SamplePersonFound(token: persons[0].token, email: email, secrets: secrets))
    }
    return found
  }

  /// E-mail first, then phone and names; nil when one is too short to be searched for.
  private func secrets(of record: IncomingRecord, _ contract: Contract) -> [[UInt8]]? {
    let wanted: [FieldType] = [.email, .phone, .name]
    let values = wanted.flatMap { type in
      record.fields.filter { contract.source.field($0.number)?.type == type }.map(\.value)
    }
    let isFit = values.count >= 4 && values.allSatisfy { $0.count >= Self.shortestSecretByteCount }
    return isFit ? values : nil
  }
}

/// Searches in bytes.
enum Bytes {
  /// Whether a text occurs.
  static func contains(_ bytes: [UInt8], _ text: [UInt8]) -> Bool {
    Data(bytes).range(of: Data(text)) != nil
  }
}

/// Writes lines to a file.
final class LineFile {
  private static let flushByteCount = 1 << 20

  private let handle: FileHandle
  private var buffer = Data()

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw UsageError(message: "`\(path)` cannot be written; check space and permissions") }
    self.handle = handle
  }

  func write(_ line: String) throws {
    buffer.append(contentsOf: line.utf8)
    if buffer.count >= Self.flushByteCount { try flush() }
  }

  func close() throws {
    try flush()
    try handle.close()
  }

  private func flush() throws {
    try handle.write(contentsOf: buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

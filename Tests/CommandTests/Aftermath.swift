import Foundation
import GRDB
import Testing

/// Somebody whose data must be there whatever happens to somebody else's.
enum Bystander {
  /// The first e-mail of the template that leads to one person, who is not the one it names.
  static let email = Result { () throws -> String in
    let stage = try Stage(Template.full)
    for email in try Sample.emails(of: stage.directory) where email != stage.email {
      let answer = try stage.lethe("find", "email", "-", "--as", "dana", "--json", input: email)
      let persons = try answer.document()["persons"] as? [[String: Any]] ?? []
      if persons.count == 1, persons[0]["token"] as? String != stage.token { return email }
    }
    throw CocoaError(.featureUnsupported)
  }
}

extension Stage {
  static let erasureStates = [
    "requested", "fenced", "punctured", "prepared", "committed", "replicated", "retired", "final",
    "swept",
  ]

  /// The secret of the epoch in the slot's first live sector.
  func epochSecret() throws -> [UInt8] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: slot)))
    let start = try #require(
      stride(from: 0, to: bytes.count, by: 4096).first { bytes[$0] == UInt8(ascii: "L") })
    return Array(bytes[start + 29..<start + 61])
  }

  /// The words that erase the stage's person.
  func erasureWords() throws -> [String] {
    let words = ["dsr", "erase", token, "--case", "C-1", "--as", "dana"]
    let preview = try lethe(words + ["--json"]).document()
    return words + ["--confirm", try #require(preview["confirm"] as? String)]
  }

  /// The state of an erasure as its rows tell, before anything opens the vault.
  func stateOnDisk(_ reference: String = "C-1") throws -> String? {
    try DatabaseQueue(path: vault + "/vault.sqlite").read {
      try String.fetchOne(
        $0, sql: "SELECT state FROM erasure WHERE reference = ?", arguments: [reference])
    }
  }

  /// How often each state of an erasure is in the log.
  func loggedStates(_ reference: String = "C-1") throws -> [String: Int] {
    let entries = try DatabaseQueue(path: vault + "/vault.sqlite").read {
      try Data.fetchAll($0, sql: "SELECT entry FROM audit_entry")
    }
    var counts: [String: Int] = [:]
    for entry in entries {
      guard let object = try JSONSerialization.jsonObject(with: entry) as? [String: Any],
        object["reference"] as? String == reference, let type = object["type"] as? String,
        type.hasPrefix("erasure.")
      else { continue }
      counts[String(type.dropFirst("erasure.".count)), default: 0] += 1
    }
    return counts
  }

  /// Opens the vault after the erasure of the stage's person was cut off, and checks everything.
  ///
  /// - Returns: Whether the person is erased.
  func checkAfterErasure(
    oldSecret: [UInt8], _ note: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Bool {
    let opened = try lethe("status", "--as", "dana", "--json")
    try #require(opened.status == 0, "\(note): \(opened.error)", sourceLocation: sourceLocation)
    let status = try opened.document(mayNotice: true)
    #expect((status["open_erasures"] as? [Any])?.isEmpty == true, "\(note)")
    #expect(status["fenced"] as? Int == 0, "\(note)")
    let found = try lethe("find", "email", "-", "--as", "dana", "--json", input: email)
    let isDone = found.status == 1
    let states = try loggedStates()
    let once = Dictionary(uniqueKeysWithValues: Self.erasureStates.map { ($0, 1) })
    #expect(states == (isDone ? once : [:]), "\(note)", sourceLocation: sourceLocation)
    let slotBytes = try Data(contentsOf: URL(fileURLWithPath: slot))
    let isSecretThere = slotBytes.range(of: Data(oldSecret)) != nil
    #expect(isSecretThere == !isDone, "\(note)", sourceLocation: sourceLocation)
    try expectBystander(note, sourceLocation: sourceLocation)
    let verified = try lethe("audit", "verify", "--json")
    #expect(verified.status == 0, "\(note): \(verified.error)", sourceLocation: sourceLocation)
    #expect(try verified.document()["valid"] as? Bool == true, "\(note)")
    return isDone
  }

  /// Expects somebody else's data to be readable.
  func expectBystander(
    _ note: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let email = try Bystander.email.get()
    let found = try lethe("find", "email", "-", "--as", "dana", "--json", input: email)
    let persons = try found.document()["persons"] as? [[String: Any]]
    let token = try #require(
      persons?.first?["token"] as? String, "\(note): \(found.error)",
      sourceLocation: sourceLocation)
    let revealed = try lethe("reveal", token, "--as", "dana", "--purpose", "subject_rights")
    #expect(
      revealed.error.contains(email), "\(note): \(revealed.error)", sourceLocation: sourceLocation)
  }
}

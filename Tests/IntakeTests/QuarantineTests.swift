import Foundation
import Testing

@testable import Intake

@Suite("Quarantine file, files and the lint")
struct QuarantineTests {
  /// Runs `body` with a new empty directory.
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "lethe-intake-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory.path)
  }

  @Test("says where and why, and never what")
  func content() throws {
    try withDirectory { directory in
      let path = "\(directory)/bad.jsonl"
      let quarantine = Quarantine(path: path, source: "crm", fileDigest: [0x0A, 0xFF])
      let rows =
        "number,email,phone,born\n1,secret-value,,\n2,,secret-value,\n3,\"secret\"-value,,\n"
      for item in try Fixtures.items(Array(rows.utf8), try Fixtures.contract()) {
        if let bad = item.bad { try quarantine.append(bad) }
      }
      try quarantine.finish()
      let bytes = try FileByteSource.contents(of: path)
      let lines = Fixtures.text(bytes).split(separator: "\n")
      #expect(lines.count == 3)
      #expect(quarantine.count == 3)
      #expect(!Fixtures.text(bytes).contains("secret"))
      let expected =
        #"{"line":2,"code":"malformed_email","field":"email","reason":"not an e-mail address","#
        + #""source":"crm","file_sha256":"0aff"}"#
      #expect(lines.first.map(String.init) == expected)
      for line in lines {
        var parser = JSONParser(Array(line.utf8))
        #expect(throws: Never.self) { _ = try parser.parse() }
      }
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test("every reason fits into a line of JSON", arguments: RowCode.allCases)
  func reasons(_ code: RowCode) throws {
    let quarantine = Quarantine(path: "unused", source: "crm", fileDigest: [])
    let line = quarantine.line(for: BadRecord(line: 1, code: code, field: "x", byteOffset: 9))
    var parser = JSONParser(line)
    guard case .object(let members) = try parser.parse() else {
      Issue.record("an object was expected")
      return
    }
    #expect(members.count == 7)
    #expect(!code.reason.isEmpty && !code.reason.hasSuffix("."))
  }

  @Test("is not made when nothing is bad")
  func nothing() throws {
    try withDirectory { directory in
      let quarantine = Quarantine(path: "\(directory)/bad.jsonl", source: "crm", fileDigest: [])
      try quarantine.finish()
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }
  }

  @Test("never writes over a file or through a link")
  func exists() throws {
    try withDirectory { directory in
      let path = "\(directory)/bad.jsonl"
      let link = "\(directory)/link.jsonl"
      try Data("kept".utf8).write(to: URL(filePath: path))
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: "\(directory)/new")
      for name in [path, link] {
        let quarantine = Quarantine(path: name, source: "crm", fileDigest: [])
        let error = refusal { try quarantine.append(BadRecord(line: 1, code: .nulByte)) }
        #expect(error?.code == .alreadyExists)
      }
      #expect(try FileByteSource.contents(of: path) == Array("kept".utf8))
      #expect(!FileManager.default.fileExists(atPath: "\(directory)/new"))
    }
  }

  @Test("a place that cannot be written or read gets one line")
  func places() throws {
    try withDirectory { directory in
      let quarantine = Quarantine(path: "\(directory)/no/bad.jsonl", source: "crm", fileDigest: [])
      let error = refusal { try quarantine.append(BadRecord(line: 1, code: .nulByte)) }
      #expect(error?.code == .unwritable)
      for path in ["\(directory)/nothing", directory] {
        let error = refusal { _ = try FileByteSource.contents(of: path) }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains("\n") == false)
      }
      let large = "\(directory)/large"
      try Data(count: 300_000).write(to: URL(filePath: large))
      #expect(refusal { _ = try FileByteSource.contents(of: large) }?.code == .tooLarge)
    }
  }

  @Test("files are read whole, in chunks")
  func reading() throws {
    try withDirectory { directory in
      let path = "\(directory)/data"
      let bytes = (0..<(3 * IntakeLimit.chunkByteCount + 17)).map { UInt8(truncatingIfNeeded: $0) }
      try Data(bytes).write(to: URL(filePath: path))
      let source = try FileByteSource(path: path)
      var read: [UInt8] = []
      var chunk: [UInt8] = []
      repeat {
        try source.read(into: &chunk)
        read += chunk
      } while !chunk.isEmpty
      #expect(read == bytes)
    }
  }
}

@Suite("Lint of identifiers")
struct IdentifierLintTests {
  private func verdict(_ rows: [String]) throws -> IntakeError? {
    let contract = try Fixtures.contract()
    let text = "number,email,phone\n" + rows.joined(separator: "\n")
    var lint = IdentifierLint(contract: contract, file: "data")
    for item in try Fixtures.items(Array(text.utf8), contract) {
      if let record = item.record { lint.observe(record) }
    }
    return refusal { try lint.verdict() }
  }

  @Test("lets different values, households and few rows pass")
  func passes() throws {
    #expect(try verdict((0..<1000).map { "\($0),a\($0)@x.example," }) == nil)
    #expect(try verdict((0..<1000).map { "\($0),,030 231250\(10 + $0 / 5)" }) == nil)
    #expect(try verdict((0..<99).map { "\($0),same@x.example," }) == nil)
    #expect(try verdict((0..<1000).map { "\($0),\($0 < 99 ? "same@x.example" : "")," }) == nil)
    #expect(try verdict([]) == nil)
  }

  @Test("stops a column that many subjects share, and names it")
  func stops() throws {
    let email = try verdict((0..<1000).map { "\($0),desk\($0 % 199)@x.example," })
    #expect(email?.code == .lowCardinalityData)
    #expect(email?.message.contains("`email`") == true)
    #expect(email?.message.contains("desk") == false)
    let subject = try verdict((0..<1000).map { "\($0 % 16),," })
    #expect(subject?.code == .lowCardinalityData)
    #expect(subject?.message.contains("`number`") == true)
    let sparse = try verdict((0..<1000).map { "\($0),\($0 < 100 ? "same@x.example" : "")," })
    #expect(sparse?.code == .lowCardinalityData)
  }

  @Test("does not mind that one cookie has many events, but that many cookies have one id")
  func events() throws {
    let contract = try Fixtures.contract(Fixtures.eventText)
    var lint = IdentifierLint(contract: contract, file: "data")
    for index in 0..<1000 {
      let line =
        #"{"anonymousId":"c\#(index % 7)","messageId":"\#(index)","#
        + #""timestamp":"2026-02-01T00:00:00Z","event":"e"}"#
      let items = try Fixtures.items(Array(line.utf8), contract)
      if let record = items.first?.record { lint.observe(record) }
    }
    #expect(refusal { try lint.verdict() } == nil)
  }
}

import Foundation
import Rights
import Testing
import Transparency

/// Files beside a certificate are found by its name; everything about them may be wrong.
@Suite struct CertificateEvidenceTests {
  private let place: URL

  init() throws {
    place = FileManager.default.temporaryDirectory.appending(path: "evidence-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
  }

  private var path: String { place.appending(path: "C-1.certificate").path }

  private func fill() throws -> SampleCertificate {
    let sample = try SampleCertificate(SampleStatement.person.members)
    for (name, bytes) in sample.files("C-1") { try write(name, bytes) }
    return sample
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: place.appending(path: name))
  }

  private func remove(_ name: String) throws {
    try FileManager.default.removeItem(at: place.appending(path: name))
  }

  private func report(key: String? = nil, logKey: String? = nil) throws -> CertificateReport {
    try CertificateVerifier(
      CertificateEvidence(certificateAt: path, key: key, logKey: logKey)
    ).report()
  }

  @Test func filesBesideTheCertificateAreFound() throws {
    let sample = try fill()
    defer { try? FileManager.default.removeItem(at: place) }
    #expect(try report().isValid)
    let key = String(decoding: sample.keyFile.dropLast(), as: UTF8.self)
    let logKey = String(decoding: sample.logKeyFile.dropLast(), as: UTF8.self)
    for name in ["certificates.vkey", "log.vkey"] { try remove(name) }
    let given = try report(key: key, logKey: logKey)
    #expect(given.isValid && given.notes.isEmpty)
    #expect(given.checks[0].line.hasSuffix(", given"))
  }

  @Test(arguments: ["certificates.vkey", "log.vkey"])
  func aMissingKeyIsAskedFor(name: String) throws {
    _ = try fill()
    defer { try? FileManager.default.removeItem(at: place) }
    try remove(name)
    #expect(throws: RightsError(.missingKey, "")) { _ = try report() }
    try FileManager.default.createDirectory(
      at: place.appending(path: name), withIntermediateDirectories: true)
    #expect(try !report().isValid, "a directory is no key")
    try remove(name)
    try write(name, [UInt8](repeating: 0x41, count: 1_000_000))
    #expect(try !report().isValid, "a key of a million letters is no key")
  }

  @Test(arguments: [
    ("C-1.entry.json", CertificateCheck.Name.inclusion), ("C-1.tlog-proof", .checkpoint),
  ])
  func aMissingOrEndlessFileFailsItsCheck(name: String, check: CertificateCheck.Name) throws {
    _ = try fill()
    defer { try? FileManager.default.removeItem(at: place) }
    try remove(name)
    let missing = try report()
    #expect(missing.failed == [check])
    #expect(missing.checks.contains { $0.line == "`\(name)` is not there" })
    try write(name, [UInt8](repeating: 0x20, count: 300_000))
    let long = try report()
    #expect(long.failed == [check] && long.checks.contains { $0.line.contains("larger than") })
    try remove(name)
    try FileManager.default.createSymbolicLink(
      atPath: place.appending(path: name).path, withDestinationPath: "/dev/zero")
    #expect(try report().failed == [check], "a device that never ends is not read")
  }

  @Test func theCertificateItselfMustBeReadable() throws {
    defer { try? FileManager.default.removeItem(at: place) }
    #expect(throws: RightsError(.unreadable, "")) { _ = try report() }
    try write("C-1.certificate", [UInt8](repeating: 0x20, count: 200_000))
    #expect(throws: RightsError(.unreadable, "")) { _ = try report() }
    try remove("C-1.certificate")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    #expect(throws: RightsError(.unreadable, "")) { _ = try report() }
  }

  @Test(arguments: ["", "garbage", "name+00000000+AAAA", " "])
  func aGivenTextThatIsNoKeyIsRefused(text: String) throws {
    _ = try fill()
    defer { try? FileManager.default.removeItem(at: place) }
    #expect(throws: RightsError(.malformedKey, "")) { _ = try report(key: text) }
    #expect(throws: RightsError(.malformedKey, "")) { _ = try report(logKey: text) }
  }
}

import Foundation
import Sealing
import TestSupport
import Testing
import Transparency

@testable import Witness

@Suite struct WitnessHomeTests {
  private static let log = SignedLog(7)

  @Test func newWitnessHasItsFiles() throws {
    let place = try Place()
    let home = try place.witness()
    #expect(try place.names() == ["logs", "state", "witness.key", "witness.vkey"])
    #expect(try place.mode("/witness.key") == 0o600)
    #expect(try place.mode("/state") == 0o700)
    #expect(try place.bytes("/witness.vkey") == ascii(home.verifierKey.encoded + "\n"))
    #expect(home.verifierKey.name == "witness.example/w1")
    #expect(home.verifierKey.algorithm == .cosignature)
    #expect(try home.signingKey().verifierKey == home.verifierKey)
    #expect(try home.logKeys().isEmpty)
    #expect(try place.bytes("/witness.key").starts(with: ascii("PRIVATE+KEY+witness.example/w1+")))
  }

  @Test func keysDiffer() throws {
    let places = [try Place(), try Place()]
    let keys = try places.map {
      try WitnessHome.create(at: $0.path, name: "w", random: SystemRandom()).verifierKey
    }
    #expect(keys[0].publicKey != keys[1].publicKey)
  }

  @Test func directoryInUseIsRefused() throws {
    let place = try Place()
    _ = try place.witness()
    let before = try place.bytes("/witness.key")
    expect(.taken) {
      _ = try WitnessHome.create(at: place.path, name: "w", random: SystemRandom())
    }
    #expect(try place.bytes("/witness.key") == before)
    expect(.storage) {
      _ = try WitnessHome.create(at: place.path + "/a/b", name: "w", random: SystemRandom())
    }
    expect(.taken) {
      _ = try WitnessHome.create(
        at: place.path + "/witness.vkey", name: "w", random: SystemRandom())
    }
  }

  @Test(arguments: ["", "a b", "a+b", "a\nb"])
  func unfitNamesLeaveNothing(name: String) throws {
    let place = try Place()
    #expect(throws: TransparencyError.self) {
      try WitnessHome.create(at: place.path + "/w", name: name, random: SystemRandom())
    }
    #expect(try place.names().isEmpty)
  }

  @Test func otherDirectoriesAreNoWitness() throws {
    let place = try Place()
    expect(.malformed, naming: "lethe witness init") { _ = try WitnessHome(opening: place.path) }
    expect(.malformed) { _ = try WitnessHome(opening: place.path + "/nowhere") }
    for text in ["", "key", try Self.log.verifierKey.encoded] {
      try place.write(ascii(text), "/witness.vkey")
      expect(.malformed) { _ = try WitnessHome(opening: place.path) }
    }
  }

  @Test func keyIsGuarded() throws {
    let place = try Place()
    let home = try place.witness()
    let path = place.path + "/witness.key"
    let good = try place.bytes("/witness.key")
    for mode in [0o640, 0o604, 0o660, 0o777] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
      expect(.permission, naming: "chmod 600") { _ = try home.signingKey() }
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    _ = try home.signingKey()
    let other = try WitnessSigningKey.encode(
      name: "witness.example/w1", seed: SecretBytes(copying: SHA256.hash(ascii("other"))))
    let log = try NoteSigningKey.encode(
      name: "witness.example/w1", seed: SecretBytes(copying: SHA256.hash(ascii("other"))))
    for bytes in [
      [], [0x0A], good + good, Array(good.dropFirst()), other.plaintextCopy(),
      log.plaintextCopy(), [UInt8](repeating: 0x61, count: 5000),
    ] {
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: Data(bytes))
      try handle.close()
      let error = #expect(throws: WitnessError.self) { _ = try home.signingKey() }
      #expect(error?.code == .malformed)
      #expect(error?.message.contains("PRIVATE") == false)
      expect(.malformed) { _ = try WitnessLedger(home) }
    }
    try FileManager.default.removeItem(atPath: path)
    expect(.malformed, naming: "is missing") { _ = try home.signingKey() }
  }

  @Test func logsAreTrustedOnce() throws {
    let place = try Place()
    let home = try place.witness()
    let second = SignedLog(0, name: "other.example/audit")
    #expect(try home.trust(Self.log.verifierKey))
    #expect(try !home.trust(Self.log.verifierKey))
    // A list edited by hand, without a last line end.
    try place.write(
      try place.bytes("/logs") + ascii("\n  # mine\n\n \(second.verifierKey.encoded) "), "/logs")
    #expect(try !home.trust(second.verifierKey))
    let third = SignedLog(0, seed: "next")
    #expect(try home.trust(third.verifierKey))
    #expect(
      try home.logKeys()
        == [Self.log.verifierKey, second.verifierKey, third.verifierKey])
    #expect(String(decoding: try place.bytes("/logs"), as: UTF8.self).contains("# mine"))
    expect(.malformed) { _ = try home.trust(home.verifierKey) }
  }

  @Test func wrongListIsRefused() throws {
    let place = try Place()
    let home = try place.witness()
    let good = try Self.log.verifierKey.encoded
    for (text, line) in [
      ("key\n", 1), ("\(good)\n\n\(good)x\n", 3), ("\(home.verifierKey.encoded)\n", 1),
      ("\(good) # mine\n", 1),
    ] {
      try place.write(ascii(text), "/logs")
      expect(.malformed, naming: "line \(line)") { _ = try home.logKeys() }
      expect(.malformed) { _ = try WitnessLedger(home) }
      expect(.malformed) { _ = try home.trust(Self.log.verifierKey) }
      #expect(try place.bytes("/logs") == ascii(text))
    }
    let many = (0...WitnessHome.logCountMaximum).map { _ in good }.joined(separator: "\n")
    try place.write(ascii(many), "/logs")
    expect(.malformed) { _ = try home.logKeys() }
    try FileManager.default.removeItem(atPath: place.path + "/logs")
    expect(.malformed, naming: "missing") { _ = try home.logKeys() }
  }

  @Test(arguments: ["127.0.0.1:0", "127.0.0.1:8080", "0.0.0.0:65535", "[::1]:80", "[::]:0"])
  func addressesAreRead(text: String) throws {
    let address = try ListenAddress(text)
    #expect(text == (text.hasPrefix("[") ? "[\(address.host)]" : address.host) + ":\(address.port)")
  }

  @Test(arguments: [
    "", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
    "127.0.0.1:-1", "localhost:8080", "1.2.3:80", "::1:80", "[::1]", "[::1:80", "[x]:80",
    "http://127.0.0.1:80",
  ])
  func otherAddressesAreRefused(text: String) {
    expect(.malformed) { _ = try ListenAddress(text) }
  }
}

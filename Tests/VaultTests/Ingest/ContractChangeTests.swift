import Testing
import VaultTesting

@testable import Vault

@Suite struct ContractChangeTests {
  private static let original: [TestSources.Field] = [
    ("id", .customerNumber, "user.unique_id", .customerNumber, nil),
    ("city", .city, "user.contact.address.city", nil, nil),
  ]

  private static func source(
    _ fields: [TestSources.Field], kind: SourceKind = .profile, digest: UInt8 = 2
  ) -> SourceDescription {
    TestSources.source(
      "shop", kind, .first, ["essential.service"], TestSources.customer, fields, digest: digest)
  }

  private static let allowed: [(String, [TestSources.Field])] = [
    ("the same again", original),
    ("a field more", original + [("zip", .postcode, "user.contact.address.postal_code", nil, nil)]),
    (
      "another category",
      [original[0], ("city", .city, "user.location", nil, nil)]
    ),
    (
      "exposed now",
      [original[0], ("city", .city, "user.contact.address.city", nil, ("city", .present))]
    ),
  ]

  private static let refused: [(String, [TestSources.Field], SourceKind)] = [
    ("a field less", [original[0]], .profile),
    ("renamed", [original[0], ("town", .city, "user.contact.address.city", nil, nil)], .profile),
    ("retyped", [original[0], ("city", .text, "user.contact.address.city", nil, nil)], .profile),
    ("reordered", original.reversed(), .profile),
    ("events now", original, .event),
    ("empty", [], .profile),
  ]

  @Test(arguments: 0..<4) func growingIsAllowed(index: Int) throws {
    let test = try TestVault()
    let vault = try test.made()
    try vault.ingest(
      [Self.source(Self.original).record("1", ["city": "Ulm"])],
      from: Self.source(Self.original, digest: 1))
    let fields = Self.allowed[index].1
    try vault.ingest(
      [Self.source(fields).record("1", day: TestVault.day + 1, ["id": "1", "city": "Bonn"])],
      from: Self.source(fields))
    let token = try vault.theOne(.customerNumber, "1")
    #expect(try vault.values(token)["shop.city"] == ["Bonn"], "\(Self.allowed[index].0)")
    #expect(try vault.logTypes().filter { $0 == "source.registered" }.count == 2)
  }

  @Test(arguments: 0..<6) func changingTheMeaningIsRefused(index: Int) throws {
    let test = try TestVault()
    let vault = try test.made()
    _ = try vault.beginIngest(Self.source(Self.original, digest: 1), .engineer)
    let before = (try vault.dump(\.queue), try vault.logTypes())
    let (_, fields, kind) = Self.refused[index]
    expect(VaultError.Code.invalidInput) {
      _ = try vault.beginIngest(Self.source(fields, kind: kind), .engineer)
    }
    #expect(try vault.dump(\.queue) == before.0)
    #expect(try vault.logTypes() == before.1)
  }

  @Test func registeringTwiceIsOneEvent() throws {
    let test = try TestVault()
    let vault = try test.made()
    for _ in 0..<3 { _ = try vault.beginIngest(TestSources.crm, .engineer) }
    #expect(try vault.logTypes().filter { $0 == "source.registered" }.count == 1)
  }
}

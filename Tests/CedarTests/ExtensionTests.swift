import Testing

@testable import Cedar

@Suite("Extension types")
struct ExtensionTests {
  static let decimals: [(CedarString, Int64)] = [
    ("0.0", 0), ("-0.5", -5_000), ("1.0", 10_000), ("12.3456", 123_456), ("00001.5", 15_000),
    ("922337203685477.5807", .max), ("-922337203685477.5808", .min), ("-0.0001", -1),
  ]

  @Test("decimal reads", arguments: decimals)
  func readsDecimal(_ text: CedarString, _ scaled: Int64) throws {
    #expect(try CedarDecimal(parsing: text).scaled == scaled)
  }

  @Test(
    "decimal refuses",
    arguments: [
      "", "1", "1.", ".5", "-.5", "1.23456", "+1.0", "1.0.0", "1,0", " 1.0", "1.0 ", "--1.0",
      "1e3", "922337203685477.5808", "-922337203685477.5809", "99999999999999999999999999.0",
      "\u{661}.\u{661}",
    ] as [CedarString])
  func refusesDecimal(_ text: CedarString) {
    #expect(throws: CedarError.self) { try CedarDecimal(parsing: text) }
  }

  static let methods = [
    #"decimal("0.1").lessThan(decimal("0.2"))"#,
    #"decimal("0.2").lessThanOrEqual(decimal("0.20"))"#,
    #"decimal("-0.1").greaterThan(decimal("-0.2"))"#,
    #"!decimal("1.0").greaterThanOrEqual(decimal("1.0001"))"#,
    #"ip("127.0.0.1").isLoopback()"#, #"ip("127.0.0.0/8").isLoopback()"#,
    #"!ip("127.0.0.0/7").isLoopback()"#, #"ip("::1").isLoopback()"#,
    #"!ip("::1/127").isLoopback()"#, #"!ip("::ffff:7f00:1").isLoopback()"#,
    #"ip("224.0.0.0/4").isMulticast()"#, #"!ip("224.0.0.0/3").isMulticast()"#,
    #"ip("239.1.2.3").isMulticast()"#, #"!ip("240.0.0.0").isMulticast()"#,
    #"ip("ff00::/8").isMulticast()"#, #"!ip("ff00::/7").isMulticast()"#,
    #"ip("10.0.0.5").isInRange(ip("10.0.0.0/24"))"#,
    #"!ip("10.0.1.5").isInRange(ip("10.0.0.0/24"))"#,
    #"ip("10.0.0.9/28").isInRange(ip("10.0.0.200/24"))"#,
    #"!ip("10.0.0.0/23").isInRange(ip("10.0.0.0/24"))"#,
    #"ip("9.9.9.9").isInRange(ip("0.0.0.0/0"))"#,
    #"!ip("::1").isInRange(ip("0.0.0.0/0"))"#, #"ip("abcd::1").isInRange(ip("::/0"))"#,
    #"ip("1.2.3.4").isIpv4() && !ip("1.2.3.4").isIpv6()"#,
    #"ip("::").isIpv6() && !ip("::").isIpv4()"#,
    #"datetime("2024-02-29").offset(duration("1d")) == datetime("2024-03-01")"#,
    #"datetime("2024-01-02").durationSince(datetime("2024-01-01")) == duration("24h")"#,
    #"datetime("2024-01-01T12:34:56Z").toDate() == datetime("2024-01-01")"#,
    #"datetime("1969-12-31T23:00:00Z").toDate() == datetime("1969-12-31")"#,
    #"datetime("1969-12-31T23:00:00Z").toTime() == duration("23h")"#,
    #"duration("1d2h3m4s5ms").toMilliseconds() == 93784005"#, #"duration("90s").toMinutes() == 1"#,
    #"duration("-90s").toMinutes() == -1"#, #"duration("-1ms").toSeconds() == 0"#,
    #"duration("49h").toDays() == 2"#, #"duration("119m").toHours() == 1"#,
  ]

  @Test("methods give true", arguments: methods)
  func methodsAreTrue(_ text: String) throws {
    #expect(try Fixture.value(text) == true)
  }

  @Test(
    "methods fail by overflow",
    arguments: [
      #"datetime("9999-12-31").offset(duration("9223372036854775807ms")) == 1"#,
      #"datetime("1969-12-31").offset(duration("-9223372036854775808ms")) == 1"#,
      #"""
      datetime("1970-01-01").durationSince(
        datetime("1970-01-01").offset(duration("-9223372036854775808ms"))) == 1
      """#,
      #"datetime("1970-01-01").offset(duration("-9223372036854775808ms")).toDate() == 1"#,
    ])
  func methodsOverflow(_ text: String) throws {
    #expect(try Fixture.failure(text) == .overflow)
  }

  static let addresses: [(CedarString, UInt128, UInt8)] = [
    ("0.0.0.0", 0, 32), ("255.255.255.255/0", 0xFFFF_FFFF, 0), ("10.0.0.1/24", 0x0A00_0001, 24),
    ("::", 0, 128), ("::1", 1, 128), ("1::/16", 1 << 112, 16), ("1:2:3:4:5:6:7:8", 0, 128),
    ("1:2:3:4:5:6:7::", 0, 128), ("::2:3:4:5:6:7:8", 0, 128), ("ABCD::ef01", 0, 128),
    ("1111:2222:3333:4444:5555:6666:7777:8888/128", 0, 128),
  ]

  @Test("ip reads", arguments: addresses)
  func readsAddress(_ text: CedarString, _ address: UInt128, _ prefix: UInt8) throws {
    let value = try CedarIPAddress(parsing: text)
    #expect(value.prefixLength == prefix)
    if address != 0 { #expect(value.address == address) }
  }

  @Test(
    "ip refuses",
    arguments: [
      "", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/01",
      "1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/8/8", " 1.2.3.4", "1.2.3.4 ", "1..2.3", "::/129",
      "::/001", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
      "1:2:3:4::5:6:7:8", "12345::", "g::", "::ffff:1.2.3.4", "[::1]", "fe80::1%eth0", ":1", "1:",
      "11111:2222:3333:4444:5555:6666:7777:8888/128", "localhost", "1.2.3.4/a",
    ] as [CedarString])
  func refusesAddress(_ text: CedarString) {
    #expect(throws: CedarError(.extensionFormat, "")) { try CedarIPAddress(parsing: text) }
  }
}

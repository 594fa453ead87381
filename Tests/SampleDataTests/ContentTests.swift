import SampleData
import Testing

@Suite struct ContentTests {
  private let sample: SampleGenerator

  init() throws {
    sample = try generator(people: 2000)
  }

  @Test func noDomainOutsideTheReservedOnes() throws {
    let reserved = ["example.org", "example.com", "example.net"]
    let separators = Set(",;\"\r\n <>".utf8)
    var addresses = 0
    var hostCount = 0
    for file in [SampleFile.crm, .orders, .web, .thirdParty] {
      let text = sample.text(file)
      // Bytes, because breaking megabytes into characters takes most of a minute.
      for bytes in text.utf8.split(whereSeparator: { separators.contains($0) })
      where bytes.contains(UInt8(ascii: "@")) {
        let word = String(decoding: bytes, as: UTF8.self)
        addresses += 1
        let domain = String(word.drop { $0 != "@" }.dropFirst()).lowercased()
        let isReserved = reserved.contains { domain == $0 || domain.hasSuffix("." + $0) }
        #expect(isReserved || word == "test@test.com", "\(domain)")
      }
      for host in hosts(in: text) {
        #expect(reserved.contains { host == $0 || host.hasSuffix("." + $0) }, "\(host)")
        hostCount += 1
      }
    }
    #expect(hostCount == 2)
    #expect(addresses > 3000)
  }

  @Test func everyPhoneIsFromARangeForFiction() throws {
    let ranges = [
      "+493023125", "+494066969", "+496990009", "+498999998", "+492214710", "+4917139200",
      "+447700900", "+442079460", "+441632960", "+3363998",
    ]
    var phones = try sample.table(.crm).compactMap { $0["phone"] }
    phones += try sample.objects(.orders).compactMap { $0["phone"]?.string }
    phones += try sample.objects(.web).compactMap { $0["traits"]?["phone"]?.string }
    let numbers = phones.filter { !$0.isEmpty }.map(international)
    for number in numbers {
      let isAmerican =
        number.hasPrefix("+1") && number.dropFirst(5).hasPrefix("55501") && number.count == 12
      #expect(isAmerican || ranges.contains { number.hasPrefix($0) }, "\(number)")
    }
    #expect(numbers.count > 2000)
    let written = Set(phones.map { String($0.prefix { !$0.isNumber || $0 == "0" }.prefix(3)) })
    #expect(written.isSuperset(of: ["+", "00", "0", "(0"]))
  }

  @Test func hubValuesBelongToManyPeople() throws {
    let summary = sample.summary()
    let crm = try sample.table(.crm).filter { $0["email"] == "test@test.com" }
    let orders = try sample.objects(.orders).filter { $0["email"]?.string == "test@test.com" }
    #expect(crm.count + orders.count == summary.hubEmailRecords)
    #expect((24...60).contains(summary.hubEmailRecords))
    let hotline = try sample.objects(.orders).filter {
      $0["phone"]?.string.map(international) == "+493023125000"
    }
    #expect(hotline.count == summary.hubPhoneRecords)
    #expect(hotline.count >= 10)
    let owners = try people(of: crm.compactMap { $0["customer_number"] }, source: "crm")
    #expect(owners.count == crm.count)
  }

  @Test func otherAddressesBelongToOnePersonEach() throws {
    let owners = try Dictionary(
      uniqueKeysWithValues: sample.table(.truth).map {
        (($0["source"] ?? "") + "|" + ($0["record"] ?? ""), $0["person"] ?? "")
      })
    var people: [String: Set<String>] = [:]
    for row in try sample.table(.crm) {
      let owner = try #require(owners["crm|" + (row["customer_number"] ?? "")])
      people[clean(row["email"]), default: []].insert(owner)
    }
    for order in try sample.objects(.orders) {
      let owner = try #require(owners["orders|" + (order["order_id"]?.string ?? "")])
      people[clean(order["email"]?.string), default: []].insert(owner)
    }
    for call in try sample.objects(.web) {
      let owner = try #require(owners["web|" + (call["messageId"]?.string ?? "")])
      people[clean(call["traits"]?["email"]?.string), default: []].insert(owner)
    }
    let shared = people.filter { $0.value.count > 1 }.keys
    #expect(Set(shared) == ["", "test@test.com"])
  }

  @Test func householdsShareTelephones() throws {
    let owners = Dictionary(
      try sample.table(.crm).map {
        (international($0["phone"] ?? ""), Set([$0["birth_date"] ?? ""]))
      }, uniquingKeysWith: { $0.union($1) })
    let shared = owners.filter { $0.key != "" && $0.value.subtracting([""]).count > 1 }
    #expect(shared.count >= 10)
    #expect(shared.allSatisfy { $0.value.subtracting([""]).count <= 3 })
  }

  @Test func crmHasTheTrapsOfRealFiles() throws {
    let text = sample.text(.crm)
    let rows = try sample.table(.crm)
    #expect(rows.allSatisfy { $0.count >= 12 })
    #expect(rows.contains { $0["note"]?.contains("\n") == true })
    #expect(rows.contains { $0["note"]?.contains("\"") == true })
    #expect(rows.contains { $0["street"]?.contains(",") == true })
    #expect(rows.contains { $0["last_name"]?.contains("ü") == true })
    #expect(rows.contains { $0["last_name"] == "Шевченко" })
    #expect(rows.contains { $0["email"] == $0["email"]?.uppercased() && $0["email"] != "" })
    #expect(rows.contains { $0["email"]?.hasPrefix(" ") == true })
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\r" && $0 != "\n" })
  }

  @Test func nothingIsLaterThanToday() throws {
    for row in try sample.table(.crm) {
      let updated = try #require(row["updated_at"])
      #expect(updated < "2026-06-01")
      #expect((row["customer_since"] ?? "") <= updated)
      let birth = try #require(row["birth_date"])
      #expect(birth.isEmpty || ("1930"..."2008-06-01").contains(birth))
    }
    for order in try sample.objects(.orders) {
      let placed = try #require(order["placed_at"]?.string)
      #expect(("2024-05"..<"2026-06-01").contains(placed))
    }
    for call in try sample.objects(.web) {
      let timestamp = try #require(call["timestamp"]?.string)
      #expect(("2025-07"..<"2026-06-01").contains(timestamp))
    }
  }

  @Test func thirdPartyDaysSpanAHundredAndTwentyDays() throws {
    let days = try sample.table(.thirdParty).compactMap { $0["collected_at"] }
    #expect(days.min() == "2026-02-01")
    #expect(days.max() == "2026-06-01")
    let summary = sample.summary()
    #expect(summary.thirdPartyRowsByAge.count == 121)
    #expect(summary.thirdPartyRowsByAge.allSatisfy { $0 > 0 })
    #expect(summary.thirdPartyRowsByAge[120] == days.count { $0 == "2026-02-01" })
  }

  @Test func expiryFiguresAgreeWithTheFile() throws {
    var latest: [String: String] = [:]
    for row in try sample.table(.thirdParty) {
      let cookie = try #require(row["cookie_id"])
      let day = try #require(row["collected_at"])
      #expect((latest[cookie] ?? "") < day)
      latest[cookie] = day
    }
    let summary = sample.summary()
    #expect(summary.thirdPartySubjects(olderThan: 30) == latest.values.count { $0 < "2026-05-02" })
    #expect(summary.thirdPartySubjects(olderThan: 90) == latest.values.count { $0 < "2026-03-03" })
    #expect(summary.thirdPartySubjects(olderThan: 120) == 0)
    #expect(summary.thirdPartySubjects(olderThan: -1) == latest.count)
  }

  @Test func someThirdPartyCookiesAreKnownFromTheWeb() throws {
    let web = Set(try sample.objects(.web).compactMap { $0["anonymousId"]?.string })
    let cookies = Set(try sample.table(.thirdParty).compactMap { $0["cookie_id"] })
    #expect(cookies.intersection(web).count > 500)
    #expect(cookies.subtracting(web).count > 500)
  }

  @Test func webCallsFollowTheSegmentSpecification() throws {
    var types: [String: Int] = [:]
    for call in try sample.objects(.web) {
      let type = try #require(call["type"]?.string)
      types[type, default: 0] += 1
      let required = ["messageId", "anonymousId", "timestamp", "sentAt", "originalTimestamp"]
      #expect(required.allSatisfy { call[$0]?.string?.isEmpty == false })
      #expect(call["context"]?["ip"]?.string != nil)
      #expect(call["context"]?["page"]?["url"]?.string != nil)
      #expect((call["event"] != nil) == (type == "track"))
      #expect((call["traits"] != nil) == (type == "identify"))
      #expect((call["properties"] != nil) == (type != "identify"))
    }
    #expect(Set(types.keys) == ["identify", "page", "track"])
    #expect(types.values.allSatisfy { $0 > 200 })
  }

  @Test func customerNumbersOutsideTheCRMExistInTheCRM() throws {
    let known = Set(try sample.table(.crm).compactMap { $0["customer_number"] })
    let orders = try sample.objects(.orders)
    let used = orders.compactMap { $0["customer_number"]?.string }
    #expect(Set(used).isSubset(of: known) && used.count > 500)
    #expect(orders.contains { $0["customer_number"] == nil })
    #expect(orders.contains { $0["customer_number"] == .null })
    let users = try sample.objects(.web).compactMap { $0["userId"]?.string }
    #expect(Set(users).isSubset(of: known) && users.count > 500)
  }

  private func people(of records: [String], source: String) throws -> Set<String> {
    let wanted = Set(records)
    let rows = try sample.table(.truth).filter {
      $0["source"] == source && wanted.contains($0["record"] ?? "")
    }
    return Set(rows.compactMap { $0["person"] })
  }

  private func clean(_ email: String?) -> String {
    String((email ?? "").filter { $0 != " " }).lowercased()
  }

  private func hosts(in text: String) -> Set<String> {
    var hosts: Set<String> = []
    let words = text.utf8.split { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") }
    for word in words where word.starts(with: "https://".utf8) {
      let host = word.dropFirst(8).prefix { $0 != UInt8(ascii: "/") }
      hosts.insert(String(decoding: host, as: UTF8.self))
    }
    return hosts
  }

  private func international(_ phone: String) -> String {
    let digits = phone.filter { $0.isNumber || $0 == "+" }
    if digits.hasPrefix("00") { return "+" + digits.dropFirst(2) }
    if digits.hasPrefix("0") { return "+49" + digits.dropFirst(1) }
    return digits
  }
}

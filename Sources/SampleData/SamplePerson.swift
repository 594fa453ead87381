/// Holds who a made-up person is; what each source knows of them is told by the source files.
struct SamplePerson: Sendable {
  /// The number used in `truth.csv`, from 1.
  let number: Int
  let country: SampleCountry
  let language: SampleLanguage
  let isFemale: Bool
  let first: SampleName
  let last: SampleName
  let birth: CivilDay
  let address: SampleAddress
  let email: String
  /// A second address, used in the shop by some.
  let otherEmail: String?
  /// The number everyone in the household gives.
  let phone: SamplePhone?
  let sources: SampleSources
}

/// Tells which sources know a person, and how.
struct SampleSources: Sendable {
  let inCRM: Bool
  /// A second CRM row under another customer number.
  let isDuplicated: Bool
  let inShop: Bool
  let inWeb: Bool
  let inThirdParty: Bool
  /// `test@test.com` stands where the e-mail address should.
  let hasHubEmail: Bool
  /// The call centre's number stands where the telephone number should.
  let hasHubPhone: Bool
}

/// Makes any person of the sample alone, from the seed and the number.
struct SamplePeople: Sendable {
  let seed: UInt64
  let count: Int
  let today: CivilDay

  /// The address that shop staff type when a customer gives none.
  static let hubEmail = "test@test.com"
  /// About how many people get a hub value, whatever the size of the sample.
  static let hubPeople = 36

  /// Gives one person.
  ///
  /// - Parameter index: Position from 0.
  /// - Returns: The same person for the same seed, day and position, whatever the order of calls.
  func person(at index: Int) -> SamplePerson {
    let place = Household(personIndex: index)
    var home = SplitMix64(seed: seed, stream: .household, index: place.index)
    let slot = place.index % SampleCountry.slots.count
    let country = SampleCountry.slots[slot]
    let speaksRussian = country == .germany && home.chance(percent: 8)
    let language = speaksRussian ? .russian : country.language
    let names = SampleNames.names(of: language)
    let last = home.pick(names.last)
    let address = SamplePlaces.address(in: country, &home)
    let rank = Self.rank(ofHousehold: place.index, slot: slot)

    var random = SplitMix64(seed: seed, stream: .person, index: index)
    let isFemale = random.chance(percent: 51)
    let first = random.pick(isFemale ? names.female : names.male)
    let ageInDays = 18 * 366 + random.below(67 * 365)
    let emails = Self.emails(first, last, index: index, &random)
    return SamplePerson(
      number: index + 1, country: country, language: language, isFemale: isFemale, first: first,
      last: last, birth: today.back(days: ageInDays), address: address, email: emails.main,
      otherEmail: emails.other, phone: SamplePhone.number(country: country, rank: rank),
      sources: sources(ofIndex: index, &random))
  }

  private func sources(ofIndex index: Int, _ random: inout SplitMix64) -> SampleSources {
    let inShop = random.chance(percent: 55)
    let inWeb = random.chance(percent: 60)
    let inThirdParty = random.chance(percent: inWeb ? 55 : 8)
    let drawnCRM = random.chance(percent: 75)
    let inCRM = drawnCRM || !(inShop || inWeb || inThirdParty)
    let isDuplicated = random.chance(percent: 6)
    let stride = max(4, count / Self.hubPeople)
    return SampleSources(
      inCRM: inCRM, isDuplicated: inCRM && isDuplicated, inShop: inShop, inWeb: inWeb,
      inThirdParty: inThirdParty, hasHubEmail: index % stride == 3,
      hasHubPhone: index % stride == 1)
  }

  /// Counts the households of the same country that come before one.
  private static func rank(ofHousehold index: Int, slot: Int) -> Int {
    let country = SampleCountry.slots[slot]
    let slots = SampleCountry.slots
    let perRound = slots.count { $0 == country }
    return index / slots.count * perRound + slots[..<slot].count { $0 == country }
  }

  /// Makes the addresses; digits that only this person has keep them apart from everyone else's.
  private static func emails(
    _ first: SampleName, _ last: SampleName, index: Int, _ random: inout SplitMix64
  ) -> (main: String, other: String?) {
    let given = mailForm(first.latin)
    let family = mailForm(last.latin)
    let number = String(scattered(index, factor: 0x2_C9B5))
    let local = random.pick([
      given + "." + family + number, given + "." + family + number,
      String(given.prefix(1)) + "." + family + number, family + "." + given + number,
      given + "_" + family + number, given + number,
    ])
    let main = local + "@" + random.pick(domains)
    guard random.chance(percent: 15) else { return (main, nil) }
    return (main, family + number + "@" + random.pick(otherDomains))
  }

  private static func mailForm(_ name: String) -> String {
    String(
      name.lowercased().unicodeScalars.filter { ("a"..."z").contains($0) }.map(Character.init))
  }

  // RFC 2606 reserves the three second-level names; the two lists share no domain, so that a
  // main address never equals another person's second one.
  private static let domains = [
    "example.org", "example.com", "example.net", "mail.example.org", "post.example.com",
    "freemail.example.net",
  ]
  private static let otherDomains = ["work.example.com", "alt.example.org"]
}

/// Maps `0..<2²⁰` onto itself by an odd factor: ids that look unsorted and never clash.
func scattered(_ value: Int, factor: Int) -> Int {
  (value &* (factor | 1) &+ 0x5_A17D) & (1 << 20 - 1)
}

/// Places a person in a household: of every 80 people, one pair and one family of three share a
/// surname, an address and a telephone number; the other 75 live alone.
private struct Household {
  let index: Int

  init(personIndex: Int) {
    let block = personIndex / 80
    let position = personIndex % 80
    let within = position < 2 ? 0 : position < 5 ? 1 : position - 3
    index = block * 77 + within
  }
}

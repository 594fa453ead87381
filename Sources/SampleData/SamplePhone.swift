/// Holds a telephone number from a range that is set aside for fiction, so that nobody answers it.
///
/// Sources: Bundesnetzagentur, Mitteilung 148/2021 ("Drama Numbers"); Ofcom, "Telephone numbers for
/// use in TV and radio drama programmes"; the North American plan's 555-0100 to 555-0199; Arcep,
/// décision 2018-0881 (06 39 98 xx xx). Austria and Bulgaria have no such range: people there have
/// no telephone in the sample.
struct SamplePhone: Sendable, Equatable {
  let callingCode: String
  let area: String
  let subscriber: String

  /// The number as E.164 writes it.
  var international: String { "+" + callingCode + area + subscriber }

  /// Writes the number in one of the ways people do.
  ///
  /// A form without the calling code is written for Germany only: the sources are German, and
  /// their contracts name `DE` as the default region.
  func written(_ random: inout SplitMix64) -> String {
    let head = area + " " + subscriber
    switch callingCode {
    case "49":
      return random.pick([
        international, "+49 " + head, "0049 " + head, "0049" + area + subscriber, "0" + head,
        "(0" + area + ") " + subscriber, "0" + area + "/" + subscriber, "0" + area + subscriber,
      ])
    case "1":
      let split = String(subscriber.prefix(3)) + "-" + String(subscriber.dropFirst(3))
      return random.pick([international, "+1 (" + area + ") " + split, "+1 " + area + "-" + split])
    default:
      return random.pick([international, "+" + callingCode + " " + head, "00" + callingCode + head])
    }
  }

  /// The call centre's own number, which some of its agents enter for every customer.
  static let hotline = SamplePhone(callingCode: "49", area: "30", subscriber: "23125000")

  /// Gives the number of the household that comes `rank`-th in its country.
  ///
  /// - Returns: A number no other household has, or nothing when the country has no range left.
  static func number(country: SampleCountry, rank: Int) -> SamplePhone? {
    var position = rank
    for range in ranges(of: country) {
      if position < range.count { return range.number(at: position) }
      position -= range.count
    }
    return nil
  }

  private static func ranges(of country: SampleCountry) -> [PhoneRange] {
    switch country {
    case .germany: germanRanges
    case .unitedKingdom: britishRanges
    case .france: [PhoneRange(code: "33", area: "6", prefix: "3998", digits: 4)]
    case .unitedStates: americanRanges
    case .austria, .bulgaria: []
    }
  }

  private static let germanRanges = [
    PhoneRange(code: "49", area: "30", prefix: "23125", digits: 3, first: 1),
    PhoneRange(code: "49", area: "171", prefix: "39200", digits: 2),
    PhoneRange(code: "49", area: "40", prefix: "66969", digits: 3),
    PhoneRange(code: "49", area: "69", prefix: "90009", digits: 3),
    PhoneRange(code: "49", area: "89", prefix: "99998", digits: 3),
    PhoneRange(code: "49", area: "221", prefix: "4710", digits: 3),
  ]
  private static let britishRanges = [
    PhoneRange(code: "44", area: "7700", prefix: "900", digits: 3),
    PhoneRange(code: "44", area: "20", prefix: "79460", digits: 3),
    PhoneRange(code: "44", area: "1632", prefix: "960", digits: 3),
  ]
  private static let americanRanges = [
    "202", "212", "303", "312", "404", "415", "503", "512", "608", "617", "702", "713", "808",
    "907",
  ].map { PhoneRange(code: "1", area: $0, prefix: "55501", digits: 2) }
}

/// Spans the numbers that begin alike and end in a fixed count of free digits.
struct PhoneRange: Sendable {
  let code: String
  let area: String
  let prefix: String
  let digits: Int
  let first: Int

  init(code: String, area: String, prefix: String, digits: Int, first: Int = 0) {
    self.code = code
    self.area = area
    self.prefix = prefix
    self.digits = digits
    self.first = first
  }

  /// How many numbers the range has.
  var count: Int { (digits == 2 ? 100 : digits == 3 ? 1000 : 10_000) - first }

  /// Gives one number; the position is scattered, so that neighbours do not look like neighbours.
  func number(at position: Int) -> SamplePhone {
    let scattered = (position * 467 + 11) % count + first
    return SamplePhone(
      callingCode: code, area: area, subscriber: prefix + padded(scattered, width: digits))
  }
}

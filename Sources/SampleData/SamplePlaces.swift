/// Names the countries of the sample; the raw value is the ISO 3166-1 code.
enum SampleCountry: String, Sendable {
  case germany = "DE"
  case unitedKingdom = "GB"
  case france = "FR"
  case unitedStates = "US"
  case austria = "AT"
  case bulgaria = "BG"

  /// The country of every household in turn: twenty slots, so that each country's households can be
  /// counted without going through them.
  static let slots: [SampleCountry] = [
    .germany, .germany, .unitedKingdom, .germany, .france, .germany, .austria, .germany,
    .unitedStates, .germany, .unitedKingdom, .germany, .france, .germany, .bulgaria, .germany,
    .france, .germany, .unitedKingdom, .unitedStates,
  ]

  var language: SampleLanguage {
    switch self {
    case .germany, .austria: .german
    case .unitedKingdom, .unitedStates: .english
    case .france: .french
    case .bulgaria: .bulgarian
    }
  }

  var currency: String {
    switch self {
    case .unitedKingdom: "GBP"
    case .unitedStates: "USD"
    default: "EUR"
    }
  }
}

/// Holds where a household lives.
struct SampleAddress: Sendable {
  let street: String
  let postcode: String
  let city: String
}

/// Makes addresses that look like those of a country; towns exist, house numbers are drawn.
enum SamplePlaces {
  static func address(in country: SampleCountry, _ random: inout SplitMix64) -> SampleAddress {
    let number = 1 + random.below(180)
    switch country {
    case .germany: return germanic(germanTowns, digits: 3, number, &random)
    case .austria: return germanic(austrianTowns, digits: 2, number, &random)
    case .unitedKingdom:
      let (city, outward) = random.pick(britishTowns)
      let inward = "\(random.below(10))" + letters(2, &random)
      let street = "\(number) " + random.pick(britishStreets)
      return SampleAddress(street: street, postcode: outward + " " + inward, city: city)
    case .france:
      let (city, prefix) = random.pick(frenchTowns)
      let street = "\(number) " + random.pick(frenchStreets)
      return SampleAddress(street: street, postcode: prefix + digits(3, &random), city: city)
    case .unitedStates:
      let (city, prefix) = random.pick(americanTowns)
      let flat = random.chance(percent: 30) ? ", Apt " + String(1 + random.below(40)) : ""
      let street = "\(number * 10 + 1) " + random.pick(americanStreets) + flat
      return SampleAddress(street: street, postcode: prefix + digits(2, &random), city: city)
    case .bulgaria:
      let (city, prefix) = random.pick(bulgarianTowns)
      let street = random.pick(bulgarianStreets) + " \(number)"
      return SampleAddress(street: street, postcode: prefix + digits(2, &random), city: city)
    }
  }

  private static func germanic(
    _ towns: [(String, String)], digits count: Int, _ number: Int, _ random: inout SplitMix64
  ) -> SampleAddress {
    let (city, prefix) = random.pick(towns)
    let addition = random.pick(["", "", "", "", "a", "b", ", Hinterhaus", ", 2. OG"])
    let street = random.pick(germanStreets) + " \(number)" + addition
    return SampleAddress(street: street, postcode: prefix + digits(count, &random), city: city)
  }

  private static func digits(_ count: Int, _ random: inout SplitMix64) -> String {
    var bound = 1
    for _ in 0..<count { bound *= 10 }
    return padded(random.below(bound), width: count)
  }

  private static func letters(_ count: Int, _ random: inout SplitMix64) -> String {
    var text = ""
    for _ in 0..<count { text += random.pick(["A", "B", "D", "E", "F", "G", "H", "J", "L", "N"]) }
    return text
  }

  private static let germanTowns = [
    ("Berlin", "10"), ("Berlin", "13"), ("Hamburg", "20"), ("Hamburg", "22"), ("München", "80"),
    ("Köln", "50"), ("Frankfurt am Main", "60"), ("Düsseldorf", "40"), ("Leipzig", "04"),
    ("Dresden", "01"), ("Hannover", "30"), ("Nürnberg", "90"), ("Lübeck", "23"), ("Münster", "48"),
    ("Göttingen", "37"), ("Saarbrücken", "66"),
  ]
  private static let austrianTowns = [
    ("Wien", "10"), ("Wien", "12"), ("Graz", "80"), ("Linz", "40"), ("Salzburg", "50"),
  ]
  private static let britishTowns = [
    ("London", "SE15"), ("London", "N16"), ("Leeds", "LS6"), ("Manchester", "M14"),
    ("Bristol", "BS6"), ("Edinburgh", "EH9"), ("Cardiff", "CF24"), ("Belfast", "BT9"),
  ]
  private static let frenchTowns = [
    ("Paris", "75"), ("Lyon", "69"), ("Marseille", "13"), ("Nîmes", "30"), ("Besançon", "25"),
    ("Orléans", "45"),
  ]
  private static let americanTowns = [
    ("Springfield, IL", "627"), ("Portland, OR", "972"), ("Austin, TX", "787"),
    ("Madison, WI", "537"),
  ]
  private static let bulgarianTowns = [("София", "10"), ("Пловдив", "40"), ("Варна", "90")]
  private static let germanStreets = [
    "Hauptstraße", "Bahnhofstr.", "Gartenweg", "Lindenallee", "Schillerstraße", "Goethestr.",
    "Am Mühlbach", "Kirchplatz", "Bergstraße", "Dorfstr.", "Ringstraße", "Wiesenweg",
  ]
  private static let britishStreets = [
    "High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Lane", "St. John's Road",
  ]
  private static let frenchStreets = [
    "rue de l'Église", "rue Victor-Hugo", "avenue de la République", "rue des Écoles",
    "chemin du Moulin",
  ]
  private static let americanStreets = ["Main St", "Oak Ave", "Maple Dr", "2nd St", "Cedar Ln"]
  private static let bulgarianStreets = ["ул. Шипка", "ул. Розова долина", "бул. България"]
}

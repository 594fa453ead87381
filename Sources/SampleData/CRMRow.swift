/// Holds one row of `crm.csv`.
struct CRMRow: Sendable {
  /// The fields in the order of ``columns``.
  let fields: [String]
  let person: Int
  let hasHubEmail: Bool

  var customerNumber: String { fields[0] }

  static let columns = [
    "customer_number", "email", "phone", "salutation", "first_name", "last_name", "birth_date",
    "street", "postcode", "city", "country", "language", "newsletter", "customer_since", "note",
    "updated_at",
  ]

  /// Rows that a reader has to put into quarantine; each is one line, so the next one is sound.
  static let badLines = [
    "K10000001,cut.off@example.org\r\n",
    "K10000002,one.too.many@example.org,,,Ada,Muster,1980-05-05,Hauptstraße 1,10115,Berlin,DE,de,"
      + "false,2020-01-01,,2024-01-01T08:00:00Z,surplus\r\n",
    ",no.number@example.org,,,Bea,Muster,1980-05-05,Hauptstraße 2,10115,Berlin,DE,de,false,"
      + "2020-01-01,,2024-01-01T08:00:00Z\r\n",
    "K10000003,no.such.day@example.org,,,Cem,Muster,1985-02-30,Hauptstraße 3,10115,Berlin,DE,de,"
      + "false,2020-01-01,,2024-01-01T08:00:00Z\r\n",
    "K10000004,no.time@example.org,,,Dora,Muster,1980-05-05,Hauptstraße 4,10115,Berlin,DE,de,"
      + "false,2020-01-01,,yesterday\r\n",
  ]

  /// Gives the rows of one person: none, one, or two for a person who was entered twice.
  static func rows(of person: SamplePerson, people: SamplePeople) -> [CRMRow] {
    guard person.sources.inCRM else { return [] }
    var random = SplitMix64(seed: people.seed, stream: .crm, index: person.number)
    let first = row(of: person, people: people, isSecond: false, &random)
    guard person.sources.isDuplicated else { return [first] }
    return [first, row(of: person, people: people, isSecond: true, &random)]
  }

  /// Gives the customer number of a person's first or second row.
  static func customerNumber(of person: SamplePerson, isSecond: Bool) -> String {
    let index = person.number - 1 + (isSecond ? SampleGenerator.peopleLimit : 0)
    return "K" + String(20_000_000 + scattered(index, factor: 0x7_4F29))
  }

  private static func row(
    of person: SamplePerson, people: SamplePeople, isSecond: Bool, _ random: inout SplitMix64
  ) -> CRMRow {
    let updated = SampleMoment(
      day: people.today.back(days: 1 + random.below(3 * 365)), second: random.below(86_400))
    let since = updated.day.back(days: random.below(2500))
    let hasHubEmail = person.sources.hasHubEmail && !isSecond
    let email = hasHubEmail ? SamplePeople.hubEmail : SampleNoise.restyled(person.email, &random)
    let hasEmail = hasHubEmail || random.chance(percent: isSecond ? 70 : 94)
    let phone = random.chance(percent: 80) ? person.phone?.written(&random) : nil
    let hasBirth = random.chance(percent: 88)
    let fields = [
      customerNumber(of: person, isSecond: isSecond),
      hasEmail ? email : "",
      phone ?? "",
      salutation(of: person, &random),
      isSecond ? SampleNoise.respelled(person.first, &random) : person.first.written,
      isSecond ? SampleNoise.respelled(person.last, &random) : person.last.written,
      hasBirth ? person.birth.text : "",
      person.address.street,
      person.address.postcode,
      person.address.city,
      person.country.rawValue,
      person.language.rawValue,
      random.chance(percent: 40) ? "true" : "false",
      since.text,
      random.chance(percent: 12) ? random.pick(notes) : "",
      updated.text,
    ]
    return CRMRow(fields: fields, person: person.number, hasHubEmail: hasHubEmail)
  }

  private static func salutation(
    of person: SamplePerson, _ random: inout SplitMix64
  ) -> String {
    guard random.chance(percent: 85) else { return "" }
    switch person.language {
    case .german, .russian: return person.isFemale ? "Frau" : "Herr"
    case .english: return person.isFemale ? "Ms" : "Mr"
    case .french: return person.isFemale ? "Mme" : "M."
    case .bulgarian: return person.isFemale ? "г-жа" : "г-н"
    }
  }

  private static let notes = [
    "Says \"ring twice\", does not hear the bell", "Prefers letters, not e-mail",
    "Complaint of spring,\nsettled by voucher", "Called \"the good customer\" by sales",
    "Moved; old address in archive", "Двери закрыты, звонить",
    "Wants invoice to: accounting, 2nd floor",
    "first line\r\nsecond line", "VIP",
  ]
}

/// Holds one line of `orders.jsonl`.
struct OrderRow: Sendable {
  let orderID: String
  let buyerID: String
  let json: JSONText
  let person: Int
  let hasHubEmail: Bool
  let hasHubPhone: Bool
  /// Amount in the smallest unit of the currency.
  let cents: Int

  /// Lines that a reader has to put into quarantine.
  static let badLines = [
    "{\"order_id\":\"S99000001\",\"buyer_id\":\"guest-S99000001\",\"placed_at\":\"2024-0\n",
    "[\"S99000002\"]\n",
    "{\"buyer_id\":\"acct-99000003\",\"placed_at\":\"2024-01-02T10:00:00Z\","
      + "\"amount\":\"12.00\"}\n",
    "{\"order_id\":\"S99000004\",\"buyer_id\":\"acct-99000004\","
      + "\"placed_at\":\"2024-01-02T10:00:00Z\",\"amount\":\"12,x0\"}\n",
    "{\"order_id\":\"S99000005\",\"order_id\":\"S99000006\",\"buyer_id\":\"acct-99000005\","
      + "\"placed_at\":\"2024-01-02T10:00:00Z\",\"amount\":\"12.00\"}\n",
  ]

  static let ordersPerPersonLimit = 8

  /// Gives the orders of one person, oldest first.
  static func rows(of person: SamplePerson, people: SamplePeople) -> [OrderRow] {
    guard person.sources.inShop else { return [] }
    var random = SplitMix64(seed: people.seed, stream: .orders, index: person.number)
    // Two draws, the smaller kept: most people order once or twice.
    let count =
      1 + min(random.below(ordersPerPersonLimit), random.below(ordersPerPersonLimit))
    let hasAccount = random.chance(percent: 70)
    let usesOther = random.chance(percent: 60)
    let buyer = Buyer(
      person: person, hasAccount: hasAccount,
      email: usesOther ? person.otherEmail ?? person.email : person.email)
    let span = 2 * 365 / count
    return (0..<count).map { order in
      let days = 1 + (count - 1 - order) * span + random.below(span)
      let placed = SampleMoment(day: people.today.back(days: days), second: random.below(86_400))
      return row(of: buyer, order: order, placed: placed, &random)
    }
  }

  private struct Buyer {
    let person: SamplePerson
    let hasAccount: Bool
    let email: String
  }

  private static func row(
    of buyer: Buyer, order: Int, placed: SampleMoment, _ random: inout SplitMix64
  ) -> OrderRow {
    let person = buyer.person
    let isGuest = !buyer.hasAccount || random.chance(percent: 12)
    let orderID = Self.orderID(of: person, order: order)
    let buyerID = isGuest ? "guest-" + orderID : accountID(of: person)
    let hasHubEmail = person.sources.hasHubEmail && !person.sources.inCRM && order == 0
    let hasHubPhone = person.sources.hasHubPhone && order == 0
    let email = hasHubEmail ? SamplePeople.hubEmail : self.email(of: buyer, isGuest, &random)
    let phone = hasHubPhone ? SamplePhone.hotline : random.chance(percent: 75) ? person.phone : nil
    let items = 1 + min(random.below(6), random.below(6))
    let cents = amount(items: items, &random)
    let number: JSONText? =
      !isGuest && person.sources.inCRM
      ? .string(CRMRow.customerNumber(of: person, isSecond: false))
      : random.chance(percent: 50) ? .null : nil
    var members: [(String, JSONText)] = [
      ("order_id", .string(orderID)), ("buyer_id", .string(buyerID)),
      ("placed_at", .string(placed.text)), ("email", .string(email)),
    ]
    if let phone { members.append(("phone", .string(phone.written(&random)))) }
    if let number { members.append(("customer_number", number)) }
    members += [
      ("first_name", .string(SampleNoise.respelled(person.first, &random))),
      ("last_name", .string(SampleNoise.respelled(person.last, &random))),
      ("items", .number(String(items))), ("amount", .string(decimal(cents))),
      ("currency", .string(person.country.currency)),
      ("payment_method", .string(random.pick(["invoice", "card", "transfer", "wallet"]))),
      ("coupon", random.chance(percent: 10) ? .string("WELCOME10") : .null),
      ("shipping", shipping(to: person)),
    ]
    return OrderRow(
      orderID: orderID, buyerID: buyerID, json: .object(members), person: person.number,
      hasHubEmail: hasHubEmail, hasHubPhone: hasHubPhone, cents: cents)
  }

  private static func email(
    of buyer: Buyer, _ isGuest: Bool, _ random: inout SplitMix64
  ) -> String {
    guard isGuest else { return buyer.email }
    switch random.below(25) {
    case 0: return SampleNoise.typo(inEmail: buyer.email, &random)
    case 1: return tagged(buyer.email)
    default: return SampleNoise.restyled(buyer.email, &random)
    }
  }

  /// Adds a subaddress (RFC 5233): another address as written, the same mailbox in fact.
  private static func tagged(_ email: String) -> String {
    let parts = email.split(separator: "@", maxSplits: 1)
    return parts[0] + "+shop@" + parts[1]
  }

  private static func shipping(to person: SamplePerson) -> JSONText {
    .object([
      ("recipient", .string(person.first.written + " " + person.last.written)),
      ("street", .string(person.address.street)), ("postcode", .string(person.address.postcode)),
      ("city", .string(person.address.city)), ("country", .string(person.country.rawValue)),
    ])
  }

  private static func orderID(of person: SamplePerson, order: Int) -> String {
    let position = scattered(person.number - 1, factor: 0x3_60D1)
    return "S" + String(10_000_000 + position * ordersPerPersonLimit + order)
  }

  private static func accountID(of person: SamplePerson) -> String {
    "acct-" + String(30_000_000 + scattered(person.number - 1, factor: 0x1_9E37))
  }

  private static func amount(items: Int, _ random: inout SplitMix64) -> Int {
    var cents = 0
    for _ in 0..<items { cents += 299 + random.below(3000) }
    if random.chance(percent: 12) { cents += random.below(40_000) }
    return cents
  }
}

/// Writes an amount held in hundredths with a point and two digits.
func decimal(_ cents: Int) -> String {
  String(cents / 100) + "." + padded(cents % 100, width: 2)
}

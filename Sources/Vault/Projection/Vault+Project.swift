internal import Analytics
internal import GRDB
internal import Keyring
internal import Sealing
internal import Transparency

/// What a projection wrote into the analysts' store.
public struct ProjectionReport: Sendable {
  /// Profiles, one a person.
  public let profiles: Int
  /// Attribute values.
  public let attributes: Int
  /// Events.
  public let events: Int
  /// Values and events left out because the analysts' store refuses their form.
  public let leftOut: Int
}

extension Vault {
  /// Persons read at a time.
  static let projectionBatch = 1_000

  /// Makes the analysts' store anew: tokens of the domain `analytics`, generalised attributes the
  /// contracts expose, event names, amounts and days; nothing else, and no key.
  ///
  /// - Parameters:
  ///   - requester: Who asks; the policy must allow `project`.
  ///   - progress: Called with the number of persons done.
  /// - Returns: What was written.
  /// - Throws: ``VaultError`` `.denied`, `.indexMissing`, `.storage`; `AnalyticsError`.
  public func project(
    _ requester: Requester, progress: (Int) -> Void = { _ in }
  ) throws -> ProjectionReport {
    let identity = try authorise(.project, requester)
    try requireIndex()
    let sources = try storing(layout.vault) {
      try queue.read { try SourceStore(database: $0).all() }
    }
    let exposed = Set(sources.values.flatMap(\.exposedAttributes)).sorted {
      ($0.name, $0.source) < ($1.name, $1.source)
    }
    let store = try openAnalytics()
    let projector = try Projector(self, sources)
    let run = try store.replaceAll(day: clock.day, attributes: exposed) { writer in
      var last: Int64 = -1
      var done = 0
      while true {
        let persons = try nextPersons(after: last)
        guard let end = persons.last else { return }
        last = end
        var tokens: [TokenRow] = []
        for person in persons {
          if let token = try projector.write(person, to: writer) { tokens.append(token) }
          done += 1
        }
        try record(tokens)
        progress(done)
      }
    }
    var details = members(requester)
    details.append(("profiles", .count(run.counts.profiles)))
    details.append(("attributes", .count(run.counts.attributes)))
    details.append(("events", .count(run.counts.events)))
    details.append(("left_out", .count(projector.leftOut)))
    details.append(("exposed", .texts(exposed.map { "\($0.source).\($0.name)" })))
    try log(AuditEvent(.analyticsProjected, actor: try actor(identity.name), details: details))
    return ProjectionReport(
      profiles: run.counts.profiles, attributes: run.counts.attributes,
      events: run.counts.events, leftOut: projector.leftOut)
  }

  private func nextPersons(after person: Int64) throws -> [Int64] {
    try storing(layout.vault) {
      try queue.read {
        try SubjectStore(database: $0).persons(after: person, limit: Self.projectionBatch)
      }
    }
  }

  private func record(_ tokens: [TokenRow]) throws {
    try storing(layout.index) {
      try indexQueue.write { database in
        let store = IndexStore(database: database)
        for token in tokens { try store.insert(token) }
      }
    }
  }
}

/// Turns a person's records into what analysts may see; serves one thread.
private final class Projector {
  private let vault: Vault
  private let sources: [Int: SourceDescription]
  private let opener: SubjectOpener
  private let maker: TokenMaker
  private let today: Int
  /// Values and events that the store would refuse.
  private(set) var leftOut = 0

  init(_ vault: Vault, _ sources: [Int: SourceDescription]) throws {
    self.vault = vault
    self.sources = sources
    opener = SubjectOpener(vault)
    maker = try vault.tokenMaker(.analytics)
    today = vault.clock.day
  }

  /// Writes one profile and gives its token; nil when the person's erasure began meanwhile.
  func write(_ person: Int64, to writer: AnalyticsWriter) throws -> TokenRow? {
    do {
      return try write(try vault.gather(person, sources: sources), to: writer)
    } catch let error as VaultError where error.code == .fenced || error.code == .notFound {
      return nil
    }
  }

  private func write(
    _ material: PersonMaterial, to writer: AnalyticsWriter
  ) throws -> TokenRow? {
    var attributes: Set<AnalyticsAttribute> = []
    var events: [AnalyticsEvent] = []
    var anchor: OpenSubject?
    for row in material.subjects {
      let subject = try opener.open(row)
      if row.leaf == material.anchor { anchor = subject }
      guard let source = sources[row.source] else { continue }
      let wanted = source.projectedFields
      for record in material.records[row.leaf] ?? [] {
        var values: [UInt16: String] = [:]
        try opener.open(record, of: subject, wanted: wanted) { number, value in
          values[number] = String(decoding: value.plaintextCopy(), as: UTF8.self)
        }
        add(values, record, source, &attributes, &events)
      }
    }
    guard let anchor else { return nil }
    let token = try maker.token(anchor)
    let text = TokenText(domain: maker.domain.name, token: token).text
    try writer.profile(token: text, attributes: Array(attributes), events: events)
    return TokenRow(
      token: token, domain: maker.domain.number, epoch: maker.epoch, subject: anchor.row.leaf)
  }

  private func add(
    _ values: [UInt16: String], _ record: RecordRow, _ source: SourceDescription,
    _ attributes: inout Set<AnalyticsAttribute>, _ events: inout [AnalyticsEvent]
  ) {
    // The day an attribute is filed under is that of its bucket, so that expiry finds it.
    let day = record.bucket.day == 0 ? max(record.collectedDay, 1) : Int(record.bucket.day)
    for field in source.fields {
      guard let exposure = field.exposure, let text = values[field.number] else { continue }
      for value in field.exposedValues(text, exposure, today: today) {
        guard value.isValid(for: field.analyticsType(exposure.generaliser)) else {
          leftOut += 1
          continue
        }
        attributes.insert(
          AnalyticsAttribute(
            name: exposure.attribute, value: value, source: source.name, day: day))
      }
    }
    guard source.kind == .event else { return }
    let event = AnalyticsEvent(
      source: source.name, name: source.eventName(values), day: day,
      amount: source.amountField.flatMap { values[$0] }.flatMap { Int64($0) })
    if event.isValid { events.append(event) } else { leftOut += 1 }
  }
}

extension SourceDescription {
  /// Name of an event whose source does not name it.
  static let unnamedEvent = "event"

  /// Number of the field that holds an event's amount, if one is exposed.
  var amountField: UInt16? {
    fields.first { $0.type == .amount && $0.exposure != nil }?.number
  }

  /// The fields a projection reads.
  var projectedFields: Set<UInt16> {
    Set(fields.filter { $0.exposure != nil || $0.name == eventNameField }.map(\.number))
  }

  /// The attributes analysts may use.
  var exposedAttributes: [ExposedAttribute] {
    fields.compactMap { field in
      field.exposure.map {
        ExposedAttribute(
          name: $0.attribute, type: field.analyticsType($0.generaliser), source: name)
      }
    }
  }

  func eventName(_ values: [UInt16: String]) -> String {
    if let constant = eventNameConstant { return constant }
    let field = fields.first { $0.name == eventNameField }
    return field.flatMap { values[$0.number] } ?? Self.unnamedEvent
  }
}

extension FieldDescription {
  /// The type an exposed attribute has.
  func analyticsType(_ generaliser: Generaliser) -> AnalyticsAttributeType {
    switch (generaliser, type) {
    case (.exact, .integer), (.bucket, .integer): .number
    case (.exact, .amount), (.bucket, .amount): .amount
    case (.exact, .boolean): .boolean
    default: .text
    }
  }

  /// The values analysts see of one stored value; none when it cannot be generalised.
  func exposedValues(_ text: String, _ exposure: Exposure, today: Int) -> [AnalyticsValue] {
    let parts =
      type == .segmentList ? text.split(separator: "|").map(String.init) : [text]
    return parts.compactMap { part in
      let general = Generalising.generalised(
        Array(part.utf8), of: type, by: exposure.generaliser, today: today)
      guard let general, !general.isEmpty else { return nil }
      switch analyticsType(exposure.generaliser) {
      case .text: return .text(general)
      case .number, .amount: return Int64(general).map { .number($0) }
      case .boolean: return general == "true" ? .boolean(true) : .boolean(false)
      }
    }
  }
}

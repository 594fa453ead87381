import Vault

/// Makes an ``IncomingRecord`` of the raw values of one record.
struct RecordAssembler {
  /// What is asked of one field.
  private struct Plan {
    let number: UInt16
    let name: String
    let normaliser: Normaliser
    let isRequired: Bool
    let maximumByteCount: Int
    let identifier: IdentifierKind?
  }

  /// Stands between the values of a record id of several fields.
  ///
  /// No value can hold it: control characters but line ends are refused in every type.
  static let recordIDSeparator: UInt8 = 0x1F

  private let plans: [Plan]
  private let subjectIndex: Int
  private let recordIndices: [Int]
  private let collectedIndex: Int?
  private let eventNameIndex: Int?
  private let eventNameConstant: String?
  private let ingestDay: Int
  private var values: [NormalisedValue?]

  init(contract: Contract, ingestDay: Int) {
    func index(_ name: String?) -> Int? { contract.fields.firstIndex { $0.name == name } }
    let record = contract.record.compactMap(index)
    let collected = index(contract.collected)
    let eventName = index(contract.source.eventNameField)
    // A record without its name, its day or its event name would be another record.
    let always = Set(record + [collected, eventName].compactMap(\.self))
    plans = contract.fields.enumerated().map { position, field in
      Plan(
        number: field.description.number, name: field.name,
        normaliser: Normaliser(type: field.description.type, region: contract.region),
        isRequired: field.isRequired || always.contains(position),
        maximumByteCount: field.maximumByteCount, identifier: field.description.identifier)
    }
    subjectIndex = index(contract.subject) ?? 0
    recordIndices = record
    collectedIndex = collected
    eventNameIndex = eventName
    eventNameConstant = contract.source.eventNameConstant
    self.ingestDay = ingestDay
    values = Array(repeating: nil, count: plans.count)
  }

  /// Normalises every value and puts the record together.
  ///
  /// `raw` gives the raw value of the field at an index, nil when the record has none.
  mutating func assemble(
    _ raw: (Int) throws(RowFault) -> ArraySlice<UInt8>?
  ) throws(RowFault) -> IncomingRecord {
    var fields: [IncomingField] = []
    fields.reserveCapacity(plans.count)
    var identifiers: [IncomingIdentifier] = []
    for index in plans.indices {
      let value = try normalised(try raw(index), at: index)
      values[index] = value
      guard let value else { continue }
      fields.append(IncomingField(number: plans[index].number, value: value.stored))
      if let kind = plans[index].identifier {
        let isKnown = identifiers.contains { $0.kind == kind && $0.value == value.match }
        if !isKnown { identifiers.append(IncomingIdentifier(kind: kind, value: value.match)) }
      }
    }
    return IncomingRecord(
      externalID: values[subjectIndex]?.match ?? [], recordID: recordID(),
      collectedDay: try collectedDay(), eventName: eventName(), fields: fields,
      identifiers: identifiers)
  }

  private func normalised(
    _ raw: ArraySlice<UInt8>?, at index: Int
  ) throws(RowFault) -> NormalisedValue? {
    var value: NormalisedValue?
    if let raw {
      guard raw.count <= plans[index].maximumByteCount else {
        throw RowFault(.valueTooLong, field: plans[index].name)
      }
      do {
        value = try plans[index].normaliser.normalised(raw)
      } catch {
        throw RowFault(error.code, field: plans[index].name)
      }
    }
    if value == nil, plans[index].isRequired {
      throw RowFault(.missingRequired, field: plans[index].name)
    }
    return value
  }

  private func recordID() -> [UInt8] {
    var id: [UInt8] = []
    for (position, index) in recordIndices.enumerated() {
      if position > 0 { id.append(Self.recordIDSeparator) }
      id += values[index]?.match ?? []
    }
    return id
  }

  /// The day of collection.
  ///
  /// A day in the future is refused: the record would outlive its retention term.
  private func collectedDay() throws(RowFault) -> Int {
    guard let index = collectedIndex, let value = values[index] else { return ingestDay }
    guard let day = DateNormaliser.dayNumber(value.stored),
      (1...(ingestDay + IntakeLimit.futureToleranceDays)).contains(day)
    else { throw RowFault(.collectedOutOfRange, field: plans[index].name) }
    return day
  }

  private func eventName() -> String? {
    guard let index = eventNameIndex, let value = values[index] else { return eventNameConstant }
    return String(decoding: value.stored, as: UTF8.self)
  }
}

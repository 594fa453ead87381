public import Vault

/// Finds fields that are marked as identifiers but whose values many subjects share.
///
/// A contract can call any column a customer number; only the data shows that it is a branch
/// number, and matching on it would make one person of thousands. The caller holds back the first
/// ``sampleRecordCount`` records, shows them to the lint, and writes nothing when ``verdict()``
/// throws. Shares are taken among subjects, not records: one cookie on many events is what cookies
/// are for.
public struct IdentifierLint: Sendable {
  /// Records to look at before the first is written.
  public static let sampleRecordCount = 1000
  /// Fewer values than this tell nothing.
  public static let minimumSubjectCount = 100
  /// Least share of distinct values among the subjects that have one, in per cent.
  ///
  /// A household of five with one phone still passes.
  public static let minimumDistinctPercent = 20

  private struct Watched: Sendable {
    let name: String
    let number: UInt16
    var values: Set<[UInt8]> = []
    var subjects: Set<[UInt8]> = []
    var recordCount = 0
  }

  private let file: String
  private let countsRecords: Bool
  private let subjectNumber: UInt16?
  private var watched: [Watched]

  /// Prepares to watch the identifiers of a contract.
  ///
  /// - Parameters:
  ///   - contract: The contract of the file.
  ///   - file: How messages name the file.
  public init(contract: Contract, file: String) {
    self.file = file
    countsRecords = contract.source.kind == .profile
    let subject = contract.fields.first { $0.name == contract.subject }?.description.number
    subjectNumber = subject
    watched = contract.fields.compactMap { field in
      let isWatched = field.description.identifier != nil || field.description.number == subject
      return isWatched ? Watched(name: field.name, number: field.description.number) : nil
    }
  }

  /// Looks at one of the first records.
  public mutating func observe(_ record: IncomingRecord) {
    for index in watched.indices {
      let number = watched[index].number
      guard let field = record.fields.first(where: { $0.number == number }) else { continue }
      watched[index].values.insert(field.value)
      watched[index].subjects.insert(record.externalID)
      watched[index].recordCount += 1
    }
  }

  /// Passes judgement on what was seen.
  ///
  /// - Throws: ``IntakeError`` with code `low_cardinality_data`.
  public func verdict() throws {
    for field in watched {
      // A subject has one profile, so there its records count; events of one subject may be many.
      let isSubject = field.number == subjectNumber
      if isSubject, !countsRecords { continue }
      let carriers = isSubject ? field.recordCount : field.subjects.count
      guard carriers >= Self.minimumSubjectCount,
        field.values.count * 100 < carriers * Self.minimumDistinctPercent
      else { continue }
      throw IntakeError(
        .lowCardinalityData,
        "\(file): field `\(field.name)` is an identifier but has \(field.values.count) different "
          + "values in \(carriers) \(isSubject ? "records" : "subjects"); "
          + "nothing was taken in, remove `identifier` or choose another field")
    }
  }
}

internal import Sealing

/// Opens the fields that an authorization releases, and no others; serves one thread.
final class Revealer {
  let opener: SubjectOpener
  private let rungs: [FieldKeyPath: Rung]
  private let names: Set<String>?
  private let tokens: TokenMaker
  private let today: Int

  init(_ vault: Vault, rungs: [FieldKeyPath: Rung], names: Set<String>?, tokens: TokenMaker) {
    opener = SubjectOpener(vault)
    self.rungs = rungs
    self.names = names
    self.tokens = tokens
    today = vault.clock.day
  }

  deinit {
    opener.cipher.wipe()
  }

  /// The fields a record has, each at its rung; what is denied or only said to exist stays sealed.
  func fields(
    of record: RecordRow, _ subject: OpenSubject, _ source: SourceDescription
  ) throws -> [DisclosedField] {
    let present = try SealedFields.decode(record.sealed).compactMap { source.field($0.number) }
      .filter { $0.isNamed(by: names, in: source) }
    var wanted: Set<UInt16> = []
    for field in present where (rung(field, subject) ?? .existence) > .existence {
      wanted.insert(field.number)
    }
    var values: [UInt16: String] = [:]
    if !wanted.isEmpty {
      try opener.open(record, of: subject, wanted: wanted) { number, value in
        guard let field = source.field(number), let rung = rung(field, subject) else { return }
        values[number] = try text(value.plaintextCopy(), field, at: rung, subject)
      }
    }
    return present.map {
      DisclosedField(field: $0, rung: rung($0, subject), value: values[$0.number])
    }
  }

  private func rung(_ field: FieldDescription, _ subject: OpenSubject) -> Rung? {
    rungs[FieldKeyPath(source: subject.row.source, field: field.number)]
  }

  /// A value at a rung; nil where the rung says only that it exists.
  private func text(
    _ value: [UInt8], _ field: FieldDescription, at rung: Rung, _ subject: OpenSubject
  ) throws -> String? {
    switch rung {
    case .plain: return field.type.plainText(value)
    case .masked: return Masking.masked(value, of: field.type)
    case .generalised:
      let generaliser = field.exposure?.generaliser ?? .present
      return Generalising.generalised(value, of: field.type, by: generaliser, today: today)
    case .tokenised:
      return TokenText(domain: tokens.domain.name, token: try tokens.token(subject)).text
    case .existence: return nil
    }
  }
}

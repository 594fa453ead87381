internal import GRDB
public import Sealing
internal import Transparency

extension Vault {
  /// Decides and records the sealed export of a person: the envelopes with the keys that open them.
  ///
  /// What is released are the field keys of this person's subjects in the buckets its records are
  /// in, so that the envelopes can be read without this program. Neither a subject key nor a bucket
  /// key follows from them, and no other person's value opens with them.
  ///
  /// The export is decided as ``disclose(_:fields:_:maximumRung:)`` decides, and is complete or not
  /// made at all. Both events are durable when this returns; before, there is nothing to seal.
  ///
  /// - Parameters:
  ///   - token: The person's token of any domain.
  ///   - recipients: Who can open the export.
  ///   - requester: Who asks, with the case's reference.
  /// - Returns: The export, to be sealed once.
  /// - Throws: ``VaultError`` `.unknownOperator`, `.unknownPurpose`, `.notFound`, `.fenced`,
  ///   `.stale`, `.denied`, `.limit`, and `.incomplete` when a field the person has is shown below
  ///   plain, for a withdrawn consent too.
  public func prepareExport(
    _ token: TokenText, to recipients: AgeRecipients, _ requester: Requester
  ) throws -> SealedExport {
    let identity = try authorise(.access, requester)
    let material = try gather(try person(token))
    let authorization = try decide(
      material.wanted(nil), material, identity, requester, .plain)
    let records = try material.exported()
    try requireComplete(records, authorization.rungs)
    let buckets = Set(records.map(\.row.bucket))
    let subjects = try material.subjects.map(SubjectOpener(self).open)
    var details = members(requester)
    details.append(("bucket_count", .count(buckets.count)))
    details.append(("recipients", try .recipients(recipients)))
    details.append(("records", .count(records.count)))
    let event = AuditEvent(
      .accessExported, actor: try actor(identity.name), subjects: try references(subjects),
      details: details)
    let sequence = try committing { database in
      try requireUnchanged(material.subjects, in: database)
      return try log(event, in: database)
    }
    return SealedExport(
      vault: self, material: material, records: records, recipients: recipients,
      reference: requester.caseReference ?? "", logSequence: sequence)
  }

  private func requireComplete(
    _ records: [SealedExport.Record], _ rungs: [FieldKeyPath: Rung]
  ) throws {
    for record in records {
      for field in record.fields
      where rungs[FieldKeyPath(source: record.sourceNumber, field: field.field.number)] != .plain {
        throw VaultError(
          .incomplete,
          "the policy does not show `\(record.source.name).\(field.field.name)` in plain to this "
            + "operator, the export would be incomplete; use an operator with role `dpo` and "
            + "purpose `subject_rights`")
      }
    }
  }
}

extension PersonMaterial {
  /// The records with the envelopes of the contract's fields, in order of source and storage.
  ///
  /// The cell of identifiers stays behind: it repeats values of the fields. So does a record of no
  /// field: nothing would show that the key of its bucket is one this person has values under.
  func exported() throws -> [SealedExport.Record] {
    var exported: [SealedExport.Record] = []
    for subject in subjects {
      guard let source = sources[subject.source] else { continue }
      for row in records[subject.leaf] ?? [] {
        let fields = try SealedFields.decode(row.sealed).compactMap { number, envelope in
          source.field(number).map { (field: $0, envelope: envelope) }
        }
        guard !fields.isEmpty else { continue }
        exported.append(
          SealedExport.Record(
            row: row, subject: subject.id, sourceNumber: subject.source, source: source,
            fields: fields))
      }
    }
    return exported
  }
}

public import Vault

extension Contract {
  /// Brings a corrected value into the form in which the vault keeps it.
  ///
  /// - Parameters:
  ///   - name: Name of the field in the contract.
  ///   - text: The value as a person typed it.
  /// - Returns: The value in its stored and matched forms.
  /// - Throws: ``IntakeError`` `.unknownField`, or `.invalidValue` for a value that does not fit
  ///   the type, is blank or too long, and for a field that names the subject or the record. Never
  ///   quotes the value.
  public func rectified(_ name: String, _ text: String) throws -> RectifiedField {
    guard let field = fields.first(where: { $0.name == name }) else {
      throw IntakeError(
        .unknownField, "source `\(source.name)` has no field of that name; see its contract")
    }
    guard name != subject, !record.contains(name) else {
      throw IntakeError(
        .invalidValue,
        "`\(name)` tells which record it is; erase the person and ingest it again under the right "
          + "one")
    }
    let normaliser = Normaliser(type: field.description.type, region: region)
    do throws(ValueFault) {
      guard let value = try normaliser.normalised(Array(text.utf8)[...]) else {
        throw ValueFault(.missingRequired)
      }
      guard value.stored.count <= field.maximumByteCount else { throw ValueFault(.valueTooLong) }
      return RectifiedField(
        path: "\(source.name).\(name)", stored: value.stored, matched: value.match)
    } catch {
      throw IntakeError(
        .invalidValue,
        "the value does not fit `\(name)`: \(error.code.reason); check it, or erase the field")
    }
  }
}

public import Vault

/// A source contract: what a source sends, under which field names, why it may be used and for how
/// long.
///
/// A contract is refused as a whole or accepted as a whole; every refusal is one line with the
/// file, the place in it, what is wrong and what to do. Field numbers are the order of `fields:`;
/// the vault refers to fields by number, so a contract may only grow at its end.
public struct Contract: Sendable {
  /// Format of a source's files.
  public enum Format: String, Sendable, CaseIterable {
    /// RFC 4180 with a header line.
    case csv
    /// One JSON object on each line.
    case jsonl
  }

  /// What the vault knows of the source.
  public let source: SourceDescription
  /// Format of the source's files.
  public let format: Format
  /// Name of the field that names the subject.
  public let subject: String
  /// Names of the fields that together name the record within the source; never empty.
  public let record: [String]
  /// Name of the field that gives the day of collection; nil when that is the day of ingest.
  public let collected: String?
  /// Region whose national phone numbers the source sends; nil when only `+` numbers are
  /// understood.
  public let region: PhoneRegion?
  /// Every field, in the order of field numbers.
  public let fields: [FieldContract]

  /// Reads a contract strictly.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, at most ``IntakeLimit/policyByteCount``.
  ///   - file: How messages name the file.
  ///   - retention: The retention classes the contract may choose from.
  ///   - purposes: The purposes the contract may name.
  ///   - digest: SHA-256; given from outside because this module has no cryptography.
  /// - Throws: ``IntakeError``, the first refusal.
  public init(
    yaml bytes: [UInt8], file: String, retention: RetentionClasses, purposes: PurposeCatalogue,
    digest: ([UInt8]) -> [UInt8]
  ) throws {
    let node = try PolicyYAML.parse(bytes, file: file)
    var parser = try ContractParser(node)
    self = try parser.contract(
      retention: retention, purposes: purposes, digest: digest(bytes))
  }

  init(
    source: SourceDescription, format: Format, subject: String, record: [String],
    collected: String?, region: PhoneRegion?, fields: [FieldContract]
  ) {
    self.source = source
    self.format = format
    self.subject = subject
    self.record = record
    self.collected = collected
    self.region = region
    self.fields = fields
  }
}

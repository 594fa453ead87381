/// Says why a contract, a policy file or a data file was refused as a whole.
///
/// Two errors are equal when their codes are. The message is one line in lower case: which file,
/// where in it, what is wrong and what to do. It never holds a value from a data file, and no
/// header or JSON key that is not in the contract either: a file without a header line has a person
/// in that place.
public struct IntakeError: Error, Sendable {
  /// Names the reason for machines; the raw value is what `--json` output shows.
  public enum Code: String, Sendable, CaseIterable {
    // Policy files and contracts.
    case tooLarge = "too_large"
    case notUTF8 = "not_utf8"
    case yamlSyntax = "yaml_syntax"
    case yamlAlias = "yaml_alias"
    case yamlTooDeep = "yaml_too_deep"
    case duplicateKey = "duplicate_key"
    case unknownKey = "unknown_key"
    case missingKey = "missing_key"
    case wrongType = "wrong_type"
    case invalidValue = "invalid_value"
    case unsupportedVersion = "unsupported_version"
    case unsupportedDuration = "unsupported_duration"
    case duplicateName = "duplicate_name"
    case unknownField = "unknown_field"
    case unknownPurpose = "unknown_purpose"
    case unknownRetentionClass = "unknown_retention_class"
    case unknownRegion = "unknown_region"
    case subjectNotRequired = "subject_not_required"
    case lowCardinalityIdentifier = "low_cardinality_identifier"
    case identifierKindMismatch = "identifier_kind_mismatch"
    case exposureRefused = "exposure_refused"
    case thirdPartyWithoutTerm = "third_party_without_term"
    // Data files.
    case emptyFile = "empty_file"
    case wrongEncoding = "wrong_encoding"
    case malformedHeader = "malformed_header"
    case duplicateHeader = "duplicate_header"
    case missingColumn = "missing_column"
    case truncatedFile = "truncated_file"
    case lowCardinalityData = "low_cardinality_data"
    case badRecord = "bad_record"
    // File system.
    case unreadable = "unreadable"
    case unwritable = "unwritable"
    case alreadyExists = "already_exists"
  }

  /// The reason for machines.
  public let code: Code
  /// The reason for people, one line.
  public let message: String

  /// Creates an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension IntakeError: Equatable {
  /// Compares the codes only.
  public static func == (a: IntakeError, b: IntakeError) -> Bool { a.code == b.code }
}

extension IntakeError: CustomStringConvertible {
  /// The message, followed by the code in brackets.
  public var description: String { "\(message) [\(code.rawValue)]" }
}

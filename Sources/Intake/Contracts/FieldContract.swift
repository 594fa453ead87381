public import Vault

/// Says where a field is found in a source's records and what is asked of its values.
public struct FieldContract: Sendable {
  /// What the vault knows of the field.
  public let description: FieldDescription
  /// Header of the CSV column.
  public let column: String
  /// Keys from the top of the JSON object down to the value.
  public let path: [String]
  /// Whether a record without a value is a bad row.
  public let isRequired: Bool
  /// Largest value, in bytes.
  public let maximumByteCount: Int

  /// The field's name in the contract.
  public var name: String { description.name }
}

extension FieldContract {
  private static let keys = [
    "type", "category", "identifier", "required", "path", "column", "expose", "max_bytes",
  ]

  /// Reads one entry of `fields:`.
  init(
    name: String, number: Int, node: PolicyNode, format: Contract.Format, kind: SourceKind
  ) throws {
    let keys = try node.map(allowed: Self.keys, required: ["type"])
    guard let typeNode = keys["type"] else { throw node.refused(.missingKey, "", fix: "") }
    let type = try typeNode.choice(FieldType.self)
    let exposure = try keys["expose"].map { try Exposure(node: $0, type: type, kind: kind) }
    description = FieldDescription(
      number: UInt16(number), name: name, type: type,
      category: try Self.category(keys["category"], type: type, node: node),
      identifier: try Self.identifier(keys["identifier"], type: type), exposure: exposure)
    column = try Self.column(keys["column"], name: name, format: format)
    path = try Self.path(keys["path"], name: name, format: format)
    isRequired = try keys["required"]?.flag() ?? false
    maximumByteCount =
      try keys["max_bytes"]?.integer(in: 1...IntakeLimit.fieldByteCount)
      ?? IntakeLimit.defaultFieldByteCount
  }

  private static func category(
    _ node: PolicyNode?, type: FieldType, node field: PolicyNode
  ) throws -> String {
    guard let node else {
      if let category = type.defaultCategory { return category }
      throw field.refused(
        .missingKey, "`category` is missing and type `\(type.rawValue)` does not tell it",
        fix: "add a Fideslang key such as `category: user.behavior`")
    }
    let text = try node.text()
    let segments = text.split(separator: ".", omittingEmptySubsequences: false)
    let isWellFormed = segments.allSatisfy { segment in
      !segment.isEmpty
        && segment.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
    guard isWellFormed, segments.first == "user" || segments.first == "system" else {
      throw node.refused(
        .invalidValue, "\(quoted(text)) is not a Fideslang data category",
        fix: "write a dotted key below `user` or `system`")
    }
    return text
  }

  private static func identifier(_ node: PolicyNode?, type: FieldType) throws -> IdentifierKind? {
    guard let node else { return nil }
    let kind = try node.choice(IdentifierKind.self)
    guard !type.identifierKinds.isEmpty else {
      throw node.refused(
        .lowCardinalityIdentifier,
        "type `\(type.rawValue)` cannot identify anyone, many people share its values",
        fix: "remove `identifier`")
    }
    guard type.identifierKinds.contains(kind) else {
      throw node.refused(
        .identifierKindMismatch, "type `\(type.rawValue)` cannot be a `\(kind.rawValue)`",
        fix: "allowed: \(type.identifierKinds.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }

  private static func column(
    _ node: PolicyNode?, name: String, format: Contract.Format
  ) throws -> String {
    guard let node else { return name }
    guard format == .csv else {
      throw node.refused(.invalidValue, "`column` is for csv", fix: "use `path` for jsonl")
    }
    return try node.text()
  }

  private static func path(
    _ node: PolicyNode?, name: String, format: Contract.Format
  ) throws -> [String] {
    guard let node else { return [name] }
    guard format == .jsonl else {
      throw node.refused(.invalidValue, "`path` is for jsonl", fix: "use `column` for csv")
    }
    let keys = try node.text().split(separator: ".", omittingEmptySubsequences: false)
    guard keys.count <= IntakeLimit.jsonDepth, keys.allSatisfy({ !$0.isEmpty }) else {
      throw node.refused(
        .invalidValue, "the path has an empty key or too many",
        fix: "write keys with dots between them, such as `context.page.url`")
    }
    return keys.map(String.init)
  }
}

extension Exposure {
  /// Reads `expose:` and checks that the field's type may be shown that way.
  init(node: PolicyNode, type: FieldType, kind: SourceKind) throws {
    let keys = try node.map(
      allowed: ["attribute", "as", "length", "width"], required: ["attribute", "as"])
    guard let name = try keys["attribute"]?.name(maximumByteCount: 32, also: "_"),
      let asNode = keys["as"]
    else { throw node.refused(.missingKey, "`as` is missing", fix: "add `as:`") }
    let way = try asNode.choice(
      from: [
        "exact", "year", "month", "day", "age_band", "prefix", "email_domain", "bucket", "present",
      ].map { ($0, $0) })
    let allowed = type.generalisers(in: kind)
    guard allowed.contains(way) else {
      throw asNode.refused(
        .exposureRefused,
        "type `\(type.rawValue)` of a \(kind.rawValue) source cannot be exposed as `\(way)`",
        fix: "allowed: \(allowed.joined(separator: ", "))")
    }
    for (key, owner) in [("length", "prefix"), ("width", "bucket")] {
      if let extra = keys[key], way != owner {
        throw extra.refused(.unknownKey, "`\(key)` is for `\(owner)`", fix: "remove it")
      }
      if way == owner, keys[key] == nil {
        throw node.refused(.missingKey, "`\(owner)` needs `\(key)`", fix: "add `\(key):`")
      }
    }
    let length = try keys["length"]?.integer(in: 1...GeneraliserLimit.prefixLength) ?? 0
    let width = try keys["width"]?.integer(in: 2...GeneraliserLimit.bucketWidth) ?? 0
    self.init(
      attribute: name, generaliser: Self.generaliser(way, length: length, width: width))
  }

  private static func generaliser(_ way: String, length: Int, width: Int) -> Generaliser {
    switch way {
    case "exact": .exact
    case "year": .year
    case "month": .month
    case "day": .day
    case "age_band": .ageBand
    case "prefix": .prefix(length: length)
    case "email_domain": .emailDomain
    case "bucket": .bucket(width: width)
    default: .present
    }
  }
}

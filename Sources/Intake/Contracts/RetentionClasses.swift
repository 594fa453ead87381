public import Vault

/// Holds the retention classes of `policies/retention.yaml`.
///
/// A class with an idle term or a cap has its records sealed under the key of their day of
/// collection; a class with neither ends with the customer relation and is erased per person.
public struct RetentionClasses: Sendable {
  /// The classes in the order of the file.
  public let classes: [RetentionClass]

  /// Reads the file strictly.
  ///
  /// - Parameters:
  ///   - bytes: The file's bytes, at most ``IntakeLimit/policyByteCount``.
  ///   - file: How messages name the file.
  /// - Throws: ``IntakeError``, one line with file, place, what and what to do.
  public init(yaml bytes: [UInt8], file: String) throws {
    let top = try PolicyYAML.parse(bytes, file: file)
      .map(allowed: ["lethe_retention", "classes"], required: ["lethe_retention", "classes"])
    try top["lethe_retention"]?.requireVersion(1)
    let items = try top["classes"]?.items() ?? []
    var read: [RetentionClass] = []
    for item in items {
      let next = try Self.retentionClass(item)
      guard !read.contains(where: { $0.name == next.name || $0.number == next.number }) else {
        throw item.refused(
          .duplicateName, "the name or number of class `\(next.name)` is taken",
          fix: "give every class its own; numbers are part of sealed data and are never reused")
      }
      read.append(next)
    }
    guard let list = top["classes"], !read.isEmpty else {
      throw IntakeError(.missingKey, "\(file): classes: no retention class; add one")
    }
    guard read.count <= Int(UInt8.max) else {
      throw list.refused(.invalidValue, "more than 255 classes", fix: "merge some")
    }
    classes = read
  }

  /// The class of that name.
  public subscript(name: String) -> RetentionClass? { classes.first { $0.name == name } }

  private static func retentionClass(_ node: PolicyNode) throws -> RetentionClass {
    let keys = try node.map(
      allowed: ["name", "number", "idle", "cap", "start", "note", "legal_source"],
      required: ["name", "number"])
    _ = try keys["note"]?.text()
    _ = try keys["legal_source"]?.text()
    if let start = keys["start"], try start.text() != "collection" {
      throw start.refused(
        .invalidValue, "a term can start at `collection` only", fix: "write `start: collection`")
    }
    let idle = try keys["idle"].flatMap { try days($0) }
    let cap = try keys["cap"].flatMap { try days($0) }
    if let idle, let cap, idle > cap {
      throw node.refused(
        .invalidValue, "the idle term is longer than the cap", fix: "make `idle` at most `cap`")
    }
    return RetentionClass(
      name: try keys["name"]?.name(maximumByteCount: 32, also: "_") ?? "",
      number: UInt8(try keys["number"]?.integer(in: 1...Int(UInt8.max)) ?? 0),
      idleDays: idle, capDays: cap)
  }

  /// An ISO 8601 duration of whole days or weeks; nil for `null`.
  private static func days(_ node: PolicyNode) throws -> Int? {
    if node.isNull { return nil }
    let text = try node.text()
    guard text.hasPrefix("P"), let unit = text.last, text.utf8.count <= 8 else {
      throw unreadable(node, text)
    }
    let digits = text.dropFirst().dropLast()
    guard let count = Int(digits), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw unreadable(node, text)
    }
    if unit == "M" || unit == "Y" {
      throw node.refused(
        .unsupportedDuration, "\(quoted(text)) has no fixed number of days, buckets are days",
        fix: "write days, such as `P90D` for three months")
    }
    guard unit == "D" || unit == "W" else { throw unreadable(node, text) }
    let days = unit == "W" ? count * 7 : count
    guard (1...IntakeLimit.termDays).contains(days) else {
      throw node.refused(
        .invalidValue, "\(quoted(text)) is out of range",
        fix: "write 1…\(IntakeLimit.termDays) days, or `null` for no fixed term")
    }
    return days
  }

  private static func unreadable(_ node: PolicyNode, _ text: String) -> IntakeError {
    node.refused(
      .unsupportedDuration, "\(quoted(text)) is not a duration of days or weeks",
      fix: "write ISO 8601 such as `P30D` or `P4W`, or `null`")
  }
}

extension PolicyNode {
  /// Refuses every format number but `version`.
  func requireVersion(_ version: Int) throws {
    let number = try integer(in: 0...Int(Int32.max))
    guard number == version else {
      throw refused(
        .unsupportedVersion, "format \(number) is not known to this program",
        fix: number > version ? "use a newer Lethe" : "write `\(version)`")
    }
  }
}

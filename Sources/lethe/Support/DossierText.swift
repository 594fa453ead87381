import Transparency
import Vault

/// How a dossier is shown on a terminal and as JSON.
enum DossierText {
  static func members(_ dossier: Dossier) throws -> [(key: String, value: CanonicalJSON)] {
    let records = try dossier.records.map { record in
      let fields = try record.fields.map { field in
        var members: [(key: String, value: CanonicalJSON)] = [
          ("field", .string(field.field.name)), ("category", .string(field.field.category)),
          ("rung", .string(field.rung?.name ?? "denied")),
        ]
        if let value = field.value { members.append(("value", .string(value))) }
        return try CanonicalJSON.members(members)
      }
      return try CanonicalJSON.members([
        ("source", .string(record.source.name)),
        ("collected", .string(CivilDate(day: record.collectedDay).text)),
        ("fields", .array(fields)),
      ])
    }
    return [
      ("token", .string(dossier.token.text)), ("subjects", .count(dossier.subjectCount)),
      ("records", .array(records)), ("log_entry", .count(dossier.logSequence)),
      ("policies", .texts(dossier.policies)),
    ]
  }

  static func lines(_ dossier: Dossier) -> [String] {
    var lines = ["\(dossier.token.text)  \(dossier.subjectCount) subjects"]
    for record in dossier.records {
      lines.append("\(record.source.name), collected \(CivilDate(day: record.collectedDay).text)")
      for field in record.fields {
        let rung = field.rung?.name ?? "denied"
        let name = field.field.name.padding(to: 18)
        lines.append(
          "  \(name) \(rung.padding(to: 12)) \(TerminalText.replaced(field.value ?? ""))")
      }
    }
    lines.append(
      "log entry \(dossier.logSequence); decided by \(dossier.policies.joined(separator: ", "))")
    return lines
  }
}

extension String {
  /// The text with blanks behind it up to a width.
  func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

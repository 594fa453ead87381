internal import Transparency
internal import Vault

/// The small pieces of the page; every value of the statement passes ``escaped(_:)`` here.
extension CertificatePage {
  func escaped(_ text: String) -> String { PackagePage.escaped(text) }

  /// A section; the title is markup already.
  func section(_ title: String, _ body: String, class name: String = "") -> String {
    let attribute = name.isEmpty ? "" : " class=\"\(name)\""
    return "<section\(attribute)>\n<h2>\(title)</h2>\n\(body)\n</section>"
  }

  func list(_ rows: [(String, String)]) -> String {
    guard !rows.isEmpty else { return "" }
    let items = rows.map { "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>" }
    return "<dl>\n\(items.joined(separator: "\n"))\n</dl>"
  }

  func bullets(_ texts: [String]) -> String {
    "<ul>" + texts.map { "<li>\(escaped($0))</li>" }.joined(separator: "\n") + "</ul>"
  }

  /// A table; the first cell of a row names it.
  func table(_ head: [String], _ rows: [[String]]) -> String {
    let titles = head.map { "<th scope=\"col\">\(escaped($0))</th>" }
    let body = rows.map { row in
      let cells = row.dropFirst().map { "<td>\(escaped($0))</td>" }
      return "<tr><th scope=\"row\">\(escaped(row.first ?? ""))</th>\(cells.joined())</tr>"
    }
    return "<table>\n<thead><tr>\(titles.joined())</tr></thead>\n<tbody>"
      + body.joined(separator: "\n") + "</tbody>\n</table>"
  }

  /// A sentence of the vault, translated when its words are known and marked as English when not.
  func sentence(_ text: String) -> String {
    if let known = words.sentences[text] { return escaped(known) }
    return language == .english ? escaped(text) : "<span lang=\"en\">\(escaped(text))</span>"
  }

  /// The word for a code, or the code.
  func word(_ value: CanonicalJSON?, _ meanings: [String: String]) -> String {
    let code = text(value)
    return meanings[code] ?? code
  }

  /// A value in one line.
  func text(_ value: CanonicalJSON?) -> String {
    switch value {
    case nil: ""
    case .null?: words.fixed.none
    case .bool(let flag)?: flag ? words.fixed.yes : words.fixed.no
    case .integer(let number)?: "\(number)"
    case .string(let text)?: text
    case .array(let values)?:
      values.isEmpty ? words.fixed.none : values.map { text($0) }.joined(separator: ", ")
    case .object(let object)?: others(object, known: [])
    }
  }

  /// The members of an object that have no place of their own, in one line.
  func others(_ object: JSONObject, known: Set<String>) -> String {
    object.members.filter { !known.contains($0.key) }
      .map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
  }

  /// The members of an object: first those that have a label, then the rest under their own names.
  func rows(
    _ object: JSONObject, _ labels: CertificateWords.Labels, skipping: Set<String> = [],
    special: (String, CanonicalJSON) -> String? = { _, _ in nil }
  ) -> [(String, String)] {
    let known = labels.compactMap { name, label in
      object[name].map { (label, special(name, $0) ?? text($0)) }
    }
    let rest = object.members.filter { member in
      !skipping.contains(member.key) && !labels.contains { $0.key == member.key }
    }
    return known + rest.map { ($0.key, text($0.value)) }
  }

  /// A value in milliseconds as a time, anything else as it is.
  func moment(_ value: CanonicalJSON?) -> String {
    if case .integer(let milliseconds)? = value { time(milliseconds) } else { text(value) }
  }

  /// A time in UTC as the language writes it.
  func time(_ milliseconds: Int64) -> String {
    let stamp = PackageContent.time(milliseconds)
    let date = CivilDate(day: CivilDate.day(ofMilliseconds: milliseconds))
    let clock = String(stamp.suffix(9).dropLast())
    guard language == .russian else { return "\(date.text) \(clock) UTC" }
    let parts = [date.dayOfMonth, date.month].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "\(parts[0]).\(parts[1]).\(date.year) \(clock) UTC"
  }
}

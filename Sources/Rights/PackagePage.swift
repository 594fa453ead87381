/// Renders the page of an access package: one file, no script, nothing loaded from elsewhere.
struct PackagePage {
  private let content: PackageContent
  private let language: PackageLanguage
  private let words: PackageWords
  private let purposeTitle: (String) -> String

  init(
    _ content: PackageContent, _ language: PackageLanguage,
    purposeTitle: @escaping (String) -> String
  ) {
    self.content = content
    self.language = language
    self.purposeTitle = purposeTitle
    words = .of(language)
  }

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="\(language.rawValue)">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="referrer" content="no-referrer">
    <title>\(words.title)</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    <header>
    <h1>\(words.title)</h1>
    <p>\(words.intro)</p>
    <dl>
    \(item(words.reference, content.reference))
    \(item(words.created, content.created))
    \(item(words.pseudonym, content.person))
    </dl>
    \(navigation)
    </header>
    <main>
    \(content.sources.map(section).joined(separator: "\n"))
    \(recipients)
    \(lookUps)
    <section id="rights"><h2>\(words.rights)</h2><p>\(words.rightsText)</p></section>
    </main>
    </body>
    </html>

    """
  }

  private var navigation: String {
    let sources = content.sources.map {
      "<li><a href=\"#source-\(Self.escaped($0.name))\">\(Self.escaped($0.title))</a></li>"
    }
    let others = [
      ("recipients", words.recipients), ("look-ups", words.lookUps), ("rights", words.rights),
    ].map { "<li><a href=\"#\($0.0)\">\($0.1)</a></li>" }
    return "<nav aria-label=\"\(words.contents)\"><h2>\(words.contents)</h2><ul>"
      + (sources + others).joined() + "</ul></nav>"
  }

  private func section(_ source: PackageContent.Source) -> String {
    let origin = source.party == "first" ? words.firstParty : words.thirdParty
    let analysts = source.pseudonymisedForAnalysts
    let records = source.records.enumerated().map { record($0.element, $0.offset + 1) }
    return """
      <section id="source-\(Self.escaped(source.name))">
      <h2>\(Self.escaped(source.title))</h2>
      <dl>
      \(item(words.origin, origin))
      \(item(words.purposes, source.purposes.map(purposeTitle).joined(separator: ", ")))
      \(item(words.legalBasis, words.legalBases[source.legalBasis] ?? source.legalBasis))
      \(item(words.analysts, analysts.isEmpty ? words.none : analysts.joined(separator: ", ")))
      </dl>
      \(records.joined(separator: "\n"))
      </section>
      """
  }

  private func record(_ record: PackageContent.Record, _ number: Int) -> String {
    let rows = record.fields.map {
      "<tr><th scope=\"row\">\(Self.escaped($0.name))</th><td>\(Self.escaped($0.value ?? ""))</td>"
        + "<td class=\"quiet\">\(Self.escaped($0.category))</td></tr>"
    }
    let term = record.erasedBy.map { "\(words.erasedBy) \($0)" } ?? words.noTerm
    return """
      <table>
      <caption>\(words.record) \(number) · \(words.collected) \(record.collected) · \(term)</caption>
      <thead><tr><th scope="col">\(words.field)</th><th scope="col">\(words.value)</th>\
      <th scope="col">\(words.category)</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table>
      """
  }

  private var recipients: String {
    let list =
      content.recipients.isEmpty
      ? "<p>\(words.noRecipients)</p>"
      : "<ul>" + content.recipients.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>"
    return "<section id=\"recipients\"><h2>\(words.recipients)</h2>\(list)</section>"
  }

  private var lookUps: String {
    let rows = content.lookUps.map { event in
      let name = words.events[event.event] ?? event.event
      let fields = event.fields.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
      return "<tr><td>\(event.time)</td><td>\(Self.escaped(name))</td>"
        + "<td>\(Self.escaped(event.purpose.map(purposeTitle) ?? ""))</td>"
        + "<td class=\"quiet\">\(Self.escaped(fields.joined(separator: ", ")))</td></tr>"
    }
    return """
      <section id="look-ups">
      <h2>\(words.lookUps)</h2>
      <p>\(words.lookUpsIntro)</p>
      <table>
      <thead><tr><th scope="col">\(words.time)</th><th scope="col">\(words.event)</th>\
      <th scope="col">\(words.purposes)</th><th scope="col">\(words.fields)</th></tr></thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody>
      </table>
      </section>
      """
  }

  private func item(_ name: String, _ value: String) -> String {
    "<dt>\(Self.escaped(name))</dt><dd>\(Self.escaped(value))</dd>"
  }

  /// Text for HTML; control characters that a browser would refuse become a visible mark.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\r", "\t": result += " "
      default: result.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  private static let style = """
    :root{color-scheme:light dark;--line:#c9ced6;--quiet:#5a6472;--soft:#f4f6f8}
    @media(prefers-color-scheme:dark){:root{--line:#414a57;--quiet:#a3adba;--soft:#1d232b}}
    body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem}
    h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.3rem;margin:2.5rem 0 .5rem}
    dl{display:grid;grid-template-columns:minmax(9rem,16rem) 1fr;gap:.25rem 1rem;margin:1rem 0}
    dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
    nav{background:var(--soft);padding:.75rem 1.25rem;border-radius:.5rem}nav h2{margin:0;font-size:1rem}
    nav ul{margin:.25rem 0;padding-left:1.2rem}a:focus-visible{outline:3px solid #2f6fde}
    table{border-collapse:collapse;width:100%;margin:1rem 0}
    caption{text-align:left;color:var(--quiet);padding:.25rem 0}
    th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
    td{overflow-wrap:anywhere}tbody th{font-weight:600}.quiet{color:var(--quiet);font-size:.875rem}
    @media(max-width:40rem){dl{grid-template-columns:1fr}.quiet{display:none}}
    @media print{body{max-width:none;padding:0}nav{display:none}table{break-inside:avoid}}
    """
}

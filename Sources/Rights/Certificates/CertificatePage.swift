import Foundation
internal import Sealing
internal import Transparency

/// Renders a certificate for people: one page to print, no script, nothing loaded from elsewhere.
///
/// The page is not signed and proves nothing. It says how to verify the file it was made from, and
/// ends with the signed statement to the letter, so that nothing can be left out.
public struct CertificatePage: Sendable {
  /// The file name of a page ends with it.
  static let suffix = ".html"

  let statement: CertificateStatement
  let words: CertificateWords
  let language: PackageLanguage
  private let key: NoteVerifierKey
  private let logKey: NoteVerifierKey
  private let stem: String

  init(
    _ statement: CertificateStatement, key: NoteVerifierKey, logKey: NoteVerifierKey,
    stem: String, language: PackageLanguage
  ) {
    self.statement = statement
    self.key = key
    self.logKey = logKey
    self.stem = stem
    self.language = language
    words = .of(language)
  }

  /// Makes the page of a certificate that has been verified.
  ///
  /// - Parameters:
  ///   - report: The outcome of the verification.
  ///   - path: Where the certificate lies; the page names the file.
  ///   - language: Language of the page.
  /// - Throws: ``RightsError`` `.notValid` when a check has not passed.
  public init(
    _ report: CertificateReport, certificateAt path: String, language: PackageLanguage = .english
  ) throws {
    guard report.isValid, let statement = report.statement, let key = report.key,
      let logKey = report.logKey
    else {
      throw RightsError(.notValid, "the certificate is not valid; a page of it would mislead")
    }
    self.init(
      statement, key: key.verifierKey, logKey: logKey.verifierKey,
      stem: CertificateEvidence.stem(of: path), language: language)
  }

  /// Writes the page, readable by its owner only and never over another file.
  ///
  /// - Parameter path: The file to make.
  /// - Throws: ``RightsError`` `.alreadyExists`, `.unwritable`.
  public func write(to path: String) throws {
    let place = URL(fileURLWithPath: path)
    let output = OutputDirectory(place.deletingLastPathComponent().path)
    try output.requireFree([place.lastPathComponent])
    _ = try output.write(Array(html.utf8), place.lastPathComponent)
  }

  /// The page.
  public var html: String {
    """
    <!DOCTYPE html>
    <html lang="\(language.rawValue)">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="referrer" content="no-referrer">
    <title>\(title) \(escaped(statement.reference))</title>
    <style>\(Self.style)</style>
    </head>
    <body>
    \(header)
    <main>
    \(sections.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private var sections: [String] {
    [
      levelSection, destroyedSection, custodianSection, replicaSection, reachSection,
      questionSection, residualSection, verifySection, otherSection, statementSection,
    ].filter { !$0.isEmpty }
  }

  private var title: String { escaped(words.titles[statement.kind] ?? statement.kind) }

  private var header: String {
    let isFinal = statement.state == .final
    let fixed = words.fixed
    return """
      <header>
      <h1>\(title)</h1>
      <p>\(words.summaries[statement.kind] ?? "")</p>
      <p class="state\(isFinal ? "" : " open")"><strong>\(isFinal ? fixed.isFinal : fixed.isPending)\
      </strong> · \(escaped(statement.assurance))</p>
      \(isFinal ? "" : "<p>\(fixed.pendingText)</p>")
      \(list([
        (fixed.reference, statement.reference),
        (isFinal ? fixed.finalSince : fixed.finalDue, time(statement.finalMilliseconds)),
        (fixed.requested, time(statement.integer("requested_ms") ?? 0)),
        (fixed.vault, statement.string("vault") ?? ""), (fixed.log, statement.origin),
        (fixed.logEntry, "\(statement.logEntry)"),
      ]))
      </header>
      """
  }

  private var levelSection: String {
    let reasons = statement.texts("assurance_reasons").map { words.reasons[$0] ?? $0 }
    let why = reasons.isEmpty ? "" : "<h3>\(words.fixed.reasons)</h3>\(bullets(reasons))"
    let text = words.levels[statement.assurance] ?? ""
    return section(
      "\(words.fixed.level): \(escaped(statement.assurance))", "<p>\(text)</p>\(why)")
  }

  private var verifySection: String {
    let fixed = words.fixed
    let file = Self.quoted(stem + CertificateEvidence.suffix)
    let keyOptions =
      "--vkey \(Self.quoted(key.encoded)) --log-vkey \(Self.quoted(logKey.encoded))"
    let commands = [
      (fixed.verifyTool, "lethe certificate verify \(file) \(keyOptions)"),
      (fixed.verifyPython, "python3 audit/verify.py --certificate \(file) \(keyOptions)"),
      (fixed.verifyShell, "audit/verify-certificate.sh \(file)"),
    ].map { "<dt>\($0.0)</dt><dd><code>\(escaped($0.1))</code></dd>" }
    let keys = [(fixed.key, key), (fixed.logKey, logKey)].map {
      "<tr><th scope=\"row\">\($0.0)<br><span class=\"quiet\">\(escaped($0.1.name))</span></th>"
        + "<td><code>\(fingerprint($0.1))</code></td></tr>"
    }
    return section(
      fixed.verify,
      """
      <p>\(fixed.verifyIntro)</p>
      <dl class="commands">\(commands.joined(separator: "\n"))</dl>
      <h3>\(fixed.fingerprints)</h3>
      <p>\(fixed.fingerprintIntro)</p>
      <table><tbody>\(keys.joined(separator: "\n"))</tbody></table>
      """)
  }

  private var statementSection: String {
    let text = statement.text
    return section(
      words.fixed.statement,
      """
      <p>\(words.fixed.statementIntro) <code>\(SHA256.hash(text).hexadecimal)</code></p>
      <pre>\(escaped(String(decoding: text.dropLast(), as: UTF8.self)))</pre>
      """, class: "statement")
  }

  /// A word for the shell; a name chosen by somebody else must not become a command.
  private static func quoted(_ word: String) -> String {
    let isPlain: (Character) -> Bool = {
      $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
    }
    return word.allSatisfy(isPlain) && !word.hasPrefix("-")
      ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }

  /// SHA-256 of the key's file, in groups that can be read aloud.
  private func fingerprint(_ key: NoteVerifierKey) -> String {
    let digits = Array(SHA256.hash(Array("\(key.encoded)\n".utf8)).hexadecimal)
    return stride(from: 0, to: digits.count, by: Self.fingerprintGroup)
      .map { String(digits[$0..<min($0 + Self.fingerprintGroup, digits.count)]) }
      .joined(separator: " ")
  }

  private static let fingerprintGroup = 8
}

/// Makes values coarse for analysts: pure functions, total for every input.
///
/// A malformed value gives nil and never itself, so nothing that the contract did not foresee gets
/// out. Coarse is not anonymous: several coarse attributes together can still single a person out,
/// which the release gate of segmentation counts against.
public enum Generalising {
  /// Age from which the bands are merged: few people are older.
  static let oldestBandStart = 80
  /// Age from which one counts as grown up.
  static let adultAge = 18
  /// Greatest age that is believed.
  static let greatestAge = 130
  /// Years in one age band.
  static let bandYears = 10
  /// What stands for any domain that is not one of ``publicMailDomains``.
  public static let otherDomain = "other"
  /// What stands for the presence of a value.
  public static let presentText = "yes"

  /// Mail domains of large public providers; every one serves millions, so it says little about a
  /// person.
  ///
  /// A company's or a family's own domain can name its owner, so it becomes ``otherDomain``.
  static let publicMailDomains: Set<String> = [
    "aol.com", "bk.ru", "btinternet.com", "comcast.net", "free.fr", "freenet.de", "gmail.com",
    "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com",
    "hotmail.fr", "icloud.com", "inbox.ru", "laposte.net", "libero.it", "list.ru", "live.com",
    "mail.ru", "me.com", "msn.com", "orange.fr", "outlook.com", "outlook.de", "proton.me",
    "protonmail.com", "rambler.ru", "seznam.cz", "t-online.de", "web.de", "wp.pl", "yahoo.co.uk",
    "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.ru",
  ]

  /// The generaliser of a field whose contract exposes nothing.
  public static func standard(for type: FieldType) -> Generaliser {
    switch type {
    case .email: .emailDomain
    case .date, .datetime: .year
    case .postcode: .prefix(length: 2)
    case .country, .language: .exact
    case .phone, .name, .city, .address, .text, .integer, .amount, .boolean, .customerNumber,
      .cookie, .nationalID, .opaqueID, .eventName, .url, .ip, .gender, .segmentList:
      .present
    }
  }

  /// Makes a value coarse.
  ///
  /// - Parameters:
  ///   - value: The stored value; any bytes.
  ///   - type: The type of the field.
  ///   - generaliser: The coarsening the contract asks for.
  ///   - today: Days since 1970-01-01, from the vault's clock; only age bands need it.
  /// - Returns: The coarse value; nil when the value is malformed or the type cannot be coarsened
  ///   this way.
  public static func generalised(
    _ value: [UInt8], of type: FieldType, by generaliser: Generaliser, today: Int
  ) -> String? {
    guard let text = String(validating: value, as: UTF8.self), !text.isEmpty else { return nil }
    switch generaliser {
    case .exact: return isExactAllowed(type) && isOneLine(text) ? text : nil
    case .year: return date(text, of: type)?.yearText
    case .month: return date(text, of: type)?.monthText
    case .day: return date(text, of: type)?.text
    case .ageBand: return date(text, of: type).flatMap { ageBand(bornOn: $0, today: today) }
    case .prefix(let length): return prefix(of: text, length: length)
    case .emailDomain: return emailDomain(of: text)
    case .bucket(let width): return bucket(of: text, type: type, width: width)
    case .present: return presentText
    }
  }

  /// Types whose values many people share by nature; the contract reader holds the same line.
  private static func isExactAllowed(_ type: FieldType) -> Bool {
    switch type {
    case .country, .gender, .language, .boolean, .integer, .amount, .eventName, .segmentList: true
    case .email, .phone, .name, .date, .datetime, .postcode, .city, .address, .text,
      .customerNumber, .cookie, .nationalID, .opaqueID, .url, .ip:
      false
    }
  }

  private static func isOneLine(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }

  private static func date(_ text: String, of type: FieldType) -> CivilDate? {
    switch type {
    case .date: CivilDate(text)
    case .datetime: CivilDate(startOf: text)
    default: nil
    }
  }

  private static func ageBand(bornOn birth: CivilDate, today: Int) -> String? {
    guard let age = CivilDate(day: today).wholeYears(since: birth), age <= greatestAge else {
      return nil
    }
    if age < adultAge { return "0-\(adultAge - 1)" }
    if age >= oldestBandStart { return "\(oldestBandStart)+" }
    let start = age / bandYears * bandYears
    // 18 and 19 join the twenties: a band of two years would be a small group.
    return start <= 20 ? "\(adultAge)-29" : "\(start)-\(start + bandYears - 1)"
  }

  private static func prefix(of text: String, length: Int) -> String? {
    // A prefix as long as the value would be the value.
    guard length > 0, text.count > length else { return nil }
    let shown = text.prefix(length)
    return shown.allSatisfy { $0.isLetter || $0.isNumber } ? String(shown) : nil
  }

  private static func emailDomain(of text: String) -> String? {
    guard let domain = EmailDomain(of: text)?.text else { return nil }
    return publicMailDomains.contains(domain) ? domain : otherDomain
  }

  private static func bucket(of text: String, type: FieldType, width: Int) -> String? {
    guard width > 0, type == .integer || type == .amount,
      let number = wholeNumber(text)
    else { return nil }
    let remainder = number % width
    let (bound, overflow) = number.subtractingReportingOverflow(
      remainder < 0 ? remainder + width : remainder)
    return overflow ? nil : String(bound)
  }

  /// Reads `-?digits`, the stored form of numbers and of amounts in cents.
  private static func wholeNumber(_ text: String) -> Int? {
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
    guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}

/// Names of events, as sent.
enum EventNameNormaliser {
  /// Largest name of an event, in bytes.
  static let maximumByteCount = 128

  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    guard value.count <= maximumByteCount else { throw ValueFault(.valueTooLong) }
    return Array(value)
  }
}

/// Genders as one of `female`, `male`, `diverse` and `unknown`.
enum GenderNormaliser {
  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    switch String(decoding: Bytes.lowercased(value), as: UTF8.self) {
    case "f", "female": Array("female".utf8)
    case "m", "male": Array("male".utf8)
    case "d", "x", "diverse", "nonbinary", "non-binary", "other": Array("diverse".utf8)
    case "u", "unknown": Array("unknown".utf8)
    default: throw ValueFault(.unknownGender)
    }
  }
}

/// Languages as BCP 47 tags in the usual letter case: `de`, `en-US`, `zh-Hant-TW`.
enum LanguageNormaliser {
  /// Largest tag, in bytes (RFC 5646 §4.4.1).
  static let maximumByteCount = 35

  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    guard value.count <= maximumByteCount else { throw ValueFault(.malformedLanguage) }
    var tag: [UInt8] = []
    let subtags = value.split(omittingEmptySubsequences: false) {
      $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
    }
    for (index, subtag) in subtags.enumerated() {
      let isWellFormed =
        index == 0
        ? (2...3).contains(subtag.count) && subtag.allSatisfy(Bytes.isLetter)
        : (1...8).contains(subtag.count) && subtag.allSatisfy(Bytes.isLetterOrDigit)
      guard isWellFormed else { throw ValueFault(.malformedLanguage) }
      if index > 0 { tag.append(UInt8(ascii: "-")) }
      switch (index, subtag.count) {
      case (1..., 2): tag += Bytes.uppercased(subtag)
      case (1..., 4):
        tag += Bytes.uppercased(subtag.prefix(1)) + Bytes.lowercased(subtag.dropFirst())
      default: tag += Bytes.lowercased(subtag)
      }
    }
    return tag
  }
}

/// Lists of segments, each named once, in byte order, with `|` between them.
enum SegmentListNormaliser {
  /// Stands between the segments of a stored list.
  static let separator = UInt8(ascii: "|")
  /// Most segments of a list.
  static let segmentCount = 1024
  /// Largest name of a segment, in bytes.
  static let nameByteCount = 128

  /// A list from text in which `|`, `;` or `,` stand between the names.
  static func normalised(_ value: ArraySlice<UInt8>) throws(ValueFault) -> [UInt8] {
    try joined(value.split(omittingEmptySubsequences: true, whereSeparator: isSeparator))
  }

  /// A list from names that came apart already, none of which may hold a separator.
  static func joined(_ names: [ArraySlice<UInt8>]) throws(ValueFault) -> [UInt8] {
    var segments: Set<[UInt8]> = []
    for raw in names {
      let name = Bytes.trimmed(raw)
      guard (1...nameByteCount).contains(name.count), !name.contains(where: isSeparator) else {
        throw ValueFault(.malformedSegmentList)
      }
      guard !name.contains(where: Bytes.isControl) else { throw ValueFault(.controlCharacter) }
      segments.insert(Array(name))
    }
    guard segments.count <= segmentCount else { throw ValueFault(.malformedSegmentList) }
    let sorted = segments.sorted { $0.lexicographicallyPrecedes($1) }
    return Array(sorted.joined(separator: [separator]))
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == separator || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",")
  }
}

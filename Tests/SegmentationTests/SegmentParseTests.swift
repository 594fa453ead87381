import Testing

@testable import Segmentation

@Suite struct SegmentParseTests {
  @Test func readsTheDocumentedExample() throws {
    let segment = try Segment.parse(
      yaml: """
        lethe_segment: 1
        name: loyal-germany
        title: Germans who ordered twice within a year
        where:
          all:
            - {attribute: country, is: DE}
            - {attribute: age_band, in: [30-39, 40-49]}
            - event: order
              within_days: 365
              count: {at_least: 2}
              sum: {of: amount, at_least: 50.00}
        """)
    #expect(segment.name == "loyal-germany")
    #expect(
      segment.explained == """
        profiles where country is DE and age_band is one of 30-39, 40-49 and there are at least 2 \
        `order` events in the last 365 days and the amount of `order` events in the last 365 days \
        adds up to at least 50.00
        """)
  }

  @Test func readsJSON() throws {
    let json = """
      {"lethe_segment":1,"name":"a","title":"T","where":{"any":[
      \t{"attribute":"country","is":"N\\u00d8"},{"event":"or\\"der","count":{"at_most":3}}]}}
      """
    let segment = try Segment.parse(Array(json.utf8))
    #expect(
      segment.explained
        == "profiles where country is NØ or there are at most 3 `or\"der` events")
  }

  @Test(arguments: [
    ("{attribute: country, is: DE}", "country is DE"),
    ("{attribute: country, is: NO}", "country is NO"),
    ("{attribute: country, is: 日本 🗾}", "country is 日本 🗾"),
    ("{attribute: country, is_not: 01}", "country is not 01 or is not known"),
    ("{attribute: country, is: \"R&D, *x\"}", "country is R&D, *x"),
    ("{attribute: country, is: \"null\"}", "country is null"),
    ("{attribute: country, not_in: [A, B]}", "country is none of A, B or is not known"),
    ("{attribute: age, at_least: 18}", "age is at least 18"),
    ("{attribute: age, at_most: 65, at_least: 18}", "age is from 18 to 65"),
    ("{attribute: age, between: [18, 65]}", "age is from 18 to 65"),
    ("{attribute: age, exists: false}", "age is not known"),
    ("{attribute: age, exists: true}", "age is known"),
    ("{not: {attribute: age, at_most: 3}}", "not (age is at most 3)"),
    (
      "{any: [{all: [{event: a}, {event: b}]}, {not: {any: [{event: c}, {event: d}]}}]}",
      "(there is a `a` event and there is a `b` event) or "
        + "not (there is a `c` event or there is a `d` event)"
    ),
    ("{all: [{any: [{event: a}]}]}", "there is a `a` event"),
    ("{event: order, source: shop, within_days: 1}", "there is a `order` event from shop today"),
    ("{event: order, count: {at_least: 2, at_most: 2}}", "there are exactly 2 `order` events"),
    ("{event: order, count: {at_most: 0}}", "there are at most 0 `order` events"),
    (
      "{event: order, sum: {of: amount, at_most: 9.5}}",
      "the amount of `order` events adds up to at most 9.50, none counting as 0"
    ),
    (
      "{event: order, sum: {of: quantity, at_least: 1, at_most: 3}}",
      "the quantity of `order` events adds up to 1 to 3"
    ),
  ])
  func saysTheRuleInWords(condition: String, words: String) throws {
    #expect(try Segment.parse(yaml: rule(condition)).explained == "profiles where \(words)")
  }

  @Test(arguments: [
    ("", SegmentationError.Code.malformed, nil as String?),
    ("# nothing", .malformed, nil),
    ("[1, 2]", .wrongType, nil),
    ("text", .wrongType, nil),
    ("lethe_segment: 1\nname: [", .malformed, nil),
    ("name: a\n\tb: c", .malformed, nil),
    ("lethe_segment: 1\n---\nlethe_segment: 1", .malformed, nil),
    ("name: a\ntitle: b\nwhere: {event: a}", .missingKey, nil),
    ("lethe_segment: 1\ntitle: b\nwhere: {event: a}", .missingKey, nil),
    ("lethe_segment: 1\nname: a\nwhere: {event: a}", .missingKey, nil),
    ("lethe_segment: 1\nname: a\ntitle: b", .missingKey, nil),
    ("lethe_segment: 2\nname: a\ntitle: b\nwhere: {event: a}", .unsupportedFormat, "lethe_segment"),
    ("lethe_segment: '1'\nname: a\ntitle: b\nwhere: {event: a}", .wrongType, "lethe_segment"),
    ("lethe_segment: 0\nname: a\ntitle: b\nwhere: {event: a}", .invalidValue, "lethe_segment"),
    ("lethe_segment: 1\nname: A b\ntitle: b\nwhere: {event: a}", .invalidValue, "name"),
    ("lethe_segment: 1\nname: 1a\ntitle: b\nwhere: {event: a}", .invalidValue, "name"),
    ("lethe_segment: 1\nname: ä\ntitle: b\nwhere: {event: a}", .invalidValue, "name"),
    ("lethe_segment: 1\nname: a\ntitle: ' '\nwhere: {event: a}", .invalidValue, "title"),
    ("lethe_segment: 1\nname: a\ntitle: [b]\nwhere: {event: a}", .wrongType, "title"),
    ("lethe_segment: 1\nname: a\ntitle: \"b\\nc\"\nwhere: {event: a}", .invalidValue, "title"),
    ("lethe_segment: 1\nname: a\ntitle: b\nwhere: {event: a}\nsql: x", .unknownKey, nil),
    ("lethe_segment: 1\nname: a\nname: a\ntitle: b\nwhere: {event: a}", .duplicateKey, nil),
    ("lethe_segment: 1\nname: !!str a\ntitle: b\nwhere: {event: a}", .malformed, "name"),
    ("lethe_segment: 1\nname: a\ntitle: !x b\nwhere: {event: a}", .malformed, "title"),
    ("lethe_segment: 1\nname: a\ntitle: b\nwhere: !!map {event: a}", .malformed, nil),
    ("lethe_segment: 1\n? [a, b]\n: c", .wrongType, nil),
    ("lethe_segment: 1\nname: a\ntitle: *b\nwhere: {event: a}", .malformed, nil),
    ("lethe_segment: 1\nname: a\ntitle: &b c\nwhere: {event: a}", .malformed, nil),
    ("lethe_segment: 1\nname: a\ntitle: b\nwhere: {<<: {event: a}}", .missingKey, "where"),
  ])
  func refusesFiles(yaml: String, code: SegmentationError.Code, path: String?) {
    let error = refusal { _ = try Segment.parse(yaml: yaml) }
    #expect(error?.code == code)
    if let path { #expect(error?.path == path) }
    #expect(error?.description.contains("\n") == false)
  }

  @Test func refusesBytesThatAreNotText() {
    #expect(refusal { _ = try Segment.parse([0x61, 0xFF, 0x62]) }?.code == .malformed)
    #expect(refusal { _ = try Segment.parse([0xC0, 0x80]) }?.code == .malformed)
    #expect(refusal { _ = try Segment.parse(Array("a: \u{0}".utf8)) }?.code == .malformed)
    #expect(refusal { _ = try Segment.parse(Array("a: \u{1}".utf8)) }?.code == .malformed)
  }

  @Test(arguments: [
    ("&a [x, x]\nb: *a", SegmentationError.Code.malformed),
    ("[&a x]", .malformed), ("{b: &a x}", .malformed), ("{b:&a x}", .malformed),
    ("[x,&a y]", .malformed), ("- &a\n", .malformed), ("\"k\":&a x", .malformed),
  ])
  func refusesAnchorsWhereverTheyStand(yaml: String, code: SegmentationError.Code) {
    let error = refusal { _ = try Segment.parse(yaml: yaml) }
    #expect(error?.code == code)
    #expect(error?.message.contains("anchor") == true)
  }

  @Test func refusesBombsAtOnce() {
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let alias = "*a\(level - 1)"
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 9).joined(separator: ","))]\n"
    }
    bomb += "? *a30\n: x\n"
    let byteLimit = SegmentLimits.ruleByteCount
    let cases: [(String, SegmentationError.Code)] = [
      (bomb, .malformed),
      (rule("{attribute: country, is: \(String(repeating: "x", count: byteLimit))}"), .tooLarge),
      (String(repeating: "[", count: byteLimit), .malformed),
      (String(repeating: "- ", count: byteLimit / 2), .malformed),
      (String(repeating: "? ", count: byteLimit / 2), .malformed),
      (String(repeating: "{a: ", count: 10_000), .malformed),
      (String(repeating: "[", count: 41) + String(repeating: "]", count: 41), .tooDeep),
      ("[\(Array(repeating: "x", count: 4_096).joined(separator: ","))]", .tooManyParts),
    ]
    for (index, (yaml, code)) in cases.enumerated() {
      #expect(refusal { _ = try Segment.parse(yaml: yaml) }?.code == code, "case \(index)")
    }
  }

  @Test func limitsConditions() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "{not: ", count: depth - 1) + "{event: a}"
        + String(repeating: "}", count: depth - 1)
    }
    func wide(_ count: Int) -> String {
      "{any: [\(Array(repeating: "{event: a}", count: count - 1).joined(separator: ", "))]}"
    }
    func list(_ count: Int) -> String {
      "{attribute: age, in: [\((1...count).map(String.init).joined(separator: ", "))]}"
    }
    _ = try Segment.parse(yaml: rule(nested(SegmentLimits.conditionDepth)))
    _ = try Segment.parse(yaml: rule(wide(SegmentLimits.conditionCount)))
    _ = try Segment.parse(yaml: rule(list(SegmentLimits.listCount)))
    let cases: [(String, SegmentationError.Code)] = [
      (nested(SegmentLimits.conditionDepth + 1), .tooDeep),
      (wide(SegmentLimits.conditionCount + 1), .tooManyParts),
      (list(SegmentLimits.listCount + 1), .tooManyParts),
    ]
    for (condition, code) in cases {
      #expect(refusal { _ = try Segment.parse(yaml: rule(condition)) }?.code == code)
    }
  }
}

/// A schema, policies, links, entities and requests, made from one seed.
public struct FuzzCase: Sendable {
  /// Fills the slots of a template.
  public struct Link: Sendable {
    /// The id of the template.
    public let templateID: String
    /// The id of the new policy.
    public let newID: String
    /// Type and id of the entity for each slot, such as `?principal`.
    public let values: [(slot: String, type: String, id: String)]
  }

  /// The number the case was made from.
  public let seed: UInt64
  /// The schema in the human form.
  public let schema: String
  /// One to eight policies and templates.
  public let policies: String
  /// What makes policies from the templates.
  public let links: [Link]
  /// The entities as JSON.
  public let entities: String
  /// The questions.
  public let requests: [FuzzRequest]

  private static let policyCountLimit = 8
  private static let requestCountLimit = 5

  /// Makes the case of a seed.
  public init(seed: UInt64) {
    var numbers = FuzzNumbers(seed: seed)
    let schema = FuzzSchema(&numbers)
    let entities = FuzzEntities(schema, &numbers)
    let writer = FuzzPolicies(schema: schema, entities: entities)
    var texts: [String] = []
    var links: [Link] = []
    for index in 0..<(1 + numbers.below(Self.policyCountLimit)) {
      let policy = writer.policy(&numbers)
      texts.append(policy.text)
      guard !policy.slots.isEmpty else { continue }
      for _ in 0..<numbers.below(3) {
        let values = policy.slots.map { slot in
          let type = numbers.below(schema.entities.count)
          return (slot: slot, type: schema.typeName(type), id: entities.id(type, &numbers))
        }
        links.append(
          Link(templateID: "policy\(index)", newID: "link\(links.count)", values: values))
      }
    }
    var policies = texts.joined(separator: numbers.chance(50) ? "\n" : " // next\n\n")
    if numbers.chance(5) {
      policies = FuzzMutation.mutated(policies, &numbers)
      links = []
    }
    self.seed = seed
    self.schema = schema.text
    self.policies = policies
    self.links = links
    self.entities = entities.json
    requests = (0..<(1 + numbers.below(Self.requestCountLimit))).map { _ in
      entities.request(&numbers)
    }
  }

  /// The case as one line of JSON.
  public var json: String {
    let links = links.map { link in
      let values = link.values.map { "\"\($0.slot)\":\(FuzzText.uid($0.type, $0.id))" }
      return "{\"template_id\":\"\(link.templateID)\",\"new_id\":\"\(link.newID)\","
        + "\"values\":{\(values.joined(separator: ","))}}"
    }
    return "{\"seed\":\(seed),\"schema\":\(FuzzText.json(schema)),"
      + "\"policies\":\(FuzzText.json(policies)),\"links\":[\(links.joined(separator: ","))],"
      + "\"entities\":\(FuzzText.json(entities)),"
      + "\"requests\":[\(requests.map(\.json).joined(separator: ","))]}"
  }

  /// A short mark of everything in the case (FNV-1a, 64 bit).
  public var digest: String { FuzzCase.digest(json) }

  /// A short mark of a text (FNV-1a, 64 bit), in hexadecimal digits.
  public static func digest(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    return String(hash, radix: 16)
  }
}

/// Spoils texts a little, so that readers meet what nobody writes.
public enum FuzzMutation {
  private static let signs = Array("(){}[],;.:\"\\@?!=<>&|+-*/%'_0a \n\t".utf8)
  private static let words = [
    "if", "then", "else", "in", "is", "has", "like", "true", "principal", "context", "when",
    "unless", "permit", "?principal", "::", "&&", "9223372036854775808", "\"\\u{0}\"", "__cedar",
    "null", "-1", "1.5", "entity", "action", "Set<", "{}", "[]", "//", "\\u{d800}", "\"\\*\"",
  ].map { Array($0.utf8) }

  /// Changes a text in one to three places; the result is text still.
  public static func mutated(_ text: String, _ numbers: inout FuzzNumbers) -> String {
    var bytes = Array(text.utf8)
    for _ in 0..<(1 + numbers.below(3)) { mutate(&bytes, &numbers) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Changes bytes in one place; the result need not be text.
  public static func mutate(_ bytes: inout [UInt8], _ numbers: inout FuzzNumbers) {
    guard !bytes.isEmpty else {
      bytes = numbers.pick(words)
      return
    }
    let place = numbers.below(bytes.count)
    let end = min(bytes.count, place + 1 + numbers.below(8))
    switch numbers.below(7) {
    case 0: bytes.removeSubrange(place..<end)
    case 1: bytes.insert(numbers.pick(signs), at: place)
    case 2: bytes[place] = numbers.pick(signs)
    case 3: bytes.insert(contentsOf: numbers.pick(words), at: place)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: numbers.below(bytes.count))
    case 5: bytes[place] ^= UInt8(1 << numbers.below(7))
    default: bytes.removeSubrange(place..<(place + 1))
    }
  }
}

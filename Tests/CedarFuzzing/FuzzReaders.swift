import Cedar

/// Gives spoilt texts to every reader of the library.
public enum FuzzReaders {
  /// What came out of the runs.
  public struct Tally: Sendable {
    /// The number of texts that were read.
    public var runs = 0
    /// Texts that were accepted.
    public var accepted = 0
    /// Texts that were refused with an error of the library.
    public var refused = 0
    /// What must not happen: another error, a position missing, a text that reads back different.
    public var problems: [String] = []

    /// Starts with nothing.
    public init() {}
  }

  /// The number of readers: policies, policy JSON, schema, entities, context.
  public static let readerCount = 5

  private static let mutationLimit = 4

  /// Spoils the texts of one case and reads them; a crash ends the process.
  ///
  /// - Parameters:
  ///   - seed: The seed of the case and of what spoils it.
  ///   - mutations: How often each text is spoilt, each time anew in a few places.
  ///   - tally: Counts what happens.
  public static func run(seed: UInt64, mutations: Int, _ tally: inout Tally) throws {
    let item = FuzzCase(seed: seed)
    var numbers = FuzzNumbers(seed: ~seed)
    let json = (try? PolicySet(parsing: item.policies).json) ?? "{}"
    let requests = try item.requests.map { try $0.request(nil) }
    let entities = try EntityStore(json: item.entities)
    let texts = [item.policies, json, item.schema, item.entities, item.requests[0].context].map {
      Array($0.utf8)
    }
    for _ in 0..<mutations {
      for reader in texts.indices {
        var text = texts[reader]
        for _ in 0..<(1 + numbers.below(mutationLimit)) { FuzzMutation.mutate(&text, &numbers) }
        tally.runs += 1
        do {
          try read(reader, text, requests, entities)
          tally.accepted += 1
        } catch let error as CedarError {
          tally.refused += 1
          if error.code == .syntax, error.position == nil {
            tally.problems.append("seed \(seed), reader \(reader): no position: \(error)")
          }
        } catch {
          tally.problems.append("seed \(seed), reader \(reader): \(error)")
        }
      }
    }
  }

  private static func read(
    _ reader: Int, _ text: [UInt8], _ requests: [Request], _ entities: EntityStore
  ) throws {
    switch reader {
    case 0: try use(PolicySet(parsing: text), requests, entities)
    case 1: try use(PolicySet(json: text), requests, entities)
    case 2: _ = try Schema(parsing: text)
    case 3: _ = try EntityStore(json: text)
    default: _ = try CedarRecord(contextJSON: text, action: requests[0].action)
    }
  }

  /// Prints, reads back and evaluates what was accepted.
  private static func use(
    _ set: PolicySet, _ requests: [Request], _ entities: EntityStore
  ) throws {
    for policy in set.policies + set.templates where policy.link == nil {
      guard try Policy(parsing: policy.text, id: policy.id).json == policy.json else {
        throw Difference(what: "text of \(policy.text)")
      }
      guard try Policy(json: policy.json, id: policy.id).json == policy.json else {
        throw Difference(what: "JSON of \(policy.text)")
      }
    }
    let compiled = CompiledPolicySet(set)
    for request in requests {
      let one = Authorizer.isAuthorized(request, policySet: set, entities: entities)
      let two = Authorizer.isAuthorized(request, policies: compiled, entities: entities)
      guard one.decision == two.decision, one.reasons == two.reasons,
        one.errors.map(\.policyID) == two.errors.map(\.policyID)
      else { throw Difference(what: "the compiled set decides otherwise") }
    }
  }

  private struct Difference: Error {
    let what: String
  }
}

internal import Sealing
internal import Transparency

extension PopulationManifest {
  /// Reads a manifest; nothing is checked but its form.
  ///
  /// - Parameter encoded: The manifest's file.
  /// - Throws: ``AuditingError`` `.malformedManifest`.
  public init(encoded: [UInt8]) throws {
    guard encoded.last == 0x0A,
      case .object(let object)? = try? CanonicalJSON(
        canonicalBytes: Array(encoded.dropLast()), byteCountMaximum: Self.byteCountMaximum),
      object["lethe_population"] == .integer(Int64(Self.format))
    else { throw Self.malformed("it is not canonical JSON of format \(Self.format)") }
    let members = Members(object: object)
    guard let format = PopulationFormat(rawValue: try members.text("format")) else {
      throw Self.malformed("its format is unknown")
    }
    let (from, to) = (try members.count("from"), try members.count("to"))
    guard from <= to else { throw Self.malformed("its range ends before it begins") }
    guard let note = try? SignedNote(encoded: Array(try members.text("checkpoint").utf8)),
      let query = try? LogQuery(try members.value("query"))
    else { throw Self.malformed("its checkpoint or query is not in its form") }
    let sample = try object["sample"].map(Self.sample)
    self.init(
      origin: try members.text("origin"), format: format, query: query,
      range: from..<to, firstKept: try members.count("pruned_below"),
      checkpoint: note, sample: sample?.plan, strata: sample?.strata ?? [],
      reading: try members.count("reading"), milliseconds: Int64(try members.count("time")),
      content: PopulationContent(
        count: try members.count("count"), byteCount: try members.count("bytes"),
        digest: try members.digest("digest"), linesRoot: try members.root("lines_root"),
        first: try object["first"].map(Self.end), last: try object["last"].map(Self.end)))
    let statement = try statement
    guard statement.treeSize == (try members.count("tree_size")),
      statement.rootHash == (try members.root("root")), statement.origin == origin,
      try self.encoded == encoded
    else { throw Self.malformed("its members do not agree, or there are others") }
  }

  private static func end(_ value: CanonicalJSON) throws -> PopulationEnd {
    let members = try Members(value)
    return PopulationEnd(
      sequence: try members.count("seq"), leafHash: try members.digest("leaf_hash"))
  }

  private static func sample(
    _ value: CanonicalJSON
  ) throws -> (plan: SamplePlan, strata: [SampleStratum]) {
    let members = try Members(value)
    guard try members.count("algorithm") == SamplePlan.algorithm,
      let strata = SamplePlan.Strata(rawValue: try members.text("stratify")),
      let plan = try? SamplePlan(
        seed: try members.text("seed"), size: try members.count("size"), strata: strata),
      case .array(let table) = try members.value("strata")
    else { throw malformed("its sample is drawn in a way this program does not know") }
    return (
      plan,
      try table.map { row in
        let members = try Members(row)
        return SampleStratum(
          key: try members.text("key"), population: try members.count("population"),
          drawn: try members.count("drawn"))
      }
    )
  }

  private static func malformed(_ reason: String) -> AuditingError {
    AuditingError(.malformedManifest, "this is no manifest of a population: \(reason)")
  }

  /// The members of an object, each asked for by kind.
  private struct Members {
    let object: JSONObject

    init(object: JSONObject) {
      self.object = object
    }

    init(_ value: CanonicalJSON) throws {
      guard case .object(let object) = value else { throw malformed("a member is no object") }
      self.object = object
    }

    func value(_ name: String) throws -> CanonicalJSON {
      guard let value = object[name] else { throw malformed("it has no `\(name)`") }
      return value
    }

    func text(_ name: String) throws -> String {
      guard case .string(let text) = try value(name) else {
        throw malformed("`\(name)` is no text")
      }
      return text
    }

    func count(_ name: String) throws -> Int {
      guard case .integer(let number) = try value(name), number >= 0 else {
        throw malformed("`\(name)` is no count")
      }
      return Int(number)
    }

    func digest(_ name: String) throws -> [UInt8] {
      guard let bytes = [UInt8](hexadecimal: try text(name)), bytes.count == SHA256.byteCount else {
        throw malformed("`\(name)` is no digest")
      }
      return bytes
    }

    func root(_ name: String) throws -> TreeHash {
      guard let hash = try? TreeHash(bytes: Base64.decode(try text(name))) else {
        throw malformed("`\(name)` is no hash")
      }
      return hash
    }
  }
}

internal import Cedar

/// The policies of a set, parsed, checked and known by their `@id`.
struct PolicyCatalogue: Sendable {
  /// What the vault keeps of a policy.
  struct Entry: Sendable {
    /// The `@id`.
    let id: String
    /// The `@reason`.
    let reason: String
    /// The file, as messages name it.
    let file: String
    /// Line in the file, from 1.
    let line: Int
  }

  /// Annotations a policy may carry; each must be there.
  ///
  /// Another would be a duty nobody fulfils.
  static let annotations = ["id", "reason"]
  /// Longest `@reason`, in bytes.
  static let maximumReasonByteCount = 200

  /// Every policy of every file.
  let policySet: PolicySet
  /// Entries by Cedar's own ids.
  let entries: [CedarString: Entry]
  /// What the policies name, with the file it is named in.
  let references: [(file: String, reference: PolicyReference)]

  /// Parses the files one by one, so that a message points into the right one, then all as one set.
  init(_ files: [(name: String, text: [UInt8])]) throws {
    var entries: [Entry] = []
    var references: [(file: String, reference: PolicyReference)] = []
    var joined: [UInt8] = []
    for (name, text) in files {
      for policy in try Self.policies(in: text, file: name) {
        let entry = try Self.entry(policy, file: name)
        if let other = entries.first(where: { $0.id == entry.id }) {
          throw Self.refused(
            name, entry.line, "the id `\(entry.id)` is taken by \(other.file): line \(other.line)")
        }
        entries.append(entry)
      }
      references += PolicyReferences.all(in: text).map { (name, $0) }
      joined += text + [UInt8(ascii: "\n")]
    }
    policySet = try PolicySet(parsing: joined)
    self.references = references
    // Cedar numbers the policies of a text in its order, which is the order of the entries.
    self.entries = Dictionary(uniqueKeysWithValues: zip(policySet.policies.map(\.id), entries))
  }

  /// A one-line error at a place in a policy file.
  static func refused(_ file: String, _ line: Int, _ what: String) -> VaultError {
    VaultError(.policyFile, "\(file): line \(line): \(what)")
  }

  private static func policies(in text: [UInt8], file: String) throws -> [Policy] {
    do {
      let set = try PolicySet(parsing: text)
      if let template = set.templates.first {
        throw refused(
          file, template.position.line, "templates are not used here; write out who and what")
      }
      return set.policies
    } catch let error as CedarError {
      throw VaultError(.policyFile, error.oneLine(in: file))
    }
  }

  private static func entry(_ policy: Policy, file: String) throws -> Entry {
    let line = policy.position.line
    for annotation in policy.annotations where !annotations.contains(annotation.key.text) {
      throw refused(
        file, line,
        "unknown annotation \("@\(annotation.key.text)".inMessage); allowed: @id, @reason")
    }
    guard let id = policy.annotation("id")?.text, id.utf8.count <= 64, DottedKey.isWellFormed(id)
    else {
      throw refused(
        file, line,
        "the policy has no usable id; write `@id(\"small-letters-and-hyphens\")` above it")
    }
    guard let reason = policy.annotation("reason")?.text, !reason.isEmpty,
      reason.utf8.count <= maximumReasonByteCount,
      reason.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
    else {
      throw refused(
        file, line,
        "policy `\(id)` has no usable reason; write `@reason(\"…\")`, one line of at most "
          + "\(maximumReasonByteCount) bytes")
    }
    return Entry(id: id, reason: reason, file: file, line: line)
  }
}

extension CedarError {
  /// File, place and what, in one line.
  func oneLine(in file: String) -> String {
    let place = position.map { "\(file): line \($0.line), column \($0.column)" } ?? file
    return "\(place): \(message)"
  }
}

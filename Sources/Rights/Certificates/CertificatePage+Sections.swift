internal import Transparency

extension CertificatePage {
  /// Members that have a place of their own on the page.
  private static let shown: Set<String> = [
    "lethe_certificate", "vault", "origin", "reference", "kind", "state", "requested_ms",
    "final_ms", "final_due_ms", "assurance", "assurance_reasons", "subjects", "generations",
    "buckets", "records", "stores", "keys", "custodians", "replicas", "residual", "sanitization",
    "suppression_entries", "identifiers_shared_with_others", "resumed_after_interruption",
    "log_entry", "covered", "not_covered",
  ]

  var destroyedSection: String {
    let fixed = words.fixed
    var rows = words.counts.compactMap { name, label in
      statement.members[name].map { (label, text($0)) }
    }
    for (name, label) in [("records", fixed.records), ("generations", fixed.generations)] {
      guard let object = statement.object(name), !object.members.isEmpty else { continue }
      rows.append((label, others(object, known: [])))
    }
    let buckets = statement.array("buckets")
    if !buckets.isEmpty { rows.append((fixed.buckets, text(.array(buckets)))) }
    return section(
      fixed.destroyed,
      "\(list(rows))\n\(storeTable)\n<h3>\(fixed.keys)</h3>\n\(list(keyRows))")
  }

  private var keyRows: [(String, String)] {
    guard let keys = statement.object("keys") else { return [] }
    return rows(keys, words.keys) { name, value in
      guard name == "slot", case .string(let methods) = value else { return nil }
      return methods.split(separator: ",").map { words.methods[String($0)] ?? String($0) }
        .joined(separator: ", ")
    }
  }

  private var storeTable: String {
    guard let stores = statement.object("stores"), !stores.members.isEmpty else { return "" }
    let rows = stores.members.map { store in
      guard case .object(let counts) = store.value else { return [store.key, text(store.value)] }
      let parts = counts.members.map { "\(words.stores[$0.key] ?? $0.key): \(text($0.value))" }
      return [store.key, parts.joined(separator: ", ")]
    }
    return table([words.fixed.store, words.fixed.count], rows)
  }

  var custodianSection: String {
    let fixed = words.fixed
    let custodians = statement.array("custodians")
    guard statement.format > 1 else { return "" }
    let rows = custodians.map { value -> [String] in
      guard case .object(let custodian) = value else { return [text(value), "", "", "", ""] }
      let more = others(
        custodian, known: ["name", "kind", "method", "assurance", "time_ms"])
      let method = word(custodian["method"], words.methods)
      return [
        text(custodian["name"]), word(custodian["kind"], words.custodianKinds),
        more.isEmpty ? method : "\(method); \(more)", text(custodian["assurance"]),
        moment(custodian["time_ms"]),
      ]
    }
    let body =
      rows.isEmpty
      ? "<p>\(fixed.noCustodians)</p>"
      : table([fixed.name, fixed.kind, fixed.method, fixed.level, fixed.time], rows)
    return section(fixed.custodians, "<p>\(fixed.custodiansIntro)</p>\(body)")
  }

  var replicaSection: String {
    guard let replicas = statement.object("replicas") else { return "" }
    let fixed = words.fixed
    guard case .array(let members)? = replicas["members"], !members.isEmpty else {
      return section(fixed.replicas, "<p>\(fixed.noReplicas)</p>")
    }
    let rows = members.map { value -> [String] in
      guard case .object(let replica) = value else { return [text(value), "", ""] }
      let more = others(replica, known: ["name", "state", "generation"])
      let state = word(replica["state"], words.replicaStates)
      return [
        text(replica["name"]), more.isEmpty ? state : "\(state); \(more)",
        text(replica["generation"]),
      ]
    }
    let quorum = replicas["quorum"].map { [(fixed.quorum, text($0))] } ?? []
    let more = self.rows(replicas, [:], skipping: ["members", "quorum"])
    return section(
      fixed.replicas,
      list(quorum + more) + table([fixed.name, fixed.state, fixed.generation], rows))
  }

  /// What is reached and what is not, side by side and of the same size.
  var reachSection: String {
    let columns = [
      (words.fixed.covered, "covered"), (words.fixed.notCovered, "not_covered"),
    ].map { title, name in
      let items = statement.texts(name).map { "<li>\(sentence($0))</li>" }
      return "<div><h3>\(title)</h3><ul>\(items.joined(separator: "\n"))</ul></div>"
    }
    return section(
      words.fixed.reach, "<div class=\"reach\">\(columns.joined(separator: "\n"))</div>")
  }

  var questionSection: String {
    let questions = statement.array("sanitization")
    guard !questions.isEmpty else { return "" }
    let items = questions.map { value -> String in
      guard case .object(let entry) = value else { return "<dd>\(escaped(text(value)))</dd>" }
      let answer = word(entry["answer"], words.answers)
      let detail = text(entry["detail"])
      let more = others(entry, known: ["question", "answer", "detail"])
      return "<dt>\(escaped(word(entry["question"], words.questions)))</dt>"
        + "<dd><strong>\(escaped(answer))</strong>\(detail.isEmpty ? "" : " · \(sentence(detail))")"
        + "\(more.isEmpty ? "" : " · \(escaped(more))")</dd>"
    }
    return section(
      words.fixed.questions,
      "<p>\(words.fixed.questionsIntro)</p><dl class=\"questions\">\(items.joined(separator: "\n"))</dl>"
    )
  }

  var residualSection: String {
    guard let residual = statement.object("residual") else { return "" }
    let phrases = words.fixed.residual
    let (profiles, events) = (count(residual["profiles_left"]), count(residual["events_left"]))
    let left =
      profiles == 0 && events == 0
      ? phrases.nothingLeft
      : fill(phrases.left, text(residual["profiles_left"]), text(residual["events_left"]))
    let group =
      switch count(residual["smallest_group"]) {
      case nil: phrases.noGroup
      case 1: phrases.unique
      case .some(let size): phrases.group.replacing("%", with: "\(size)")
      }
    var paragraphs = [left, group]
    if residual["groups_below_threshold"] != nil {
      paragraphs.append(
        fill(
          phrases.below, text(residual["groups_below_threshold"]), text(residual["threshold"])))
    }
    let known: Set<String> = [
      "profiles_left", "events_left", "smallest_group", "groups_below_threshold", "threshold",
      "attributes",
    ]
    let attributes = residual["attributes"].map { [(phrases.attributes, text($0))] } ?? []
    let body = paragraphs.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n")
    return section(
      phrases.title, body + list(attributes + rows(residual, [:], skipping: known)))
  }

  /// Members a later vault may add.
  var otherSection: String {
    let rows = rows(statement.members, [:], skipping: Self.shown)
    return rows.isEmpty ? "" : section(words.fixed.others, list(rows))
  }

  private func count(_ value: CanonicalJSON?) -> Int64? {
    if case .integer(let number)? = value { number } else { nil }
  }

  private func fill(_ pattern: String, _ first: String, _ second: String) -> String {
    pattern.replacing("%1", with: first).replacing("%2", with: second)
  }
}

import Cedar
import Foundation

/// Policy decisions, one by one: what the library takes for each.
struct CedarBenchmark {
  /// Decisions timed for each set.
  let decisions: Int
  /// Where the sets go as JSON, for a peer to decide the same questions.
  let export: String?

  func run() throws -> Findings {
    let workloads = [CedarWorkload.small(), .grants(), .unscoped()]
    if let export {
      try JSONEncoder().encode(workloads).write(to: URL(fileURLWithPath: export))
    }
    var findings = Findings()
    var table = Table(
      "Cedar decisions: \(decisions) for each set",
      columns: ["", "p50", "p99", "p50 with the request", "p99", "allowed"],
      note: "with the request: also made from texts, its context from JSON")
    for (number, workload) in workloads.enumerated() {
      table.rows.append(
        try measure(workload, ["small", "grants", "unscoped"][number], &findings))
    }
    findings.tables.append(table)
    return findings
  }

  private func measure(
    _ workload: CedarWorkload, _ name: String, _ findings: inout Findings
  ) throws -> [String] {
    let policies = CompiledPolicySet(try PolicySet(parsing: workload.policies))
    let entities = try EntityStore(json: workload.entities)
    let requests = try workload.questions.map { try $0.request() }
    var engine: [Double] = []
    var call: [Double] = []
    var allowed = 0
    for round in 0..<decisions {
      let place = round % requests.count
      let (response, seconds) = Stopwatch.measured {
        Authorizer.isAuthorized(requests[place], policies: policies, entities: entities)
      }
      engine.append(seconds)
      allowed += response.decision == .allow ? 1 : 0
    }
    for round in 0..<decisions {
      let question = workload.questions[round % requests.count]
      call.append(
        try Stopwatch.seconds {
          _ = Authorizer.isAuthorized(
            try question.request(), policies: policies, entities: entities)
        })
    }
    let samples = [Sample(engine), Sample(call)]
    for (sample, kind) in zip(samples, ["engine", "call"]) {
      findings.add("cedar.\(name).\(kind).p50", sample.percentile(0.5), "s")
      findings.add("cedar.\(name).\(kind).p99", sample.percentile(0.99), "s")
    }
    let share = 100 * Double(allowed) / Double(decisions)
    findings.add("cedar.\(name).allowed", share, "%")
    let times = samples.flatMap { [$0.percentile(0.5), $0.percentile(0.99)] }
    return [workload.name] + times.map(Format.microseconds)
      + [Format.number(share, digits: 1) + " %"]
  }
}

extension CedarWorkload.Question {
  /// The question as the library takes it.
  func request() throws -> Request {
    let action = try action.uid()
    return Request(
      principal: try principal.uid(), action: action, resource: try resource.uid(),
      context: try CedarRecord(contextJSON: context, action: action))
  }
}

extension CedarWorkload.UID {
  fileprivate func uid() throws -> EntityUID { EntityUID(type: try EntityTypeName(type), id: id) }
}

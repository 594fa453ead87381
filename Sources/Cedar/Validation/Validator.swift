/// Checks policies against a schema, strictly: a policy that passes can fail at run time only by
/// integer overflow or because an entity is missing.
///
/// Every policy is checked in every request environment of the schema: each action with each of its
/// principal types and resource types. Templates are checked as well; their slots may hold any
/// entity that the scope lets through. Requests and entities must conform to the same ``Schema``.
public struct Validator: Sendable {
  /// The most errors that are reported for one policy.
  public static let errorLimit = 100

  /// The most terms of one policy that is checked: operators, literals, names and scope parts.
  public static let termLimit = 100_000

  /// The most steps that are spent on one policy, in terms checked times environments.
  ///
  /// A policy that needs more is refused with `.limitExceeded`; large schemas with hundreds of
  /// environments and policies of thousands of terms stay below.
  public static let stepLimit = 4_000_000

  /// What one request environment costs besides the terms that are checked in it, in steps.
  private static let environmentSteps = 4

  private let schema: Schema
  private let steps: Int

  /// Creates a validator for a schema.
  public init(schema: Schema) { self.init(schema: schema, steps: Validator.stepLimit) }

  /// Creates a validator that spends fewer steps on a policy.
  init(schema: Schema, steps: Int) {
    self.schema = schema
    self.steps = steps
  }

  /// Checks all policies and templates of a set.
  ///
  /// - Parameters:
  ///   - policySet: The policies.
  ///   - maximumLevel: How often entities may be dereferenced from the variables of the request;
  ///     nil for any number. With 1, the entities of the request are all that has to be loaded.
  /// - Returns: Errors and warnings of all policies. Levels are checked only of policies that are
  ///   valid otherwise.
  public func validate(_ policySet: PolicySet, maximumLevel: Int? = nil) -> ValidationResult {
    var errors: [ValidationError] = []
    var warnings: [ValidationWarning] = []
    for policy in policySet.policies + policySet.templates {
      let result = validate(policy, maximumLevel: maximumLevel)
      errors += result.errors
      warnings += result.warnings
    }
    return ValidationResult(errors: errors, warnings: warnings)
  }

  /// Checks one policy or template.
  ///
  /// - Parameters:
  ///   - policy: The policy.
  ///   - maximumLevel: How often entities may be dereferenced from the variables of the request;
  ///     nil for any number.
  /// - Returns: The errors and warnings of the policy.
  public func validate(_ policy: Policy, maximumLevel: Int? = nil) -> ValidationResult {
    var builder = TermBuilder()
    let term = builder.policy(policy)
    guard !builder.isTooLarge else {
      let problem = limit(policy, "has more than \(Validator.termLimit) terms")
      return ValidationResult(errors: errors([problem], of: policy), warnings: [])
    }
    let names = NameCheck(schema: schema)
    var problems = names.problems(entities: builder.entities, types: builder.types)
    if let problem = names.scopeProblem(policy) { problems.insert(problem) }
    let outcome = typecheck(term, policy)
    problems.formUnion(outcome.problems)
    if problems.isEmpty, let maximumLevel {
      problems = levelProblems(term, termCount: builder.count, policy, maximumLevel)
    }
    return ValidationResult(
      errors: errors(problems, of: policy),
      warnings: outcome.isImpossible ? [impossible(policy)] : [])
  }

  // MARK: Passes

  private struct Outcome {
    var problems: Set<ValidationProblem> = []
    /// Tells whether the policy is false in every environment.
    var isImpossible = true
  }

  private func typecheck(_ term: Term, _ policy: Policy) -> Outcome {
    var outcome = Outcome()
    var budget = steps
    RequestEnvironment.forEach(of: schema) { environment in
      budget -= Validator.environmentSteps
      var checker = Typechecker(schema: schema, environment: environment, budget: budget)
      let type = checker.expect(.bool, term, []).type
      budget = checker.budget
      guard budget > 0 else {
        outcome.problems = [outOfSteps(policy)]
        outcome.isImpossible = false
        return false
      }
      outcome.problems.formUnion(checker.problems)
      if type != .singleton(false) { outcome.isImpossible = false }
      return outcome.problems.count < Validator.errorLimit
    }
    return outcome
  }

  private func levelProblems(
    _ term: Term, termCount: Int, _ policy: Policy, _ maximumLevel: Int
  ) -> Set<ValidationProblem> {
    var problems: Set<ValidationProblem> = []
    var budget = steps
    RequestEnvironment.forEach(of: schema) { environment in
      budget -= termCount + Validator.environmentSteps
      var checker = Typechecker(
        schema: schema, environment: environment, budget: budget,
        trace: TypeTrace(count: termCount))
      checker.expect(.bool, term, [])
      budget = checker.budget
      guard budget > 0, let trace = checker.trace else {
        problems = [outOfSteps(policy)]
        return false
      }
      var levels = LevelCheck(
        schema: schema, maximum: maximumLevel, action: environment.action.uid, trace: trace)
      levels.check(term)
      problems.formUnion(levels.problems)
      return problems.count < Validator.errorLimit
    }
    return problems
  }

  // MARK: Findings

  private func errors(
    _ problems: Set<ValidationProblem>, of policy: Policy
  ) -> [ValidationError] {
    let sorted = problems.sorted { ($0.offset, $0.message) < ($1.offset, $1.message) }
    return sorted.prefix(Validator.errorLimit).map { problem in
      ValidationError(
        policyID: policy.id, code: problem.code, message: problem.message, hint: problem.hint,
        position: policy.lines.position(of: problem.offset))
    }
  }

  private func outOfSteps(_ policy: Policy) -> ValidationProblem {
    limit(policy, "needs more than \(steps) steps to check")
  }

  private func limit(_ policy: Policy, _ excess: String) -> ValidationProblem {
    ValidationProblem(
      code: .limitExceeded, offset: policy.position.offset, message: "the policy \(excess)",
      hint: "split it, or narrow its scope to fewer actions and types")
  }

  private func impossible(_ policy: Policy) -> ValidationWarning {
    ValidationWarning(
      policyID: policy.id, code: .impossiblePolicy,
      message: "no request that fits the schema can satisfy the policy",
      position: policy.lines.position(of: policy.position.offset))
  }
}

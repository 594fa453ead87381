/// The words of the certificate page in one language.
///
/// What a vault says in codes is looked up; a code that is not here is shown as it is.
struct CertificateWords {
  /// Labels in the order in which they are shown, by the member or code they stand for.
  typealias Labels = KeyValuePairs<String, String>

  /// Headings and sentences that do not depend on the certificate.
  let fixed: Fixed
  /// Titles by kind.
  let titles: [String: String]
  /// What happened, by kind.
  let summaries: [String: String]
  /// The levels in words.
  let levels: [String: String]
  /// Why the level is not higher.
  let reasons: [String: String]
  /// Members of `keys`.
  let keys: Labels
  /// Members counted at the top of the statement.
  let counts: Labels
  /// What is counted in a store.
  let stores: [String: String]
  /// Kinds of custodians.
  let custodianKinds: [String: String]
  /// How a custodian destroyed the secret.
  let methods: [String: String]
  /// States of replicas.
  let replicaStates: [String: String]
  /// The questions on cryptographic erasure.
  let questions: [String: String]
  /// Answers that are codes.
  let answers: [String: String]
  /// The vault's own sentences, which the statement holds in English.
  let sentences: [String: String]

  static func of(_ language: PackageLanguage) -> CertificateWords {
    language == .russian ? russian : english
  }
}

extension CertificateWords {
  /// Headings and sentences that do not depend on the certificate.
  struct Fixed {
    let reference: String
    let vault: String
    let log: String
    let requested: String
    let finalSince: String
    let finalDue: String
    let isFinal: String
    let isPending: String
    let pendingText: String
    let level: String
    let reasons: String
    let destroyed: String
    let records: String
    let generations: String
    let buckets: String
    let store: String
    let count: String
    let keys: String
    let custodians: String
    let custodiansIntro: String
    let noCustodians: String
    let name: String
    let kind: String
    let method: String
    let time: String
    let replicas: String
    let noReplicas: String
    let quorum: String
    let state: String
    let generation: String
    let reach: String
    let covered: String
    let notCovered: String
    let questions: String
    let questionsIntro: String
    let residual: Residual
    let verify: String
    let verifyIntro: String
    let verifyTool: String
    let verifyPython: String
    let verifyShell: String
    let fingerprints: String
    let fingerprintIntro: String
    let key: String
    let logKey: String
    let logEntry: String
    let others: String
    let statement: String
    let statementIntro: String
    let yes: String
    let no: String
    let none: String
  }

  /// What is said about the analysts' store; `%` stands for a number.
  struct Residual {
    let title: String
    let nothingLeft: String
    let left: String
    let unique: String
    let group: String
    let noGroup: String
    let below: String
    let attributes: String
  }
}

internal import Keyring
internal import Transparency

/// One question that NIST SP 800-88 asks of a cryptographic erase, and this vault's answer.
///
/// - SeeAlso: NIST SP 800-88 Rev. 1 (2014) section 2.6 and appendix D, Rev. 2 (2025).
struct SanitizationAnswer {
  let question: String
  let answer: String
  let detail: String

  init(_ question: String, _ answer: String, _ detail: String) {
    self.question = question
    self.answer = answer
    self.detail = detail
  }

  var json: CanonicalJSON {
    get throws {
      try .members([
        ("question", .string(question)), ("answer", .string(answer)), ("detail", .string(detail)),
      ])
    }
  }
}

extension Vault {
  /// The answers for one erasure, in the order of the questions.
  func sanitization(_ outcome: ErasureOutcome) -> [SanitizationAnswer] {
    let facts = outcome.facts
    return [
      SanitizationAnswer(
        "encrypted_from_start", "yes",
        "every value was sealed before it was first written; no plaintext was ever on the medium"),
      SanitizationAnswer(
        "key_strength_bits", "256", "AES-256-GCM; keys by HKDF-SHA-256 from two keys of 256 bits"),
      SanitizationAnswer(
        "entropy_source", "kernel",
        "keys are drawn from OpenSSL's generator, which the kernel seeds; none is derived from "
          + "data"),
      SanitizationAnswer(
        "target_keys", "destroyed",
        "\(facts.subjectKeys) subject keys and \(facts.bucketKeys) bucket keys, zeroed in the key "
          + "tree; \(facts.verifiedUnreadable) were asked for again in vain"),
      SanitizationAnswer(
        "wrapping_keys", outcome.isFinal ? "destroyed" : "pending",
        "every node on the path has a fresh key; the secret of epoch \(facts.oldEpoch), on which "
          + "the old root depends, is \(outcome.isFinal ? "destroyed" : "kept until the due date")"),
      SanitizationAnswer(
        "all_copies", facts.replicas.allSatisfy { $0.state == "current" } ? "yes" : "see_detail",
        "older copies of the key store do not open without the old epoch's secret; "
          + "\(facts.replicas.count) current copies are kept, \(facts.custodians.count) custodians "
          + "gave a receipt"),
      SanitizationAnswer(
        "escrow", "none_for_epoch",
        "the unseal key may be escrowed or split; it opens nothing without an epoch secret, which "
          + "is never escrowed"),
      SanitizationAnswer("areas_addressed", "listed", outcome.covered.joined(separator: "; ")),
      SanitizationAnswer(
        "areas_not_addressed", "listed", outcome.notCovered.joined(separator: "; ")),
      SanitizationAnswer(
        "reversible", outcome.isFinal ? "no" : "until_due",
        outcome.isFinal
          ? "unless a copy of the epoch secret or of a key was taken before"
          : "with a copy of the key store from before, until the grace window is over"),
      SanitizationAnswer(
        "verification", "yes",
        "the slot was read back or asked again; destroyed keys were asked for; the log entry is "
          + "proved by the enclosed proof"),
    ]
  }
}

import Transparency

extension CanonicalJSON: ExpressibleByStringLiteral {
  init(stringLiteral text: String) { self = .string(text) }
}
extension CanonicalJSON: ExpressibleByIntegerLiteral {
  init(integerLiteral number: Int64) { self = .integer(number) }
}
extension CanonicalJSON: ExpressibleByBooleanLiteral {
  init(booleanLiteral flag: Bool) { self = .bool(flag) }
}
extension CanonicalJSON: ExpressibleByArrayLiteral {
  init(arrayLiteral values: CanonicalJSON...) { self = .array(values) }
}
extension CanonicalJSON: ExpressibleByDictionaryLiteral {
  init(dictionaryLiteral members: (String, CanonicalJSON)...) {
    guard let object = try? JSONObject(members.map { (key: $0.0, value: $0.1) }) else {
      preconditionFailure("a sample names a member twice")
    }
    self = .object(object)
  }
}

extension CanonicalJSON {
  /// The receipt of a custodian of a level.
  static func custodian(_ level: CanonicalJSON) -> CanonicalJSON {
    [
      "name": "hsm-1", "kind": "pkcs11", "method": "object_destroyed", "assurance": level,
      "time_ms": .integer(SampleStatement.final),
    ]
  }
}

/// Statements of certificates made by hand, one for each kind.
enum SampleStatement: String, CaseIterable {
  case person, expiry, rekey, index
  /// A person in the grace period.
  case pending
  /// As version 1 wrote it.
  case format1

  typealias Members = [String: CanonicalJSON]

  static let origin = "vault.example.org/audit"
  static let requested: Int64 = 1_795_513_445_453
  static let final: Int64 = 1_795_513_445_477
  static let day: Int64 = 86_400_000

  var members: Members {
    switch self {
    case .person: Self.personMembers
    case .expiry: Self.expiryMembers
    case .rekey: Self.rekeyMembers
    case .index: Self.indexMembers
    case .pending: Self.pendingMembers
    case .format1: Self.format1Members
    }
  }

  /// What every statement of format 2 has.
  private static let common: Members = [
    "lethe_certificate": 2, "vault": "6dd641a1884a27ffef8e1d7cbba66746", "origin": .string(origin),
    "reference": "C-2026-17", "state": "final", "requested_ms": .integer(requested),
    "final_ms": .integer(final), "assurance": "L1",
    "assurance_reasons": ["software_slot", "no_witness"], "buckets": [], "log_entry": 1,
    "custodians": [
      [
        "name": "slot", "kind": "file", "method": "overwritten_twice", "assurance": "L1",
        "time_ms": .integer(final),
      ]
    ],
    "replicas": ["quorum": 0, "members": []], "sanitization": sanitization,
    "resumed_after_interruption": false, "suppression_entries": 0,
    "identifiers_shared_with_others": 0, "covered": covered, "not_covered": notCovered,
  ]

  private static let covered: CanonicalJSON = [
    "every field of the subjects in every copy of vault.sqlite, of any age, including backups",
    "tokens of the subjects in every domain, which cannot be computed any more",
    "rows of the subjects in the match index, the token table and the analytics store of this vault",
  ]

  private static let notCovered: CanonicalJSON = [
    "copies of plaintext or keys made outside this vault before the erasure: memory dumps, swap, exports",
    "the sources the data came from, and recipients it was sent to",
    "remapped blocks below the file system: the slot is overwritten in software (L1)",
    "something that only a later vault knows of",
  ]

  private static let sanitization: CanonicalJSON = [
    [
      "question": "encrypted_from_start", "answer": "yes",
      "detail": "fields are sealed before they reach the disk",
    ],
    ["question": "key_strength_bits", "answer": "256", "detail": "AES-256-GCM, HMAC-SHA-256"],
    ["question": "entropy_source", "answer": "operating_system", "detail": "getrandom"],
    ["question": "target_keys", "answer": "subject_keys", "detail": "3 keys of subjects"],
    [
      "question": "wrapping_keys", "answer": "replaced",
      "detail": "the nodes above them and the root; the old epoch secret is destroyed",
    ],
    ["question": "all_copies", "answer": "yes", "detail": "1 of 1 custodians gave a receipt"],
    ["question": "escrow", "answer": "no", "detail": "the unseal key alone opens nothing"],
    ["question": "areas_addressed", "answer": "listed", "detail": "see what it reaches"],
    [
      "question": "areas_not_addressed", "answer": "listed",
      "detail": "see what it does not reach",
    ],
    ["question": "reversible", "answer": "no", "detail": ""],
    [
      "question": "verification", "answer": "done",
      "detail": "every destroyed key was asked for again and could not be had",
    ],
  ]

  /// The keys of a roll of the root, with what was destroyed below it.
  private static func keys(_ destroyed: Members) -> CanonicalJSON {
    let roll: Members = [
      "old_epoch": 1, "new_epoch": 2,
      "old_root_sha256": "3a3867b3e3305d9d9b4e000782f4319e6153e65deedd9066d37bbc55442c6147",
      "new_root_sha256": "51b5e2ad5fb39595e7f03bf164a857413b4ad615c189e4205c67f63e243510d4",
      "nodes_rekeyed": 3, "subject_keys": 0, "bucket_keys": 0, "index_keys": 0,
      "key_store_log_emptied": true, "verified_unreadable": 3,
    ]
    return object(roll.merging(destroyed) { $1 })
  }

  static func object(_ members: Members) -> CanonicalJSON {
    let pairs = members.map { (key: $0.key, value: $0.value) }
    return (try? JSONObject(pairs)).map { .object($0) } ?? .null
  }

  private static let personMembers = common.merging([
    "kind": "person", "subjects": 3, "generations": ["1": 2, "2": 1],
    "records": ["crm": 1, "web": 8],
    "stores": [
      "vault.sqlite": ["records": 9, "subjects": 3],
      "index.sqlite": ["matches": 11, "tokens": 4],
      "analytics.sqlite": ["profiles": 1, "events": 8],
    ],
    "keys": keys(["subject_keys": 3]), "suppression_entries": 8,
    "replicas": [
      "quorum": 2,
      "members": [
        ["name": "rack-a", "state": "current", "generation": 2],
        ["name": "rack-b", "state": "lagging", "generation": 1],
      ],
    ],
    "residual": [
      "profiles_left": 0, "events_left": 0, "smallest_group": 3, "groups_below_threshold": 1,
      "threshold": 20, "attributes": ["age_group", "country"],
    ],
  ]) { $1 }

  private static let expiryMembers = common.merging([
    "kind": "expiry", "reference": "retention-20000", "subjects": 0, "generations": [:],
    "buckets": [65_551, 65_552], "records": ["third_party_30d": 120],
    "stores": ["vault.sqlite": ["records": 120, "subjects": 0]], "keys": keys(["bucket_keys": 2]),
    "residual": [
      "profiles_left": 41, "events_left": 0, "groups_below_threshold": 0, "threshold": 20,
      "attributes": [],
    ],
  ]) { $1 }

  private static let rekeyMembers = common.merging([
    "kind": "rekey", "reference": "R-3", "subjects": 1, "generations": ["1": 1], "records": [:],
    "stores": [:], "keys": keys(["subject_keys": 1]),
  ]) { $1 }

  private static let indexMembers = common.merging([
    "kind": "index", "reference": "index-2", "subjects": 0, "generations": [:], "records": [:],
    "stores": ["index.sqlite": ["matches": 4200, "tokens": 0]], "keys": keys(["index_keys": 1]),
  ]) { $1 }

  /// In the grace period, with a device among the custodians and words of a later vault.
  private static let pendingMembers: Members = {
    var members = personMembers.merging([
      "state": "pending", "final_due_ms": .integer(final + 7 * day), "assurance": "L0",
      "assurance_reasons": ["pending", "moon_phase"],
      "custodians": [
        [
          "name": "hsm-1", "kind": "pkcs11", "method": "object_destroyed", "assurance": "L2",
          "time_ms": .integer(final),
        ],
        [
          "name": "desk", "kind": "command", "method": "melted", "assurance": "L1",
          "time_ms": .integer(final), "serial": "7<b>",
        ],
      ],
      "residual": [
        "profiles_left": 1, "events_left": 2, "smallest_group": 1, "groups_below_threshold": 2,
        "threshold": 20, "attributes": ["country"], "later": 5,
      ],
      "later_member": ["inner": "<script>alert('x')</script>"],
    ]) { $1 }
    members["final_ms"] = nil
    return members
  }()

  private static let format1Members: Members = {
    var members = personMembers
    for name in [
      "state", "assurance_reasons", "generations", "stores", "custodians", "replicas", "residual",
      "sanitization",
    ] { members[name] = nil }
    members["lethe_certificate"] = 1
    members["keys"] = keys(["slot": "alreadyAbsent,overwrittenTwice"])
    return members
  }()
}

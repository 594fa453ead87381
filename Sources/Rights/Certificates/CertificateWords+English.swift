extension CertificateWords {
  static let english = CertificateWords(
    fixed: englishFixed,
    titles: [
      "person": "Certificate of erasure", "expiry": "Certificate of expiry",
      "rekey": "Certificate of erasure of earlier values",
      "index": "Certificate of erasure of index keys",
    ],
    summaries: [
      "person":
        "The keys to the data of one person were destroyed. Without them nobody can read these data "
        + "again, neither in the vault nor in its backups, within the limits stated below.",
      "expiry":
        "The keys to data whose retention period was over were destroyed. Without them nobody can "
        + "read these data again, neither in the vault nor in its backups, within the limits stated below.",
      "rekey":
        "The keys to earlier values were destroyed after a correction, a withdrawal or the erasure "
        + "of single fields. What is still valid was sealed under new keys; the earlier values cannot be "
        + "read again, within the limits stated below.",
      "index":
        "The keys of the search index were destroyed and the index was made anew. The codes in older "
        + "copies of the index can no longer be computed from anybody's data, within the limits stated below.",
    ],
    levels: [
      "L0":
        "The rows were deleted. Nothing shows that no copy of the keys is left, so the data may still "
        + "be readable in a backup.",
      "L1":
        "The root key was replaced and the old secret was overwritten by software. This does not hold "
        + "where the storage kept an older version of the block, or where someone copied the secret before.",
      "L2":
        "The old secret was destroyed in hardware made to keep keys, and every custodian gave a receipt.",
      "L3": "As L2, and an independent witness has countersigned the log that records it.",
    ],
    reasons: [
      "software_slot": "the secret was kept in a file and not in hardware",
      "weak_file_system": "the file system may keep earlier versions of what is overwritten",
      "no_hardware_flag": "the device does not state that it keeps the key in hardware",
      "no_witness": "no independent witness has countersigned the log",
      "pending": "the old secret is still kept until the grace period ends",
      "not_reached": "a keeper of the secret could not be asked what it is worth",
      "receipt_lost": "a keeper had destroyed the secret before; its receipt is not at hand",
    ],
    keys: [
      "subject_keys": "keys of subjects", "bucket_keys": "keys of retention days",
      "index_keys": "keys of the search index", "nodes_rekeyed": "nodes of the key tree renewed",
      "verified_unreadable": "destroyed keys asked for afterwards, and not to be had",
      "key_store_log_emptied": "write-ahead log of the key store emptied",
      "slot": "how the old secret was destroyed", "old_epoch": "epoch ended",
      "new_epoch": "epoch begun", "old_root_sha256": "SHA-256 of the old root",
      "new_root_sha256": "SHA-256 of the new root",
    ],
    counts: [
      "subjects": "Subjects",
      "suppression_entries": "Codes kept so that the person does not come back",
      "identifiers_shared_with_others": "Identifiers not blocked, because other people share them",
      "resumed_after_interruption": "Resumed after an interruption",
    ],
    stores: [
      "records": "records", "subjects": "subjects", "matches": "search entries", "tokens": "tokens",
      "profiles": "profiles", "events": "events",
    ],
    custodianKinds: [
      "file": "file", "pkcs11": "key device (PKCS #11)", "command": "external program",
    ],
    methods: [
      "overwritten_twice": "overwritten twice in place",
      "overwrittenTwice": "overwritten twice in place",
      "object_destroyed": "key object destroyed in the device",
      "already_absent": "no longer there when asked", "alreadyAbsent": "no longer there when asked",
    ],
    replicaStates: [
      "current": "has the new keys", "lagging": "still has older keys", "missing": "did not answer",
    ],
    questions: [
      "encrypted_from_start": "Were all data encrypted before they were first stored?",
      "key_strength_bits": "How strong are the keys, in bits?",
      "entropy_source": "Where does the randomness of the keys come from?",
      "target_keys": "Which keys were destroyed?",
      "wrapping_keys": "Which keys protect those keys, and what happened to them?",
      "all_copies": "Were all copies of the keys destroyed?",
      "escrow": "Is a copy of the keys deposited with anyone?",
      "areas_addressed": "Which areas does the erasure reach?",
      "areas_not_addressed": "Which areas does it not reach?",
      "reversible": "Can it be undone?", "verification": "How was the result checked?",
    ],
    answers: [
      "yes": "Yes", "no": "No", "none": "None", "unknown": "Not known", "partly": "Partly",
      "done": "Done", "listed": "As listed", "replaced": "Replaced", "destroyed": "Destroyed",
      "operating_system": "Operating system", "subject_keys": "Keys of subjects",
      "bucket_keys": "Keys of retention days", "index_keys": "Keys of the search index",
      "kernel": "The operating system's kernel", "none_for_epoch": "None of what is destroyed",
      "see_detail": "Not all", "pending": "Not yet", "until_due": "Yes, until the due date",
    ],
    sentences: [:])

  private static let englishFixed = Fixed(
    reference: "Reference", vault: "Vault", log: "Log", requested: "Requested",
    finalSince: "Final since", finalDue: "Final at the latest on", isFinal: "Final",
    isPending: "Not final yet",
    pendingText:
      "The old secret is still kept for a grace period. Until it is destroyed, an older backup of the "
      + "keys could bring the data back. Ask for the final certificate after the date above.",
    level: "Level of assurance", reasons: "Why not higher", destroyed: "What was destroyed",
    records: "Records",
    generations: "Subject keys destroyed, by generation",
    buckets: "Retention days (numbers)",
    store: "Where",
    count: "Deleted",
    keys: "Keys",
    custodians: "Who kept the secret, and their receipts",
    custodiansIntro:
      "Everyone who kept the old secret has to destroy it before the erasure is final.",
    noCustodians: "The certificate names no custodian.", name: "Name", kind: "Kind",
    method: "What was done", time: "When (UTC)", replicas: "Copies of the key store",
    noReplicas: "There is one key store without copies.",
    quorum: "Copies that had to have the new keys first", state: "State", generation: "Generation",
    reach: "What the erasure reaches, and what it does not", covered: "It reaches",
    notCovered: "It does not reach", questions: "Questions on cryptographic erasure",
    questionsIntro: "The questions follow NIST SP 800-88, the guideline for erasing storage media.",
    residual: Residual(
      title: "What analysts still hold",
      nothingLeft: "The analysts’ store holds no profile and no event of the person any more.",
      left: "The analysts’ store still holds profiles: %1, events: %2.",
      unique:
        "Before the erasure the profile was the only one of its kind. A copy that an analyst took "
        + "earlier could be recognised by anyone who knows these attributes of the person.",
      group:
        "Before the erasure at least % profiles looked exactly alike. The smaller this group, the "
        + "easier it is to recognise the person in a copy that an analyst took earlier.",
      noGroup: "No group was measured: the person had no profile there.",
      below: "Groups smaller than the threshold of %2: %1",
      attributes: "Attributes that analysts could see"),
    verify: "How to verify this certificate",
    verifyIntro:
      "This page is for reading and is not signed. The evidence is the file named below with the "
      + "files beside it. Anyone can verify it without the vault and without a network, in one of three ways:",
    verifyTool: "with the program of the vault",
    verifyPython: "with the auditor’s kit, plain Python",
    verifyShell: "with OpenSSL alone", fingerprints: "Fingerprints of the keys",
    fingerprintIntro:
      "Compare them with fingerprints you have on another way, such as on paper or in a contract. They "
      + "are those of the key files: sha256sum certificates.vkey log.vkey",
    key: "Key of certificates", logKey: "Key of the log", logEntry: "Entry of the log",
    others: "Further statements", statement: "The signed statement",
    statementIntro: "To the letter. SHA-256 of the signed bytes:",
    yes: "yes",
    no: "no",
    none: "none")
}

/// What an operator can ask of the vault besides reading a field; the ids of the policy's actions.
public enum Operation: String, Sendable, CaseIterable {
  case ingest, find, tokenise, unify, project
  case countSegment = "count_segment"
  case access, rectify, erase, withdraw, expire
  case readLog = "read_log"
  case publishLog = "publish_log"
  case pruneLog = "prune_log"
  case manageHoneytokens = "manage_honeytokens"
  case manageDomains = "manage_domains"
  case rebuildIndex = "rebuild_index"
  case backUp = "back_up"
  case restore
  case manageKeys = "manage_keys"
  case status

  /// What the operation does, to follow "may" in a message.
  public var phrase: String {
    switch self {
    case .ingest: "ingest records"
    case .find: "find persons"
    case .tokenise: "issue tokens"
    case .unify: "unify persons"
    case .project: "project into the analytics store"
    case .countSegment: "count segments"
    case .access: "answer access requests"
    case .rectify: "rectify data"
    case .erase: "erase persons"
    case .withdraw: "record withdrawn consent"
    case .expire: "expire data"
    case .readLog: "read the log"
    case .publishLog: "publish the log"
    case .pruneLog: "prune the log"
    case .manageHoneytokens: "manage honeytokens"
    case .manageDomains: "manage token domains"
    case .rebuildIndex: "rebuild the match index"
    case .backUp: "back the vault up"
    case .restore: "restore the vault"
    case .manageKeys: "manage the keys"
    case .status: "see the status"
    }
  }
}

internal import Sealing

/// What a custodian answered to one request.
struct CustodianReply {
  /// What a custodian says about itself.
  struct Keeper: Equatable {
    let kind: SlotKind
    let assurance: AssuranceLevel
    let weakness: String?
  }

  /// Which lines an answer may have besides the first two and the last.
  enum Kind: String {
    case none
    case epoch
    case resting
    case receipt
  }

  /// Says why an answer is not taken.
  struct Refusal: Error {
    let code: KeyringError.Code
    let reason: String

    static func malformed(_ reason: String) -> Refusal {
      Refusal(code: .unavailable, reason: reason)
    }
  }

  private static let maximumWeaknessByteCount = 32

  let keeper: Keeper
  var live: [EpochSecret] = []
  var resting: [RestingEpoch] = []
  var receipts: [(epoch: UInt64, method: SlotReceipt.Method)] = []

  /// Parses an answer.
  ///
  /// - Throws: ``Refusal`` for one that is malformed or reports an error.
  init(_ bytes: consuming SecretBytes, expecting kind: Kind) throws {
    var lines = SecretLines(bytes)
    guard let head = lines.next(), CustodianMessage.text(lines, head) == CustodianMessage.version
    else { throw Refusal.malformed("it does not speak `\(CustodianMessage.version)`") }
    let first = lines.next()
    try Self.stopAtError(first, lines)
    guard let words = first, let keeper = Self.keeper(words, lines) else {
      throw Refusal.malformed("it does not say what it is")
    }
    self.keeper = keeper
    while let words = lines.next() {
      try Self.stopAtError(words, lines)
      if words.count == 1, lines.text(words[0]) == "ok" {
        guard lines.isAtEnd else { throw Refusal.malformed("it goes on after `ok`") }
        try requireOrder()
        return
      }
      guard lines.text(words[0]) == kind.rawValue, try take(words, lines, kind) else {
        throw Refusal.malformed("it answers with a line that is not known here")
      }
    }
    throw Refusal.malformed("its answer breaks off")
  }
}

extension CustodianReply {
  private mutating func take(
    _ words: [Range<Int>], _ lines: borrowing SecretLines, _ kind: Kind
  ) throws -> Bool {
    let counts: [Kind: Int] = [.epoch: 3, .resting: 4, .receipt: 3]
    guard words.count == counts[kind], let epoch = CustodianMessage.epoch(lines.text(words[1]))
    else { return false }
    switch kind {
    case .none: return false
    case .receipt:
      guard let method = SlotReceipt.Method(rawValue: lines.text(words[2])) else { return false }
      receipts.append((epoch, method))
    case .epoch:
      guard let secret = try lines.secret(words[2]) else { return false }
      live.append(EpochSecret(epoch: epoch, secret: try secret.bytes.copy()))
    case .resting:
      guard let until = CustodianMessage.time(lines.text(words[2])),
        let secret = try lines.secret(words[3])
      else { return false }
      resting.append(
        RestingEpoch(
          secret: EpochSecret(epoch: epoch, secret: try secret.bytes.copy()),
          untilUnixSeconds: until))
    }
    return true
  }

  private func requireOrder() throws {
    for epochs in [live.map(\.epoch), resting.map(\.secret.epoch)] {
      guard zip(epochs, epochs.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw Refusal.malformed("its epochs are not in ascending order")
      }
    }
    guard live.count <= FileEpochSlot.liveSectorCount,
      resting.count <= FileEpochSlot.maximumRestingCount, receipts.count <= 1
    else { throw Refusal.malformed("it answers with more than a slot can hold") }
  }

  private static func stopAtError(_ words: [Range<Int>]?, _ lines: borrowing SecretLines) throws {
    guard let words, lines.text(words[0]) == "error", words.count >= 2 else { return }
    let code: KeyringError.Code =
      switch lines.text(words[1]) {
      case KeyringError.Code.limit.rawValue: .limit
      case KeyringError.Code.wrongSlot.rawValue: .wrongSlot
      default: .unavailable
      }
    let text = CustodianMessage.text(lines, Array(words.dropFirst(2)))
    throw Refusal(code: code, reason: "it answers: \(CustodianMessage.shown(text))")
  }

  private static func keeper(_ words: [Range<Int>], _ lines: borrowing SecretLines) -> Keeper? {
    guard words.count == 4, lines.text(words[0]) == "custodian",
      let kind = SlotKind(rawValue: lines.text(words[1])),
      let level = Int(lines.text(words[2])), let assurance = AssuranceLevel(rawValue: level)
    else { return nil }
    let weakness = lines.text(words[3])
    let isCode = weakness.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
    guard
      weakness == CustodianMessage.nothing
        || isCode && (1...maximumWeaknessByteCount).contains(weakness.utf8.count)
    else { return nil }
    // No file is worth more than a file, whatever its keeper says; a witness is no slot's affair.
    let cap: AssuranceLevel = kind == .file ? .l1 : .l2
    return Keeper(
      kind: kind, assurance: min(assurance, cap),
      weakness: weakness == CustodianMessage.nothing ? nil : weakness)
  }
}

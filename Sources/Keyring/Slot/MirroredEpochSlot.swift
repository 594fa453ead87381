internal import Sealing

/// Keeps the epoch secret with several custodians at once; each must destroy it.
///
/// The custodians hold the same secret, so that losing one loses no data. Ending an epoch takes a
/// receipt of every one of them: what one of them kept would open the old copies of the key store.
public struct MirroredEpochSlot: EpochSlot {
  private let members: [any EpochSlot]

  /// Joins custodians; the first is read first.
  ///
  /// - Parameter members: At least one.
  public init(_ members: [any EpochSlot]) {
    precondition(!members.isEmpty, "a slot has a custodian")
    self.members = members
  }

  /// Everyone who keeps the secret.
  public var custodians: [SlotCustodian] { members.flatMap(\.custodians) }
  /// The files of all custodians.
  public var paths: [String] { members.flatMap(\.paths) }

  /// Reads the live epochs of all custodians that answer.
  ///
  /// - Throws: What the first custodian said, when none answers; ``KeyringError`` `.wrongSlot` when
  ///   two of them hold different secrets of one epoch.
  public func read() throws -> [EpochSecret] {
    try union({ try $0.read() }, secret: { $0 })
  }

  /// Reads the resting epochs of all custodians that answer.
  public func resting() throws -> [RestingEpoch] {
    try union({ try $0.resting() }, secret: \.secret)
  }

  /// Hands the next secret to every custodian; one that has it already is passed over.
  public func prepare(_ next: EpochSecret) throws {
    for member in members {
      let known = try answer(of: member) { try member.read() }
      if known.contains(where: { $0.epoch == next.epoch }) { continue }
      try answer(of: member) { try member.prepare(next) }
    }
  }

  /// Lets every custodian's copy rest.
  public func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
    for member in members {
      try answer(of: member) { try member.rest(epoch, untilUnixSeconds: untilUnixSeconds) }
    }
  }

  /// Makes every custodian destroy its copy.
  ///
  /// All are asked, also after one has failed: fewer copies are better than more.
  ///
  /// - Throws: ``KeyringError`` `.unavailable` naming the first custodian without a receipt.
  public func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
    var receipts: [SlotReceipt] = []
    var failure: (any Error)?
    for member in members {
      do {
        receipts += try answer(of: member) {
          try member.retire(epoch, unixSeconds: unixSeconds)
        }
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return receipts
  }

  /// Cleans every custodian that answers.
  public func sweep() throws {
    for member in members { try answer(of: member) { try member.sweep() } }
  }

  /// Puts a custodian's failure into words that name it.
  private func answer<T>(of member: any EpochSlot, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as KeyringError where error.code != .limit && error.code != .wrongSlot {
      let name = member.custodians.first?.name ?? "?"
      throw KeyringError(
        .unavailable, "custodian `\(name)` of the epoch secret does not answer: \(error.message)")
    }
  }

  private func union<T>(
    _ read: (any EpochSlot) throws -> [T], secret: (T) -> EpochSecret
  ) throws -> [T] {
    var found: [T] = []
    var failure: (any Error)?
    var answered = false
    for member in members {
      do {
        for item in try answer(of: member, { try read(member) }) {
          let epoch = secret(item).epoch
          guard let known = found.first(where: { secret($0).epoch == epoch }) else {
            found.append(item)
            continue
          }
          guard secret(known).secret.isEqual(to: secret(item).secret) else {
            throw KeyringError(
              .wrongSlot,
              "the custodians hold different secrets of epoch \(epoch); one of them was put back "
                + "from a copy")
          }
        }
        answered = true
      } catch let error as KeyringError where error.code == .unavailable {
        failure = failure ?? error
      }
    }
    if !answered, let failure { throw failure }
    return found.sorted { secret($0).epoch < secret($1).epoch }
  }
}

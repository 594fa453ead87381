public import Sealing
internal import Synchronization

/// Keeps the epoch secret with another program, usually on another host.
///
/// Every call runs the command once, such as
/// `ssh custodian@host lethe keys custodian /secure/slot`, and speaks the custodian protocol over
/// its standard streams. The secret crosses them in the clear: the command has to see to an
/// encrypted channel, as ssh does. Nothing tells a custodian that lies from an honest one: its
/// receipts are what it says, and a file is never worth more than ``AssuranceLevel/l1``.
///
/// - SeeAlso: `docs/format.md#custodian-protocol`.
public final class CommandEpochSlot: EpochSlot {
  /// How long one call may take, in seconds.
  public static let timeoutSeconds = 30
  /// Most words of a command.
  public static let maximumWordCount = 64
  /// Code of a custodian that has not answered yet.
  static let notReached = "not_reached"

  /// No files on this host.
  public var paths: [String] { [] }

  private let name: String
  private let command: [String]
  private let vault: VaultID
  private let timeout: Duration
  private let keeper = Mutex<CustodianReply.Keeper?>(nil)

  /// Names a custodian; nothing happens before the first use.
  ///
  /// - Parameters:
  ///   - command: The program and its arguments; no shell looks at them.
  ///   - name: What receipts call the custodian; the command's words if nil.
  ///   - vault: The vault.
  /// - Throws: ``KeyringError`` `.limit` for no word at all or too many of them.
  public convenience init(command: [String], name: String? = nil, vault: VaultID) throws {
    try self.init(
      command: command, name: name, vault: vault, timeout: .seconds(Self.timeoutSeconds))
  }

  init(command: [String], name: String? = nil, vault: VaultID, timeout: Duration) throws {
    guard (1...Self.maximumWordCount).contains(command.count), !command[0].isEmpty else {
      throw KeyringError(
        .limit, "a custodian's command has 1 to \(Self.maximumWordCount) words, its program first")
    }
    self.name = name ?? command.joined(separator: " ")
    self.command = command
    self.vault = vault
    self.timeout = timeout
  }

  /// The custodian as it described itself last; worth nothing until it has answered.
  public var custodians: [SlotCustodian] {
    let keeper = keeper.withLock { $0 }
    return [
      SlotCustodian(
        name: name, kind: .command, assurance: keeper?.assurance ?? .l0,
        weakness: keeper.map(\.weakness) ?? Self.notReached)
    ]
  }

  /// Asks for the live epochs.
  public func read() throws -> [EpochSecret] {
    try ask(.read, .epoch).live
  }

  /// Asks for the resting epochs.
  public func resting() throws -> [RestingEpoch] {
    try ask(.resting, .resting).resting
  }

  /// Hands over the secret of the next epoch.
  public func prepare(_ next: EpochSecret) throws {
    _ = try ask(.prepare(next), .none)
  }

  /// Lets an epoch rest there.
  public func rest(_ epoch: UInt64, untilUnixSeconds: Int64) throws {
    _ = try ask(.rest(epoch: epoch, untilUnixSeconds: untilUnixSeconds), .none)
  }

  /// Has an epoch destroyed there.
  ///
  /// - Returns: What the custodian attests.
  public func retire(_ epoch: UInt64, unixSeconds: Int64) throws -> [SlotReceipt] {
    let reply = try ask(.retire(epoch: epoch, unixSeconds: unixSeconds), .receipt)
    guard let receipt = reply.receipts.first, receipt.epoch == epoch else {
      throw unavailable("it gives no receipt for epoch \(epoch)")
    }
    return [
      SlotReceipt(
        custodian: SlotCustodian(
          name: name, kind: .command, assurance: reply.keeper.assurance,
          weakness: reply.keeper.weakness),
        epoch: epoch, method: receipt.method, unixSeconds: unixSeconds)
    ]
  }

  /// Has remains destroyed there.
  public func sweep() throws {
    _ = try ask(.sweep, .none)
  }
}

extension CommandEpochSlot {
  private func ask(
    _ request: CustodianMessage.Request, _ kind: CustodianReply.Kind
  ) throws -> CustodianReply {
    do {
      var process = try CustodianProcess(command, request: request.encode(for: vault))
      let (said, status) = try process.finish(
        limit: CustodianMessage.maximumReplyByteCount, within: timeout)
      guard said.bytes.count > 0 else {
        throw unavailable("its program says nothing and ends with status \(status)")
      }
      let reply = try CustodianReply(said.bytes.copy(), expecting: kind)
      guard status == 0 else { throw unavailable("its program ends with status \(status)") }
      keeper.withLock { $0 = reply.keeper }
      return reply
    } catch let failure as CustodianProcess.Failure {
      throw unavailable(failure.reason)
    } catch let refusal as CustodianReply.Refusal {
      throw KeyringError(refusal.code, "custodian `\(name)`: \(refusal.reason)")
    }
  }

  private func unavailable(_ reason: String) -> KeyringError {
    KeyringError(.unavailable, "custodian `\(name)`: \(reason)")
  }
}

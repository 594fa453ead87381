public import Transparency

/// Answers the requests of C2SP tlog-witness, whatever carries them.
public struct WitnessService: Sendable {
  private static let digestSuffix = "/checkpoint"
  private static let text = "text/plain; charset=utf-8"

  private let ledger: WitnessLedger
  private let now: @Sendable () -> UInt64
  private let notice: @Sendable (String) -> Void

  /// Sets up a service.
  ///
  /// - Parameters:
  ///   - ledger: What the witness has cosigned.
  ///   - now: The time, in POSIX seconds.
  ///   - notice: Gets a lower-case sentence about what the operator should know.
  public init(
    _ ledger: WitnessLedger, now: @escaping @Sendable () -> UInt64,
    notice: @escaping @Sendable (String) -> Void
  ) {
    self.ledger = ledger
    self.now = now
    self.notice = notice
  }

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - method: The method, such as `POST`.
  ///   - path: The path, without a query.
  ///   - body: The body.
  /// - Returns: The reply; a failure of the witness is a status from 500 on, and a notice.
  public func answer(method: String, path: String, body: [UInt8]) -> WitnessReply {
    do {
      switch method {
      case "POST" where path == AddCheckpointRequest.pathSuffix: return try add(body)
      case "GET" where path.hasPrefix("/") && path.hasSuffix(Self.digestSuffix):
        let digest = String(path.dropFirst().dropLast(Self.digestSuffix.count))
        guard let note = try ledger.note(digest: digest) else { return Self.refusal(404) }
        return WitnessReply(status: 200, contentType: Self.text, body: note)
      default: return Self.refusal(404)
      }
    } catch {
      let known = error as? WitnessError
      notice(known?.message ?? "a request failed for an unforeseen reason")
      return Self.refusal(known?.code == .unavailable ? 503 : 500)
    }
  }

  /// The reply to a body that is longer than the limit.
  static var tooLong: WitnessReply { refusal(413) }

  private func add(_ body: [UInt8]) throws -> WitnessReply {
    guard let request = try? AddCheckpointRequest(encoded: body) else { return Self.refusal(400) }
    let verdict = try ledger.answer(request, timeSeconds: now())
    if let sentence = verdict.notice { notice(sentence) }
    return verdict.answer.reply ?? Self.refusal(500)
  }

  private static func refusal(_ status: Int) -> WitnessReply {
    WitnessReply(status: status, contentType: text, body: [])
  }
}

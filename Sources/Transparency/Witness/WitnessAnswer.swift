/// What came back over the wire, not yet understood.
public struct WitnessReply: Hashable, Sendable {
  /// The status code.
  public let status: Int
  /// The content type; empty when there was none.
  public let contentType: String
  /// The body.
  public let body: [UInt8]

  /// Takes the parts of a reply.
  ///
  /// - Parameters:
  ///   - status: The status code.
  ///   - contentType: The content type; empty when there was none.
  ///   - body: The body.
  public init(status: Int, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}

/// What a witness says to `add-checkpoint`.
///
/// Reading verifies nothing: a cosignature is a claim until it is held against the checkpoint and
/// the witness's key.
public enum WitnessAnswer: Hashable, Sendable {
  /// Longest body in bytes.
  public static let byteCountMaximum = 64 * 1024
  /// Content type of a conflict.
  public static let sizeContentType = "text/x.tlog.size"

  /// It cosigned; the lines it gave.
  case cosignatures([NoteSignature])
  /// The size of the tree it cosigned last is another one.
  case conflict(size: Int)
  /// It refused, with a status code.
  case refused(status: Int)
  /// It said something that is no answer.
  case malformed

  /// Reads an answer.
  ///
  /// - Parameter reply: What came back.
  public init(_ reply: WitnessReply) {
    guard reply.body.count <= Self.byteCountMaximum else {
      self = .malformed
      return
    }
    self =
      switch reply.status {
      case 200: Self.cosignatures(in: reply.body)
      case 409: Self.conflict(in: reply)
      case 100..<600: .refused(status: reply.status)
      default: .malformed
      }
  }

  /// The answer as a witness gives it; nil for what a witness cannot mean to say.
  public var reply: WitnessReply? {
    switch self {
    case .cosignatures(let lines):
      WitnessReply(
        status: 200, contentType: "text/plain; charset=utf-8",
        body: lines.flatMap { Array($0.line.utf8) })
    case .conflict(let size):
      WitnessReply(
        status: 409, contentType: Self.sizeContentType, body: Array("\(size)\n".utf8))
    case .refused(let status):
      WitnessReply(status: status, contentType: "text/plain; charset=utf-8", body: [])
    case .malformed: nil
    }
  }

  private static func cosignatures(in body: [UInt8]) -> WitnessAnswer {
    guard let lines = TextBytes.lines(body[...]),
      lines.count <= SignedNote.signatureCountMaximum
    else { return .malformed }
    let signatures = lines.compactMap { try? NoteSignature(line: $0) }
    return signatures.count == lines.count ? .cosignatures(signatures) : .malformed
  }

  private static func conflict(in reply: WitnessReply) -> WitnessAnswer {
    let type = reply.contentType.prefix { $0 != ";" && $0 != " " }
    guard type.lowercased() == sizeContentType, let lines = TextBytes.lines(reply.body[...]),
      lines.count == 1, let size = TextBytes.decimal(lines[0])
    else { return .malformed }
    return .conflict(size: size)
  }
}

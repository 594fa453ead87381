internal import Foundation
public import Sealing

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The custodian's side: answers one request about an epoch slot that lies here.
///
/// - SeeAlso: `docs/format.md#custodian-protocol`.
public enum CustodianServer {
  /// How long a request may take to arrive, in seconds.
  public static let timeoutSeconds = 30

  /// Reads one request and answers it.
  ///
  /// - Parameters:
  ///   - input: Descriptor the request comes from.
  ///   - output: Descriptor the answer goes to; nothing else may be written there.
  ///   - open: Opens the slot for the vault that the request names.
  /// - Returns: Whether the request was fulfilled; the answer has gone out in any case.
  /// - Throws: ``KeyringError`` `.unavailable` when the answer cannot be written.
  @discardableResult
  public static func serve(
    input: Int32, output: Int32, open: (VaultID) throws -> any EpochSlot
  ) throws -> Bool {
    var answer: HeldText
    var isFulfilled = true
    do {
      answer = try fulfil(receive(input), open)
    } catch {
      isFulfilled = false
      answer = try refusal(error)
    }
    try send(answer, output)
    return isFulfilled
  }
}

extension CustodianServer {
  private static func fulfil(
    _ bytes: HeldText, _ open: (VaultID) throws -> any EpochSlot
  ) throws -> HeldText {
    guard let (vault, request) = try CustodianMessage.Request.decode(bytes.bytes.copy()) else {
      throw KeyringError(
        .unavailable, "the request is not one of `\(CustodianMessage.version)`")
    }
    let slot = try open(vault)
    var body = try SecretText(capacity: CustodianMessage.maximumReplyByteCount)
    try body.append("\(CustodianMessage.version)\n")
    // What the slot is worth may be known only after it was used.
    let keeper = { () throws -> String in
      guard let keeper = slot.custodians.min(by: { $0.assurance < $1.assurance }) else {
        throw KeyringError(.unavailable, "the slot has no keeper")
      }
      return "custodian \(keeper.kind.rawValue) \(keeper.assurance.rawValue) "
        + "\(keeper.weakness ?? CustodianMessage.nothing)\n"
    }
    switch request {
    case .read:
      let live = try slot.read()
      try body.append(keeper())
      for epoch in live { try append(epoch, "epoch \(epoch.epoch) ", &body) }
    case .resting:
      let resting = try slot.resting()
      try body.append(keeper())
      for epoch in resting {
        let head = "resting \(epoch.secret.epoch) \(epoch.untilUnixSeconds) "
        try append(epoch.secret, head, &body)
      }
    case .prepare(let next):
      try slot.prepare(next)
      try body.append(keeper())
    case .rest(let epoch, let until):
      try slot.rest(epoch, untilUnixSeconds: until)
      try body.append(keeper())
    case .retire(let epoch, let now):
      let receipts = try slot.retire(epoch, unixSeconds: now)
      try body.append(keeper())
      let method = receipts.first { $0.method != .alreadyAbsent }?.method ?? .alreadyAbsent
      try body.append("receipt \(epoch) \(method.rawValue)\n")
    case .sweep:
      try slot.sweep()
      try body.append(keeper())
    }
    try body.append("ok\n")
    return HeldText(try body.content())
  }

  private static func append(
    _ epoch: EpochSecret, _ head: String, _ body: inout SecretText
  ) throws {
    try body.append(head)
    try body.append(hexadecimal: epoch.secret)
    try body.append("\n")
  }

  private static func refusal(_ error: any Error) throws -> HeldText {
    let error = error as? KeyringError ?? KeyringError(.storage, "the custodian fails")
    let line = "error \(error.code.rawValue) \(CustodianMessage.shown(error.message))\n"
    return HeldText(
      try SecretBytes(copying: Array("\(CustodianMessage.version)\n\(line)".utf8)))
  }

  /// Reads up to the end of the third line.
  private static func receive(_ input: Int32) throws -> HeldText {
    let deadline = ContinuousClock.now + .seconds(timeoutSeconds)
    var buffer = try SecretBytes(zeroCount: CustodianMessage.maximumRequestByteCount)
    var (count, lineCount) = (0, 0)
    while lineCount < 3, count < buffer.count {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      var request = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      guard left > 0, unsafe poll(&request, 1, Int32(left.rounded(.up))) != 0 else {
        throw KeyringError(.unavailable, "the request does not arrive")
      }
      let start = count
      let got = unsafe buffer.withUnsafeMutableBytes { bytes in
        let got = unsafe Foundation.read(
          input, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
        let new = unsafe bytes[start..<start + max(got, 0)]
        unsafe lineCount += new.count { $0 == UInt8(ascii: "\n") }
        return got
      }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      count += got
    }
    return HeldText(try buffer.slice(0..<count))
  }

  private static func send(_ answer: HeldText, _ output: Int32) throws {
    var sent = 0
    while sent < answer.bytes.count {
      let start = sent
      let done = unsafe answer.bytes.withUnsafeBytes { bytes in
        unsafe Foundation.write(
          output, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
      }
      if done < 0, errno == EINTR { continue }
      guard done > 0 else {
        throw KeyringError(.unavailable, "the answer to the vault cannot be written")
      }
      sent += done
    }
  }
}

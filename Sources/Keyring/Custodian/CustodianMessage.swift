internal import Sealing

/// The words of the protocol between a vault and the custodian of its epoch secret.
///
/// A call is one run of the custodian's program: three lines go in, the version, the vault and the
/// request; a few lines come out, of which the last one is `ok` or `error`.
///
/// - SeeAlso: `docs/format.md#custodian-protocol`.
enum CustodianMessage {
  static let version = "lethe-custodian 1"
  /// Longest request in bytes.
  static let maximumRequestByteCount = 512
  /// Longest reply in bytes.
  static let maximumReplyByteCount = 65_536
  /// Longest text of an error in bytes.
  static let maximumErrorByteCount = 200
  /// Stands for a weakness that is not there.
  static let nothing = "-"

  /// What a vault asks for.
  enum Request {
    case read
    case resting
    case prepare(EpochSecret)
    case rest(epoch: UInt64, untilUnixSeconds: Int64)
    case retire(epoch: UInt64, unixSeconds: Int64)
    case sweep

    /// Writes the three lines.
    func encode(for vault: VaultID) throws -> SecretBytes {
      var text = try SecretText(capacity: maximumRequestByteCount)
      try text.append("\(version)\nvault \(vault.rawBytes.hexadecimal)\n")
      switch self {
      case .read: try text.append("read\n")
      case .resting: try text.append("resting\n")
      case .sweep: try text.append("sweep\n")
      case .rest(let epoch, let until): try text.append("rest \(epoch) \(until)\n")
      case .retire(let epoch, let now): try text.append("retire \(epoch) \(now)\n")
      case .prepare(let next):
        try text.append("prepare \(next.epoch) ")
        try text.append(hexadecimal: next.secret)
        try text.append("\n")
      }
      return try text.content()
    }

    /// Reads the three lines; nil for anything else.
    static func decode(_ bytes: consuming SecretBytes) throws -> (vault: VaultID, request: Request)?
    {
      var lines = SecretLines(bytes)
      guard let head = lines.next(), text(lines, head) == version,
        let place = lines.next(), place.count == 2, lines.text(place[0]) == "vault",
        let raw = [UInt8](hexadecimal: lines.text(place[1])),
        let vault = try? VaultID(rawBytes: raw), let words = lines.next(), lines.isAtEnd,
        let request = try request(words, lines)
      else { return nil }
      return (vault, request)
    }

    private static func request(
      _ words: [Range<Int>], _ lines: borrowing SecretLines
    ) throws -> Request? {
      switch (lines.text(words[0]), words.count) {
      case ("read", 1): return .read
      case ("resting", 1): return .resting
      case ("sweep", 1): return .sweep
      case ("prepare", 3):
        guard let epoch = epoch(lines.text(words[1])), let secret = try lines.secret(words[2])
        else { return nil }
        return .prepare(EpochSecret(epoch: epoch, secret: try secret.bytes.copy()))
      case ("rest", 3):
        guard let epoch = epoch(lines.text(words[1])), let until = time(lines.text(words[2]))
        else { return nil }
        return .rest(epoch: epoch, untilUnixSeconds: until)
      case ("retire", 3):
        guard let epoch = epoch(lines.text(words[1])), let now = time(lines.text(words[2]))
        else { return nil }
        return .retire(epoch: epoch, unixSeconds: now)
      default: return nil
      }
    }
  }

  /// A line as one text; for lines without a secret.
  static func text(_ lines: borrowing SecretLines, _ words: [Range<Int>]) -> String {
    guard let first = words.first, let last = words.last else { return "" }
    return lines.text(first.lowerBound..<last.upperBound)
  }

  /// Reads the number of an epoch, in its one form.
  static func epoch(_ word: String) -> UInt64? {
    guard let epoch = UInt64(word), epoch > 0, epoch <= UInt64(Int64.max), String(epoch) == word
    else { return nil }
    return epoch
  }

  /// Reads a time, in its one form.
  static func time(_ word: String) -> Int64? {
    Int64(word).flatMap { String($0) == word ? $0 : nil }
  }

  /// Keeps of a foreign text what can be shown: printable ASCII, not too much of it.
  static func shown(_ text: String) -> String {
    String(
      decoding: text.utf8.prefix(maximumErrorByteCount).map {
        (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?")
      }, as: UTF8.self)
  }
}

/// Finds the members every event has in canonical bytes, in one pass.
struct EventScan {
  /// Whether the bytes are the canonical form of an event at an index.
  let isEvent: Bool
  /// Whether the event says that entries were pruned.
  let isPruning: Bool

  private static let notAnEvent = EventScan(isEvent: false, isPruning: false)

  private init(isEvent: Bool, isPruning: Bool) {
    self.isEvent = isEvent
    self.isPruning = isPruning
  }

  /// Reads the bytes of an entry.
  ///
  /// - Parameters:
  ///   - bytes: The entry.
  ///   - index: Its index in the log.
  init(_ bytes: Span<UInt8>, index: Int) {
    var id: Range<Int>?
    var type: Range<Int>?
    var sequence: Int64?
    var time: Int64?
    var position = 0
    guard bytes.count <= CanonicalJSON.eventByteCountMaximum else {
      self = Self.notAnEvent
      return
    }
    let isCanonical = CanonicalScan.object(bytes, &position, depth: 0) { key, value in
      switch key.count {
      case 2 where CanonicalKeys.equals("id", key, in: bytes): id = value
      case 3 where CanonicalKeys.equals("seq", key, in: bytes):
        sequence = Self.integer(bytes, value)
      case 4 where CanonicalKeys.equals("type", key, in: bytes): type = value
      case 4 where CanonicalKeys.equals("time", key, in: bytes): time = Self.integer(bytes, value)
      default: break
      }
    }
    guard isCanonical, position == bytes.count, sequence == Int64(index), let time, time >= 0,
      let id = id.flatMap({ Self.content(bytes, $0) }), Self.isHex(bytes, id),
      let type = type.flatMap({ Self.content(bytes, $0) }), Self.isTypeName(bytes, type)
    else {
      self = Self.notAnEvent
      return
    }
    isEvent = true
    isPruning = CanonicalKeys.equals("log.pruned", type, in: bytes)
  }

  private static func integer(_ bytes: Span<UInt8>, _ place: Range<Int>) -> Int64? {
    var position = place.lowerBound
    guard let value = CanonicalScan.integer(bytes, &position), position == place.upperBound else {
      return nil
    }
    return value
  }

  /// The place of a string's content; nil for another value.
  private static func content(_ bytes: Span<UInt8>, _ place: Range<Int>) -> Range<Int>? {
    guard bytes[place.lowerBound] == UInt8(ascii: "\"") else { return nil }
    return place.lowerBound + 1..<place.upperBound - 1
  }

  private static func isHex(_ bytes: Span<UInt8>, _ place: Range<Int>) -> Bool {
    guard !place.isEmpty, place.count % 2 == 0 else { return false }
    for at in place where !EntryRule.isHexDigit(bytes[at]) { return false }
    return true
  }

  private static func isTypeName(_ bytes: Span<UInt8>, _ place: Range<Int>) -> Bool {
    guard (1...EntryRule.typeByteCountMaximum).contains(place.count) else { return false }
    for at in place where !EntryRule.isTypeByte(bytes[at]) { return false }
    return true
  }
}

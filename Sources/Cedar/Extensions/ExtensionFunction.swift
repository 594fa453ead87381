/// Names the functions and methods of the extension types.
enum ExtensionFunction: String, CaseIterable, Sendable {
  case ip, decimal, datetime, duration
  case lessThan, lessThanOrEqual, greaterThan, greaterThanOrEqual
  case isIpv4, isIpv6, isLoopback, isMulticast, isInRange
  case offset, durationSince, toDate, toTime
  case toMilliseconds, toSeconds, toMinutes, toHours, toDays

  /// Tells whether the function makes a value from a string and is called as `name(…)`.
  var isConstructor: Bool {
    switch self {
    case .ip, .decimal, .datetime, .duration: true
    default: false
    }
  }

  /// The number of arguments, the receiver of a method included.
  var arity: Int {
    switch self {
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isInRange, .offset,
      .durationSince:
      2
    default: 1
    }
  }

  /// Finds a function by its name.
  static func named(_ name: CedarString) -> ExtensionFunction? { byName[name] }

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { (CedarString($0.rawValue), $0) })

  /// Applies the function to evaluated arguments.
  ///
  /// - Throws: ``CedarError`` – `.arity`, `.type`, `.extensionFormat` or `.overflow`.
  func call(_ arguments: [CedarValue]) throws(CedarError) -> CedarValue {
    guard arguments.count == arity else {
      throw CedarError(.arity, "`\(rawValue)` takes \(arity) argument(s), not \(arguments.count)")
    }
    switch self {
    case .ip, .decimal, .datetime, .duration: return try construct(arguments[0])
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
      return .bool(try compare(arguments[0], arguments[1]))
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast:
      return .bool(try test(arguments[0]))
    case .isInRange:
      guard case .ip(let address) = arguments[0], case .ip(let range) = arguments[1] else {
        throw mismatch(arguments)
      }
      return .bool(address.isInRange(range))
    case .offset, .durationSince, .toDate, .toTime:
      return try datetimeMethod(arguments)
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
      guard case .duration(let value) = arguments[0] else { throw mismatch(arguments) }
      return .long(value.milliseconds / unitMilliseconds)
    }
  }

  private func construct(_ argument: CedarValue) throws(CedarError) -> CedarValue {
    guard case .string(let text) = argument else { throw mismatch([argument]) }
    switch self {
    case .ip: return .ip(try CedarIPAddress(parsing: text))
    case .decimal: return .decimal(try CedarDecimal(parsing: text))
    case .datetime: return .datetime(try CedarDateTime(parsing: text))
    default: return .duration(try CedarDuration(parsing: text))
    }
  }

  private func compare(_ left: CedarValue, _ right: CedarValue) throws(CedarError) -> Bool {
    guard case .decimal(let first) = left, case .decimal(let second) = right else {
      throw mismatch([left, right])
    }
    switch self {
    case .lessThan: return first.scaled < second.scaled
    case .lessThanOrEqual: return first.scaled <= second.scaled
    case .greaterThan: return first.scaled > second.scaled
    default: return first.scaled >= second.scaled
    }
  }

  private func test(_ argument: CedarValue) throws(CedarError) -> Bool {
    guard case .ip(let address) = argument else { throw mismatch([argument]) }
    switch self {
    case .isIpv4: return !address.isIPv6
    case .isIpv6: return address.isIPv6
    case .isLoopback: return address.isLoopback
    default: return address.isMulticast
    }
  }

  private func datetimeMethod(_ arguments: [CedarValue]) throws(CedarError) -> CedarValue {
    guard case .datetime(let instant) = arguments[0] else { throw mismatch(arguments) }
    switch (self, arguments.last) {
    case (.offset, .duration(let duration)):
      guard let moved = instant.offset(by: duration) else { throw overflow() }
      return .datetime(moved)
    case (.durationSince, .datetime(let other)):
      guard let duration = instant.durationSince(other) else { throw overflow() }
      return .duration(duration)
    case (.toDate, _):
      guard let start = instant.startOfDay else { throw overflow() }
      return .datetime(start)
    case (.toTime, _): return .duration(instant.timeOfDay)
    default: throw mismatch(arguments)
    }
  }

  private var unitMilliseconds: Int64 {
    switch self {
    case .toSeconds: 1_000
    case .toMinutes: 60_000
    case .toHours: 3_600_000
    case .toDays: CedarDateTime.dayMilliseconds
    default: 1
    }
  }

  private func mismatch(_ arguments: [CedarValue]) -> CedarError {
    let types = arguments.map(\.typeName).joined(separator: ", ")
    return CedarError(.type, "`\(rawValue)` does not apply to (\(types))")
  }

  private func overflow() -> CedarError {
    CedarError(.overflow, "the result of `\(rawValue)` is outside its range")
  }
}

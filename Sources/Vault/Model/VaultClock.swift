import Foundation

/// Tells the time; handed in from outside so that tests and the demo decide it.
public struct VaultClock: Sendable {
  /// Milliseconds in a day.
  public static let millisecondsPerDay: Int64 = 86_400_000

  private let read: @Sendable () -> Int64

  /// Creates a clock that reads milliseconds since 1970-01-01 UTC from a closure.
  public init(milliseconds: @escaping @Sendable () -> Int64) {
    read = milliseconds
  }

  /// The machine's clock.
  public static let system = VaultClock { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Milliseconds since 1970-01-01 UTC.
  public var milliseconds: Int64 { read() }
  /// Days since 1970-01-01 UTC.
  public var day: Int { CivilDate.day(ofMilliseconds: milliseconds) }
}

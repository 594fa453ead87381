/// Publishes a log over and over.
///
/// Clock and waiting come from outside. What goes wrong in a round is told and the next round tries
/// again, up to a number of failures in a row.
public struct PublicationTimer {
  /// Shortest and longest time between rounds, in seconds.
  public static let secondsBetweenRounds = 1...86_400
  /// Time between rounds when nothing is said, in seconds.
  public static let defaultSeconds = 60
  /// Failures in a row after which it gives up.
  public static let failuresMaximum = 10

  /// How a round ended.
  public enum Round: Sendable {
    /// Something was published, or nothing was new.
    case published(PublishedLog)
    /// It failed for the nth time in a row.
    case failed(any Error, inARow: Int)
  }

  /// Seconds between the end of a round and the beginning of the next.
  public let seconds: Int

  private let publish: () throws -> PublishedLog
  private let wait: (_ seconds: Int) -> Bool
  private let tell: (Round) throws -> Void

  /// Sets up a timer.
  ///
  /// - Parameters:
  ///   - seconds: Seconds between rounds.
  ///   - publish: Publishes once.
  ///   - wait: Waits for a number of seconds; false when it is to stop.
  ///   - tell: Takes the end of every round.
  public init(
    seconds: Int, publish: @escaping () throws -> PublishedLog,
    wait: @escaping (_ seconds: Int) -> Bool, tell: @escaping (Round) throws -> Void
  ) {
    self.seconds = seconds
    self.publish = publish
    self.wait = wait
    self.tell = tell
  }

  /// Runs until it is to stop.
  ///
  /// - Returns: Number of rounds.
  /// - Throws: The last failure of ``failuresMaximum`` in a row; whatever telling throws.
  @discardableResult
  public func run() throws -> Int {
    var rounds = 0
    var failures = 0
    repeat {
      rounds += 1
      do {
        let published = try publish()
        failures = 0
        try tell(.published(published))
      } catch {
        failures += 1
        try tell(.failed(error, inARow: failures))
        guard failures < Self.failuresMaximum else { throw error }
      }
    } while wait(seconds)
    return rounds
  }
}

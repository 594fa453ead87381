/// How far a backup or restore has come.
public struct WorkProgress: Sendable {
  /// What is being done.
  public enum Phase: String, Sendable, CaseIterable {
    /// The sealed data is written, or read and checked; counted in bytes.
    case copying
    /// Files are read again for their digests; counted in bytes.
    case checking
    /// Entries of the log are taken over; counted in entries.
    case log
    /// Keys are asked for, subject by subject.
    case keys
    /// The match index is made anew, subject by subject.
    case index
  }

  /// What is being done.
  public let phase: Phase
  /// Units done.
  public let done: Int
  /// Units in all; nil when nobody knows.
  public let total: Int?

  /// Takes the progress of a phase.
  public typealias Report = (WorkProgress) -> Void

  init(_ phase: Phase, _ done: Int, of total: Int?) {
    self.phase = phase
    self.done = done
    self.total = total
  }
}

/// A key pair of age made for these tests; it protects nothing.
public struct AgePair: Sendable {
  /// The secret half.
  public let identity: String
  /// The public half.
  public let recipient: String

  /// A pair.
  public static let first = AgePair(
    identity: "AGE-SECRET-KEY-1990C5D926FEDT5VT67NG9H3WKDWT9YV6AHRHC4462R83AR4LDTNSQQZYTR",
    recipient: "age1xs6w6wgr9hunhz4f64thdqlte37p2fysdzx4f93lxyx6pkglperqvk9zra")
  /// Another pair.
  public static let second = AgePair(
    identity: "AGE-SECRET-KEY-18HAKWQWN256CWLZ3RHCPY38YC8Q7X60KD6CVAGV54PTR837X69TQVSSUCU",
    recipient: "age16ma93ctlpc05e4pmtavm8gv4428lgf7rcxhwld7cg0c8cwwp8g5qv78uuk")
}

/// The program `age` of the system, an implementation of the format by others.
public enum AgeProgram {
  /// Says why a suite was skipped.
  public static let absenceNote = "the program `age` is not installed; its tests are skipped"

  private static let tool = Tool("age")

  /// Whether it is installed.
  public static var isPresent: Bool { tool != nil }

  /// Opens a file; nil when age refuses it.
  public static func open(_ file: [UInt8], _ pair: AgePair) throws -> [UInt8]? {
    // To standard output, not `-o`: age makes no file of its own for an empty plaintext.
    try run(["-d", "-i", "identity", "in"], ["in": file, "identity": Array(pair.identity.utf8)])
  }

  /// Seals a file for a pair.
  public static func seal(_ bytes: [UInt8], _ pair: AgePair) throws -> [UInt8]? {
    try run(["-r", pair.recipient, "in"], ["in": bytes])
  }

  private static func run(_ arguments: [String], _ files: [String: [UInt8]]) throws -> [UInt8]? {
    guard let outcome = try tool?.run(arguments, files: files), outcome.status == 0 else {
      return nil
    }
    return outcome.output
  }
}

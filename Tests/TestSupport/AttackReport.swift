import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Collects what the attacks of the test suite tried and what came of it.
///
/// A test records an attack at its end, after its expectations; since an expectation that fails
/// does not end a test, lines count only when the whole run passed. Without the variable nothing
/// is written.
public enum AttackReport {
  /// Environment variable that names the file lines are appended to.
  public static let fileVariable = "LETHE_ATTACK_REPORT"
  /// Environment variable that is `long` for many rounds.
  public static let lengthVariable = "LETHE_ATTACK"
  /// Whether the attacks run long.
  public static var isLong: Bool { ProcessInfo.processInfo.environment[lengthVariable] == "long" }

  /// How many rounds an attack runs.
  public static func rounds(short: Int, long: Int) -> Int { isLong ? long : short }

  /// Appends one line of number, name, what was tried and what came of it, separated by tabs.
  ///
  /// Several processes may write at once: a line is one write at the end of the file.
  public static func record(number: Int, name: String, tried: String, result: String) {
    guard let path = ProcessInfo.processInfo.environment[fileVariable], !path.isEmpty else {
      return
    }
    let cells = [String(number), name, tried, result].map { cell in
      cell.split(whereSeparator: { $0.isNewline || $0 == "\t" }).joined(separator: " ")
    }
    append(Array((cells.joined(separator: "\t") + "\n").utf8), to: path)
  }

  private static func append(_ line: [UInt8], to path: String) {
    let descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    precondition(descriptor >= 0, "the attack report `\(path)` cannot be opened")
    let written = unsafe line.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    close(descriptor)
    precondition(written == line.count, "the attack report `\(path)` cannot be written")
  }
}

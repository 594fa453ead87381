import Foundation

/// The resident memory of this process, as Linux accounts for it.
enum ResidentMemory {
  private static let forgetPeak = "5"

  /// Starts a new peak.
  static func reset() {
    try? Self.forgetPeak.write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
  }

  /// The peak since the last reset in bytes; nil where the system does not tell.
  static var peak: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return nil }
    return kibibytes * 1024
  }
}

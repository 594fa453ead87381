public import Foundation

/// Finds the public conformance data that lies beside the repository, never inside it.
public enum SharedData {
  /// Environment variable that names the folder which holds `conformance`.
  public static let variable = "LETHE_SHARED"
  /// Says why a suite was skipped.
  public static let absenceNote =
    "no shared/conformance beside the repository and LETHE_SHARED is not set; suite skipped"

  /// Whether the data is there.
  ///
  /// A variable that is set counts as present even if it is wrong: a suite that was asked for must
  /// fail when its files are missing, not vanish.
  public static var isPresent: Bool { folder() != nil }

  /// The folder `conformance`.
  public static func folder(filePath: String = #filePath) -> URL? {
    if let named = ProcessInfo.processInfo.environment[variable], !named.isEmpty {
      return URL(fileURLWithPath: named).appendingPathComponent("conformance")
    }
    var place = URL(fileURLWithPath: filePath).deletingLastPathComponent()
    while place.path != "/" {
      let candidate = place.appendingPathComponent("shared/conformance")
      if FileManager.default.fileExists(atPath: candidate.path) { return candidate }
      place = place.deletingLastPathComponent()
    }
    return nil
  }

  /// Reads and decodes a file below `conformance`.
  public static func load<Content: Decodable>(
    _ type: Content.Type = Content.self, _ path: String
  ) throws -> Content {
    guard let folder = folder() else { throw CocoaError(.fileNoSuchFile) }
    return try VectorFile.decode(type, at: folder.appendingPathComponent(path))
  }
}

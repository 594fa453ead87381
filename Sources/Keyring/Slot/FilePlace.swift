#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Tells whether a file lies inside a directory, links resolved.
enum FilePlace {
  /// Says whether `path` lies in `directory` or below it; the file itself need not exist.
  static func isInside(_ path: String, directory: String) -> Bool {
    let base = resolved(directory)
    let place = resolved(path)
    return place == base || place.hasPrefix(base == "/" ? "/" : base + "/")
  }

  /// The directory a path lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The absolute path with links resolved, also of a file that does not exist yet.
  static func resolved(_ path: String) -> String {
    if let whole = realPath(path) { return whole }
    guard let directory = realPath(parent(of: path)) else { return path }
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return directory == "/" ? "/" + name : directory + "/" + name
  }

  private static func realPath(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}

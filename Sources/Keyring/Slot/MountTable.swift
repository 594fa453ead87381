internal import Foundation

/// Reads the kernel's mount table, to tell where overwriting a file does not destroy its bytes.
struct MountTable {
  /// File systems that write elsewhere than in place, or that hide where they write.
  private static let keeping: Set<String> = [
    "btrfs", "zfs", "bcachefs", "nilfs2", "f2fs", "overlay", "aufs", "nfs", "nfs4", "cifs", "9p",
  ]

  private let mounts: [(point: String, type: String, options: [Substring])]

  /// Parses lines of `device point type options …`, as in proc(5) `/proc/self/mounts`.
  init(_ text: String) {
    mounts = text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count >= 4 else { return nil }
      let point = fields[1].replacingOccurrences(of: "\\040", with: " ")
      return (point, String(fields[2]), fields[3].split(separator: ","))
    }
  }

  /// Reads this process's table; nil where there is none.
  static func current() -> MountTable? {
    (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)).map(MountTable.init)
  }

  /// Names the file system at a resolved path if it keeps what is overwritten: copy on write,
  /// or a journal that holds file data.
  func objection(toOverwritingAt path: String) -> String? {
    // The deepest mount point holds the file; among equals the last one mounted.
    let inside = mounts.filter { mount in
      path == mount.point || path.hasPrefix(mount.point == "/" ? "/" : mount.point + "/")
    }
    guard
      let mount = inside.enumerated().max(by: { left, right in
        (left.element.point.count, left.offset) < (right.element.point.count, right.offset)
      })?.element
    else { return nil }
    if Self.keeping.contains(mount.type) { return mount.type }
    return mount.options.contains("data=journal") ? "\(mount.type) with data=journal" : nil
  }
}

public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension Data {
  /// Where some bytes occur, overlaps included; quick enough for the image of a disk.
  public func places(of needle: [UInt8]) -> [Int] {
    // Disks are full of zeros, so the search goes by a byte that is none.
    guard let anchor = needle.firstIndex(where: { $0 != 0 }) else { return [] }
    var found: [Int] = []
    unsafe withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress, buffer.count >= needle.count else { return }
      let end = buffer.count - needle.count
      var start = 0
      while start <= end,
        let hit = unsafe memchr(base + start + anchor, Int32(needle[anchor]), end - start + 1)
      {
        let place = unsafe UnsafeRawPointer(hit) - base - anchor
        if unsafe memcmp(base + place, needle, needle.count) == 0 { found.append(place) }
        start = place + 1
      }
    }
    return found
  }

  /// Whether some bytes occur.
  public func holds(_ needle: [UInt8]) -> Bool { !places(of: needle).isEmpty }
}

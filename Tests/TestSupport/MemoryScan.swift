#if os(Linux)
  import Foundation
  import Glibc
  public import Sealing
  import Synchronization

  /// Bytes to look for, kept masked so that the search does not find itself.
  public struct Marker: Sendable {
    private static let mask: UInt8 = 0x5C
    private let masked: [UInt8]

    /// A fresh marker; its clear form has never existed anywhere.
    public init(count: Int) throws {
      var bytes: [UInt8] = []
      // High bytes make the search quick: most memory is zeros and text.
      while bytes.count < count {
        bytes += try SystemRandom().bytes(count: count).filter { $0 ^ Self.mask >= 0x80 }
      }
      masked = Array(bytes.prefix(count))
    }

    /// A marker of bytes that exist already.
    public init(_ buffer: UnsafeRawBufferPointer) {
      masked = unsafe buffer.map { $0 ^ Self.mask }
    }

    /// Number of bytes.
    public var count: Int { masked.count }

    /// Writes the clear bytes into a buffer, one at a time.
    public func write(into buffer: UnsafeMutableRawBufferPointer) {
      for index in masked.indices { unsafe buffer[index] = masked[index] ^ Self.mask }
    }

    /// Makes the clear bytes in locked memory.
    public func secret() throws(SealingError) -> SecretBytes {
      var secret = try SecretBytes(zeroCount: count)
      unsafe secret.withUnsafeMutableBytes { unsafe write(into: $0) }
      return secret
    }

    /// The position of the byte to search by: the least likely one.
    fileprivate var pivot: Int { masked.firstIndex { $0 ^ Self.mask >= 0x80 } ?? 0 }

    fileprivate func clearByte(_ index: Int) -> Int32 { Int32(masked[index] ^ Self.mask) }

    fileprivate func matches(_ start: UnsafePointer<UInt8>) -> Bool {
      for index in masked.indices where unsafe start[index] ^ Self.mask != masked[index] {
        return false
      }
      return true
    }
  }

  /// Reads this process's memory as a debugger would, through `/proc/self/mem`.
  public enum MemoryScan {
    /// Whether the system lets this process read its own memory that way.
    public static let isPossible = unsafe access("/proc/self/mem", R_OK) == 0
    private static let chunkByteCount = 1 << 20

    /// One search at a time in the whole process: the buffer of another holds what it just read.
    private static let turn = Mutex<Void>(())

    /// How often the marker stands in writable memory.
    public static func count(_ marker: Marker) throws -> Int {
      try turn.withLock { _ in try search(marker) }
    }

    private static func search(_ marker: Marker) throws -> Int {
      let file = unsafe open("/proc/self/mem", O_RDONLY)
      guard file >= 0 else { throw CocoaError(.fileReadNoPermission) }
      defer { close(file) }
      // A mapping of its own, so that it can be left out of the search.
      guard
        let chunk = unsafe mmap(
          nil, chunkByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        unsafe chunk != MAP_FAILED
      else { throw CocoaError(.fileReadUnknown) }
      defer { unsafe munmap(chunk, chunkByteCount) }
      let own = UInt(bitPattern: chunk)..<UInt(bitPattern: chunk) + UInt(chunkByteCount)
      var found = 0
      for region in try regions() {
        for part in without(own, in: region) {
          found += unsafe count(marker, in: part, of: file, through: chunk)
        }
      }
      return found
    }

    private static func count(
      _ marker: Marker, in region: Range<UInt>, of file: Int32,
      through chunk: UnsafeMutableRawPointer
    ) -> Int {
      var found = 0
      var position = region.lowerBound
      while position + UInt(marker.count) <= region.upperBound {
        let wanted = min(chunkByteCount, Int(region.upperBound - position))
        let got = unsafe pread(file, chunk, wanted, off_t(position))
        guard got >= marker.count else { break }
        found += unsafe count(
          marker, in: chunk.assumingMemoryBound(to: UInt8.self), byteCount: got)
        position += UInt(got - marker.count + 1)
      }
      return found
    }

    private static func count(
      _ marker: Marker, in bytes: UnsafePointer<UInt8>, byteCount: Int
    ) -> Int {
      let pivot = marker.pivot
      let last = byteCount - marker.count
      var found = 0
      var start = 0
      while start <= last {
        let from = unsafe bytes + start + pivot
        guard let hit = unsafe memchr(from, marker.clearByte(pivot), last - start + 1) else {
          break
        }
        let index = unsafe start + (UnsafeRawPointer(hit) - UnsafeRawPointer(from))
        if unsafe marker.matches(bytes + index) { found += 1 }
        start = index + 1
      }
      return found
    }

    /// The writable regions of the address space.
    private static func regions() throws -> [Range<UInt>] {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/maps"))
      let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
      return text.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard words.count > 1, words[1].hasPrefix("rw") else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        return ends.count == 2 ? ends[0]..<ends[1] : nil
      }
    }

    private static func without(_ hole: Range<UInt>, in region: Range<UInt>) -> [Range<UInt>] {
      guard region.overlaps(hole) else { return [region] }
      return [
        region.lowerBound..<max(region.lowerBound, hole.lowerBound),
        min(region.upperBound, hole.upperBound)..<region.upperBound,
      ].filter { !$0.isEmpty }
    }
  }
#endif

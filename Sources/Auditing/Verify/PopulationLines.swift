internal import Transparency
internal import Vault

/// The lines of a population's file: which entries they carry, and what is wrong with them.
struct PopulationLines {
  /// Places in the log by line, from 0.
  private(set) var sequences: [Int] = []
  /// Leaf hashes of the lines, 32 bytes each.
  private var hashes: [UInt8] = []
  private var tree = Frontier()
  private let manifest: PopulationManifest
  private let matcher: LogMatcher
  /// Lines read, with that of the column names.
  private var number = 0

  init(_ manifest: PopulationManifest) throws {
    self.manifest = manifest
    matcher = try LogMatcher(manifest.query)
  }

  /// Number of a line in the file, from 1.
  func fileLine(_ index: Int) -> Int { index + (manifest.format.header == nil ? 1 : 2) }

  /// Leaf hash of a line.
  func leafHash(_ index: Int) -> ArraySlice<UInt8> {
    hashes[index * TreeHash.byteCount..<(index + 1) * TreeHash.byteCount]
  }

  /// Reads a line, without its line feed.
  mutating func add(_ bytes: [UInt8], _ report: inout PopulationReport) {
    number += 1
    var line = bytes
    if manifest.format == .csv {
      guard line.popLast() == 0x0D else {
        return report.fail(.lines, "line \(number) does not end as a line of CSV does")
      }
    }
    if number == 1, let header = manifest.format.header {
      if line != header { report.fail(.lines, "line 1 does not name the columns") }
      return
    }
    guard let entryBytes = manifest.format.entryBytes(line), let event = EventBytes(entryBytes),
      let sequence = event.number(.seq).map({ Int($0) })
    else { return report.fail(.lines, "line \(number) carries no entry of the log") }
    let entry = LogEntry(sequence: sequence, bytes: entryBytes)
    if let problem = problem(entry, line) { report.fail(.lines, "line \(number): \(problem)") }
    sequences.append(sequence)
    let hash = entry.leafHash
    hashes += hash.bytes
    tree.append(hash)
  }

  private func problem(_ entry: LogEntry, _ line: [UInt8]) -> String? {
    if let last = sequences.last, entry.sequence <= last {
      return "entry \(entry.sequence) comes after entry \(last)"
    }
    if !manifest.range.contains(entry.sequence) {
      return "entry \(entry.sequence) lies outside the range of the export"
    }
    guard let isMeant = try? matcher.matches(entry), isMeant else {
      return "entry \(entry.sequence) is not one the query means"
    }
    guard let written = try? manifest.format.line(entry, origin: manifest.origin), written == line
    else { return "the line does not say what its entry \(entry.sequence) says" }
    return nil
  }

  /// Compares the lines as a whole with the manifest.
  func conclude(_ report: inout PopulationReport) {
    let content = manifest.content
    if sequences.count != content.count {
      report.fail(
        .lines, "the file has \(sequences.count) entries and the manifest says \(content.count)")
    }
    let isEndsRight =
      sequences.first == content.first?.sequence && sequences.last == content.last?.sequence
      && (sequences.isEmpty
        || (content.first?.leafHash.elementsEqual(leafHash(0)) == true
          && content.last?.leafHash.elementsEqual(leafHash(sequences.count - 1)) == true))
    if !isEndsRight {
      report.fail(.lines, "the first or last entry is not the one the manifest says")
    }
    if tree.root != content.linesRoot {
      report.fail(.lines, "the entries are not those the manifest was made of")
    }
    report.pass(.lines)
  }
}

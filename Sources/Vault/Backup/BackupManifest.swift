import Foundation
internal import Keyring
public import Sealing
public import Transparency

/// What a backup held when it was made, in numbers.
public struct BackupCounts: Sendable, Hashable {
  /// Subjects.
  public var subjects = 0
  /// Subjects whose erasure was under way.
  public var fenced = 0
  /// Persons.
  public var persons = 0
  /// Sealed records.
  public var records = 0
  /// Entries of the suppression list.
  public var suppressed = 0
  /// Withdrawn consents.
  public var withdrawals = 0
  /// Erasures that were not swept.
  public var openErasures = 0

  static var names: [(name: String, path: WritableKeyPath<BackupCounts, Int>)] {
    [
      ("subjects", \.subjects), ("fenced", \.fenced), ("persons", \.persons),
      ("records", \.records), ("suppressed", \.suppressed), ("withdrawals", \.withdrawals),
      ("open_erasures", \.openErasures),
    ]
  }

  /// The counts by name.
  public var members: [(name: String, count: Int)] {
    Self.names.map { ($0.name, self[keyPath: $0.path]) }
  }
}

/// Says what a backup consists of and where in the log it stands.
///
/// - SeeAlso: `docs/format.md#backup`.
public struct BackupManifest: Sendable {
  /// Format of the manifest.
  public static let format = 1
  /// Name of the manifest in a backup.
  public static let fileName = "manifest.json"
  /// Name of its signature, a C2SP signed note by the key of certificates.
  public static let noteName = "backup.note"
  /// Largest manifest in bytes.
  static let byteCountMaximum = 64 * 1024 * 1024

  /// One file of the backup.
  public struct File: Sendable, Hashable {
    /// Path below the backup's directory.
    public let path: String
    /// Length in bytes.
    public let byteCount: Int
    /// SHA-256.
    public let digest: [UInt8]
  }

  /// The vault.
  public let vault: VaultID
  /// Name of the vault's log.
  public let origin: String
  /// When it was made, in milliseconds since 1970-01-01 UTC.
  public let milliseconds: Int64
  /// Entries of the log in the backup's `vault.sqlite`.
  public let logSize: Int
  /// Root hash of these entries.
  public let logRoot: TreeHash
  /// Epoch of the key store.
  public let epoch: UInt64
  /// Generation of the key store; only one as new can restore the backup.
  public let generation: UInt64
  /// What is in it.
  public let counts: BackupCounts
  /// The files, ordered by path.
  public let files: [File]

  /// Number of bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// The manifest's file: canonical JSON and a newline.
  public var bytes: [UInt8] {
    get throws {
      try CanonicalJSON.members([
        ("lethe_backup", .count(Self.format)), ("vault", .string(vault.rawBytes.hexadecimal)),
        ("origin", .string(origin)), ("made_ms", .integer(milliseconds)),
        (
          "log",
          try .members([("size", .count(logSize)), ("root", .string(logRoot.description))])
        ),
        (
          "keys",
          try .members([
            ("epoch", .integer(Int64(epoch))), ("generation", .integer(Int64(generation))),
          ])
        ),
        ("counts", try .members(counts.members.map { ($0.name, .count($0.count)) })),
        (
          "files",
          try .members(
            files.map { file in
              (
                file.path,
                try .members([
                  ("bytes", .count(file.byteCount)), ("sha256", .string(file.digest.hexadecimal)),
                ])
              )
            })
        ),
      ]).canonicalBytes(byteCountMaximum: .max) + [0x0A]
    }
  }
}

extension BackupManifest {
  /// Reads a manifest; who signed it is another question.
  ///
  /// - Throws: ``VaultError`` `.integrity` for anything but a manifest, `.newerFormat`.
  init(bytes: [UInt8]) throws {
    guard bytes.last == 0x0A,
      let json = try? CanonicalJSON(
        canonicalBytes: Array(bytes.dropLast()), byteCountMaximum: Self.byteCountMaximum),
      case .object(let object) = json, case .integer(let format)? = object["lethe_backup"]
    else { throw Self.damaged }
    guard format <= Self.format else {
      throw VaultError(
        .newerFormat,
        "the backup has format \(format), this program knows \(Self.format); use the newer program")
    }
    guard let vault = object.hex("vault").flatMap({ try? VaultID(rawBytes: $0) }),
      case .string(let origin)? = object["origin"], let made = object.count("made_ms"),
      case .object(let log)? = object["log"], let size = log.count("size"),
      case .string(let root)? = log["root"],
      let logRoot = try? TreeHash(bytes: Base64.decode(root)),
      case .object(let keys)? = object["keys"], let epoch = keys.count("epoch"),
      let generation = keys.count("generation"), case .object(let counted)? = object["counts"],
      case .object(let listed)? = object["files"]
    else { throw Self.damaged }
    var counts = BackupCounts()
    for (name, path) in BackupCounts.names {
      guard let count = counted.count(name) else { throw Self.damaged }
      counts[keyPath: path] = count
    }
    self.vault = vault
    self.origin = origin
    milliseconds = Int64(made)
    logSize = size
    self.logRoot = logRoot
    self.epoch = UInt64(epoch)
    self.generation = UInt64(generation)
    self.counts = counts
    files = try listed.members.map(Self.file)
    guard files.contains(where: { $0.path == BackupLayout.vault }),
      files.contains(where: { $0.path == BackupLayout.settings })
    else { throw Self.damaged }
  }

  /// Reads one file's line; a path that leads out of the backup, or to a key, is refused.
  private static func file(_ member: JSONObject.Member) throws -> File {
    guard BackupLayout.isFit(member.key), case .object(let object) = member.value,
      let count = object.count("bytes"), let digest = object.hex("sha256"),
      digest.count == SHA256.byteCount
    else { throw damaged }
    return File(path: member.key, byteCount: count, digest: digest)
  }

  static let damaged = VaultError(
    .integrity, "`\(fileName)` is damaged; use another backup")
}

/// The names in a backup's directory.
enum BackupLayout {
  static let vault = "vault.sqlite"
  static let settings = "lethe.yaml"
  static let policies = "policies"
  static let audit = "audit"

  /// Whether a file may be part of a backup: never a key, an index, or a path out of it.
  static func isFit(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let isInside = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    guard isInside, let first = parts.first else { return false }
    return parts.count == 1
      ? [vault, settings].contains(path) : [policies, audit].contains(String(first))
  }
}

extension JSONObject {
  /// A member's number, if it is one from 0 on.
  func count(_ key: String) -> Int? {
    guard case .integer(let number)? = self[key], number >= 0 else { return nil }
    return Int(number)
  }

  /// A member's text, if it is one.
  func string(_ key: String) -> String? {
    guard case .string(let text)? = self[key] else { return nil }
    return text
  }

  /// A member's bytes, if it is hexadecimal.
  func hex(_ key: String) -> [UInt8]? { string(key).flatMap { Array(hexadecimal: $0) } }
}

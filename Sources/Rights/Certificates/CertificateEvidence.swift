import Foundation
internal import Transparency

/// Holds a certificate and what lies beside it, as it was found; nothing is trusted yet.
public struct CertificateEvidence: Sendable {
  /// Largest log entry in bytes.
  public static let entryByteCountMaximum = CanonicalJSON.eventByteCountMaximum
  /// Largest file with a key in bytes: name, key ID, key and two signs between them.
  public static let keyByteCountMaximum = 512

  /// The name of a certificate file ends with it.
  static let suffix = ".certificate"
  /// The name of the log entry beside it ends with this.
  static let entrySuffix = ".entry.json"
  /// The name of the proof beside it ends with this.
  static let proofSuffix = ".tlog-proof"
  /// File with the key of certificates.
  static let keyName = "certificates.vkey"
  /// File with the log's key.
  static let logKeyName = "log.vkey"

  /// A verifier key and where it came from.
  struct Key: Sendable {
    let verifierKey: NoteVerifierKey
    let isGiven: Bool
  }

  let certificate: [UInt8]
  let entry: Result<[UInt8], RightsError>
  let proof: Result<[UInt8], RightsError>
  let key: Result<Key, RightsError>
  let logKey: Result<Key, RightsError>

  /// Takes the bytes of the five files.
  ///
  /// - Parameters:
  ///   - certificate: The signed note.
  ///   - entry: The entry of the log.
  ///   - proof: The `.tlog-proof` file.
  ///   - keyFile: The key of certificates with its newline.
  ///   - logKeyFile: The log's key with its newline.
  public init(
    certificate: [UInt8], entry: [UInt8], proof: [UInt8], keyFile: [UInt8], logKeyFile: [UInt8]
  ) {
    self.certificate = certificate
    self.entry = .success(entry)
    self.proof = .success(proof)
    key = Self.key(inFile: keyFile, Self.keyName)
    logKey = Self.key(inFile: logKeyFile, Self.logKeyName)
  }

  /// Reads a certificate and the files beside it that have its name.
  ///
  /// - Parameters:
  ///   - path: The certificate.
  ///   - key: The key of certificates, or nil for the one beside it.
  ///   - logKey: The log's key, or nil for the one beside it.
  /// - Throws: ``RightsError`` `.unreadable` for the certificate itself, `.missingKey` when a key
  ///   is neither given nor there, `.malformedKey` for a given text that is no key. What else is
  ///   missing shows in the report.
  public init(certificateAt path: String, key: String? = nil, logKey: String? = nil) throws {
    certificate = try Self.read(path, atMost: SignedNote.byteCountMaximum)
    let place = URL(fileURLWithPath: path)
    let directory = place.deletingLastPathComponent()
    let stem = Self.stem(of: path)
    entry = Self.find(
      directory.appending(path: stem + Self.entrySuffix).path, Self.entryByteCountMaximum)
    proof = Self.find(
      directory.appending(path: stem + Self.proofSuffix).path, LogProof.byteCountMaximum)
    self.key = try Self.key(key, or: directory.appending(path: Self.keyName).path)
    self.logKey = try Self.key(logKey, or: directory.appending(path: Self.logKeyName).path)
  }

  /// The name of a certificate file without its ending.
  static func stem(of path: String) -> String {
    let name = URL(fileURLWithPath: path).lastPathComponent
    return name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
  }

  private static func key(
    _ given: String?, or path: String
  ) throws -> Result<Key, RightsError> {
    if let given {
      guard let key = try? NoteVerifierKey(encoded: given) else {
        throw RightsError(.malformedKey, "the given text is not a verifier key; copy it whole")
      }
      return .success(Key(verifierKey: key, isGiven: true))
    }
    let name = URL(fileURLWithPath: path).lastPathComponent
    guard FileManager.default.fileExists(atPath: path) else {
      throw RightsError(.missingKey, "there is no `\(name)` beside the certificate")
    }
    return find(path, keyByteCountMaximum).flatMap { key(inFile: $0, name) }
  }

  /// A key file holds the key and a newline, nothing else: so every changed byte shows.
  private static func key(inFile bytes: [UInt8], _ name: String) -> Result<Key, RightsError> {
    let text = String(decoding: bytes.dropLast(), as: UTF8.self)
    guard bytes.last == 0x0A, bytes.count <= keyByteCountMaximum,
      let key = try? NoteVerifierKey(encoded: text),
      key.encoded.utf8.elementsEqual(bytes.dropLast())
    else {
      return .failure(RightsError(.malformedKey, "`\(name)` is not a verifier key and a newline"))
    }
    return .success(Key(verifierKey: key, isGiven: false))
  }

  private static func find(_ path: String, _ byteCount: Int) -> Result<[UInt8], RightsError> {
    do {
      return .success(try read(path, atMost: byteCount))
    } catch {
      return .failure(error)
    }
  }

  /// Reads a regular file up to a size, and not a byte more of a larger one than shows it is.
  private static func read(
    _ path: String, atMost byteCount: Int
  ) throws(RightsError) -> [UInt8] {
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let name = URL(fileURLWithPath: path).lastPathComponent
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    guard let attributes else { throw RightsError(.unreadable, "`\(name)` is not there") }
    guard attributes[.type] as? FileAttributeType == .typeRegular,
      let file = FileHandle(forReadingAtPath: url.path),
      let data = try? file.read(upToCount: byteCount + 1)
    else { throw RightsError(.unreadable, "`\(name)` cannot be read as a file") }
    guard data.count <= byteCount else {
      throw RightsError(.unreadable, "`\(name)` is larger than \(byteCount) bytes")
    }
    return [UInt8](data)
  }
}

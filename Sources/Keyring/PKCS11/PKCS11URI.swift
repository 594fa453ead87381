internal import Sealing

/// Names a PKCS#11 token, and perhaps an object on it, in the form of RFC 7512.
///
/// `pkcs11:token=…;serial=…;object=…?module-path=…&pin-source=file:…`. Only these attributes are
/// known, each at most once; a token or a serial number and the module's path have to be there. A
/// PIN is never part of the text, since the text stands in settings and in command lines.
public struct PKCS11URI: Hashable, Sendable {
  /// Longest accepted text in bytes.
  public static let maximumByteCount = 2048
  /// Longest label of a token in bytes; the field's width in the standard.
  static let maximumTokenByteCount = 32
  /// Longest serial number in bytes; the field's width in the standard.
  static let maximumSerialByteCount = 16
  /// Longest label of an object in bytes.
  static let maximumObjectByteCount = 64

  private static let scheme = "pkcs11:"
  private static let pathMarks = Set("-._~:[]@!$'()*+,=&".utf8)
  private static let queryMarks = Set("-._~:[]@!$'()*+,=/?|".utf8)

  /// Label of the token.
  public let token: String?
  /// Serial number of the token.
  public let serial: String?
  /// Label of the object.
  public let object: String?
  /// Absolute path of the module, a shared library.
  public let modulePath: String
  /// Absolute path of the file that holds the PIN.
  public let pinPath: String?

  /// Parses a text.
  ///
  /// - Throws: ``KeyringError`` `.unavailable` that says what is wrong with it, `.permission` when
  ///   it holds a PIN.
  public init(_ text: String) throws {
    guard text.utf8.count <= Self.maximumByteCount, text.hasPrefix(Self.scheme) else {
      throw Self.refusal("is no `pkcs11:` address of at most \(Self.maximumByteCount) bytes")
    }
    let parts = text.dropFirst(Self.scheme.count).split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = try Self.attributes(
      parts[0], separator: ";", known: ["token", "serial", "object"], Self.pathMarks)
    let query = try Self.attributes(
      parts.count > 1 ? parts[1] : "", separator: "&", known: ["module-path", "pin-source"],
      Self.queryMarks)
    token = path["token"]
    serial = path["serial"]
    object = path["object"]
    guard token != nil || serial != nil else {
      throw Self.refusal("names no token; add `token=` or `serial=`")
    }
    guard (token ?? "").utf8.count <= Self.maximumTokenByteCount,
      (serial ?? "").utf8.count <= Self.maximumSerialByteCount,
      (object ?? "").utf8.count <= Self.maximumObjectByteCount
    else { throw Self.refusal("has a label or a serial number that is too long") }
    guard let module = query["module-path"], module.hasPrefix("/") else {
      throw Self.refusal("needs `module-path=` with the absolute path of the token's library")
    }
    modulePath = module
    pinPath = try query["pin-source"].map(Self.filePath)
  }

  /// The address of the token alone, as receipts name it: no object, no module, no PIN file.
  public var tokenName: String {
    let parts = [("token", token), ("serial", serial)].compactMap { name, value in
      value.map { "\(name)=\(Self.encode($0))" }
    }
    return Self.scheme + parts.joined(separator: ";")
  }
}

extension PKCS11URI {
  private static func refusal(_ what: String) -> KeyringError {
    KeyringError(.unavailable, "the token's address \(what)")
  }

  private static func attributes(
    _ text: Substring, separator: Character, known: Set<String>, _ marks: Set<UInt8>
  ) throws -> [String: String] {
    guard !text.isEmpty else { return [:] }
    var found: [String: String] = [:]
    for part in text.split(separator: separator, omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(pair[0])
      guard name != "pin-value" else {
        throw KeyringError(
          .permission,
          "the token's address must not hold the PIN; write it to a file of mode 0600 and name "
            + "that with `pin-source=file:`")
      }
      guard known.contains(name), pair.count == 2 else {
        throw refusal("has a part that is not known here; \(known.sorted()) are")
      }
      guard found[name] == nil else { throw refusal("has `\(name)` twice") }
      guard let value = decode(pair[1], marks), !value.isEmpty else {
        throw refusal("has a value of `\(name)` that is empty or not percent-encoded as needed")
      }
      found[name] = value
    }
    return found
  }

  private static func filePath(_ source: String) throws -> String {
    for prefix in ["file://", "file:"] where source.hasPrefix(prefix + "/") {
      return String(source.dropFirst(prefix.count))
    }
    throw refusal("takes a PIN from a file only: `pin-source=file:` and an absolute path")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: false
    }
  }

  /// Undoes percent-encoding; nil for a foreign character, a control character or no UTF-8.
  private static func decode(_ text: Substring, _ marks: Set<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        guard let value = [UInt8](hexadecimal: digits), value.count == 1 else { return nil }
        bytes += value
        rest = rest.dropFirst(2)
      } else {
        guard isPlain(byte) || marks.contains(byte) else { return nil }
        bytes.append(byte)
      }
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func encode(_ text: String) -> String {
    text.utf8.map { byte in
      isPlain(byte) || "-._~".utf8.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + [byte].hexadecimal.uppercased()
    }.joined()
  }
}

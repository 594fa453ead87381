import CPKCS11
import Foundation
import Glibc
import Sealing
import Synchronization
import Testing

@testable import Keyring

/// SoftHSM2 with a directory of tokens of this test process's own.
///
/// The module reads its settings once a process and sees only tokens that were there by then. So
/// all tokens are made at first use, and each test takes one.
enum SoftHSM {
  static let pin = "24681357"
  static let tokenCount = 48
  private static let twinName = "twin"

  /// The library; nil where it is not installed.
  static let modulePath: String? = [
    "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
  ].first { FileManager.default.fileExists(atPath: $0) }

  static let isInstalled =
    modulePath != nil && Program.find("softhsm2-util") != nil && Program.find("pkcs11-tool") != nil
  static let skipped: Comment = "softhsm2 and opensc are not installed; see scripts/ensure-tools"

  private static let taken = Atomic<Int>(0)
  private static let directory: Result<String, any Error> = Result {
    let place = FileManager.default.temporaryDirectory.appending(path: "hsm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: place.appending(path: "tokens"), withIntermediateDirectories: true)
    try Data("directories.tokendir = \(place.path)/tokens\nlog.level = ERROR\n".utf8)
      .write(to: place.appending(path: "softhsm2.conf"))
    for name in (0..<tokenCount).map(label) + [twinName, twinName] {
      let made = try Program.run(
        [
          "softhsm2-util", "--init-token", "--free", "--label", name, "--pin", pin, "--so-pin",
          "97531864",
        ], ["SOFTHSM2_CONF": place.path + "/softhsm2.conf"])
      try #require(made.status == 0, "\(made.output)")
    }
    unsafe setenv("SOFTHSM2_CONF", place.path + "/softhsm2.conf", 1)
    atexit {
      if case .success(let path) = SoftHSM.directory {
        try? FileManager.default.removeItem(atPath: path)
      }
    }
    return place.path
  }

  /// A token that no other test uses.
  static func freshToken() throws -> TestToken {
    let path = try directory.get()
    let number = taken.wrappingAdd(1, ordering: .relaxed).newValue
    try #require(number <= tokenCount, "more tests than tokens")
    return TestToken(label: label(number - 1), directory: path)
  }

  /// Labels of one length: OpenSC's tool takes the beginning of a label for the whole.
  private static func label(_ number: Int) -> String { "token \(100 + number)" }

  /// The name of two tokens at once.
  static func twins() throws -> TestToken {
    TestToken(label: twinName, directory: try directory.get())
  }
}

/// One token, as this library and as an independent tool see it.
struct TestToken {
  let label: String
  let directory: String

  /// The address, with more behind its path or its query.
  func address(_ path: String = "") throws -> PKCS11URI {
    let label = label.replacingOccurrences(of: " ", with: "%20")
    let module = try #require(SoftHSM.modulePath)
    return try PKCS11URI("pkcs11:token=\(label)\(path)?module-path=\(module)")
  }

  func open(_ path: String = "", pin: String = SoftHSM.pin) throws -> PKCS11Token {
    PKCS11Token(try address(path)) { try SecretBytes(copying: Array(pin.utf8)) }
  }

  /// Opens the token through a module whose functions were changed.
  func open(
    _ path: String = "", pin: String = SoftHSM.pin,
    changing change: (inout CK_FUNCTION_LIST) -> Void
  ) throws -> PKCS11Token {
    let modulePath = try #require(SoftHSM.modulePath)
    var list = try PKCS11Module.load(modulePath).withFunctions { $0 }
    change(&list)
    let place = UnsafeMutablePointer<CK_FUNCTION_LIST>.allocate(capacity: 1)
    unsafe place.initialize(to: list)
    return PKCS11Token(
      try address(path), module: unsafe PKCS11Module(path: modulePath, list: place)
    ) { try SecretBytes(copying: Array(pin.utf8)) }
  }

  /// Runs OpenSC's tool as the token's user.
  @discardableResult
  func tool(_ arguments: String...) throws -> String {
    let module = try #require(SoftHSM.modulePath)
    let ran = try Program.run(
      ["pkcs11-tool", "--module", module, "--token-label", label, "--login", "--pin", SoftHSM.pin]
        + arguments, ["SOFTHSM2_CONF": directory + "/softhsm2.conf"])
    try #require(ran.status == 0, "\(ran.output)")
    return ran.output
  }

  /// Ends every session that this process has with the token.
  func closeAllSessions() throws {
    let module = try PKCS11Module.load(#require(SoftHSM.modulePath))
    try module.withFunctions { functions in
      try #require(functions.C_CloseAllSessions?(slot(functions)) == CKR_OK)
    }
  }

  private func slot(_ functions: CK_FUNCTION_LIST) throws -> CK_SLOT_ID {
    var count: CK_ULONG = 0
    try #require(unsafe functions.C_GetSlotList?(1, nil, &count) == CKR_OK)
    var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
    try #require(unsafe functions.C_GetSlotList?(1, &slots, &count) == CKR_OK)
    // A token that another process writes to cannot be read for that moment.
    for _ in 0..<5 {
      for slot in slots {
        var token = CK_TOKEN_INFO()
        guard unsafe functions.C_GetTokenInfo?(slot, &token) == CKR_OK else { continue }
        let name = unsafe withUnsafeBytes(of: token.label) {
          unsafe String(decoding: $0, as: UTF8.self)
        }
        if name.trimmingCharacters(in: .whitespaces) == label { return slot }
      }
    }
    throw KeyringError(.unavailable, "token `\(label)` is not there")
  }
}

/// Runs other programs.
enum Program {
  static func find(_ name: String) -> String? {
    ["/usr/bin", "/usr/local/bin", "/bin"].map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static func run(
    _ words: [String], _ environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(find(words[0])))
    process.arguments = Array(words.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let output = try FileHandle(forWritingTo: file)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }
}

extension EpochSecret {
  /// Whether another secret of the same epoch is the same.
  func matches(_ other: EpochSecret) -> Bool {
    epoch == other.epoch && secret.isEqual(to: other.secret)
  }
}

extension HeldKey {
  func matches(_ other: HeldKey) -> Bool { bytes.isEqual(to: other.bytes) }
}

/// The error that a body throws.
func failure(_ body: () throws -> Void) -> KeyringError? {
  do {
    try body()
    return nil
  } catch { return error as? KeyringError }
}

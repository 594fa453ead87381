import CPKCS11
import Foundation
import Glibc
import Sealing
import Synchronization
import Testing

@testable import Keyring

/// Counts of calls that a changed module has seen; a C function captures nothing.
private let refusedLogins = Atomic<Int>(0)
private let lostSessions = Atomic<Int>(0)
private let lockedLogins = Atomic<Int>(0)

@Suite(.enabled(if: SoftHSM.isInstalled, SoftHSM.skipped))
struct PKCS11TokenTests {
  @Test func pinOpensTheToken() throws {
    let token = try SoftHSM.freshToken().open()
    try token.connect()
    #expect(!token.isHardware)
  }

  @Test func wrongPINIsRefusedAndNeverTriedAgain() throws {
    let fresh = try SoftHSM.freshToken()
    let token = try fresh.open(pin: "11112222")
    for _ in 0..<3 {
      let error = failure { try token.connect() }
      #expect(error?.code == .permission)
      #expect(error?.message.contains("1111") == false)
      #expect(error?.message.contains("CKR_PIN_INCORRECT") == true)
    }
    // The module counts one attempt of the three.
    let counted = try fresh.open(changing: { list in
      unsafe list.C_Login = { _, _, _, _ in
        refusedLogins.add(1, ordering: .relaxed)
        return CKR_PIN_INCORRECT
      }
    })
    for _ in 0..<3 { expect(.permission) { try counted.connect() } }
    #expect(refusedLogins.load(ordering: .relaxed) == 1)
    try fresh.open().connect()
  }

  @Test(arguments: ["", "1", String(repeating: "9", count: 255)])
  func pinOfAnotherLengthIsRefused(pin: String) throws {
    expect(.permission) { try SoftHSM.freshToken().open(pin: pin).connect() }
  }

  @Test func lockedPINIsNamed() throws {
    let fresh = try SoftHSM.freshToken()
    let locked = try fresh.open(changing: { list in
      unsafe list.C_Login = { _, _, _, _ in CKR_PIN_LOCKED }
    })
    let error = failure { try locked.connect() }
    #expect(error?.code == .permission)
    #expect(error?.message.contains("locked") == true)
    // A token that says so beforehand is not even asked.
    let flagged = try TestToken(label: "locked", directory: "").open(changing: { list in
      unsafe list.C_Login = { _, _, _, _ in
        lockedLogins.add(1, ordering: .relaxed)
        return CKR_OK
      }
      unsafe list.C_GetSlotList = { _, slots, count in
        unsafe slots?.pointee = 0
        unsafe count?.pointee = 1
        return CKR_OK
      }
      unsafe list.C_GetTokenInfo = { _, info in
        let name = Array("locked".utf8) + Array(repeating: 0x20, count: 26)
        var token = CK_TOKEN_INFO()
        token.flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_LOCKED
        unsafe withUnsafeMutableBytes(of: &token.label) { unsafe $0.copyBytes(from: name) }
        unsafe info?.pointee = token
        return CKR_OK
      }
    })
    #expect(failure { try flagged.connect() }?.message.contains("locked; its security") == true)
    #expect(lockedLogins.load(ordering: .relaxed) == 0)
  }

  @Test func missingTokenIsNamed() throws {
    _ = try SoftHSM.twins()
    let absent = TestToken(label: "absent", directory: "/")
    let error = failure { try absent.open().connect() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("pkcs11:token=absent") == true)
    #expect(error?.message.contains("missing") == true)
  }

  @Test func twoTokensOfOneNameAreToldApartByTheirNumbers() throws {
    let twins = try SoftHSM.twins()
    let error = failure { try twins.open().connect() }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("serial=") == true)
    let module = try #require(SoftHSM.modulePath)
    let listed = try Program.run(
      ["pkcs11-tool", "--module", module, "--list-slots"],
      ["SOFTHSM2_CONF": twins.directory + "/softhsm2.conf"]
    ).output.components(separatedBy: "Slot ").filter { $0.contains("twin") }
    let serials = listed.compactMap { slot in
      slot.split(separator: "\n").first { $0.contains("serial num") }?
        .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    }
    #expect(Set(serials).count == 2)
    for serial in serials { try twins.open(";serial=\(serial)").connect() }
    expect(.unavailable) { try twins.open(";serial=0000").connect() }
  }

  @Test(arguments: ["/nonexistent/module.so", "/etc/passwd", "/lib/x86_64-linux-gnu/libm.so.6"])
  func otherFileIsNoModule(path: String) throws {
    let address = try PKCS11URI("pkcs11:token=a?module-path=\(path)")
    let token = PKCS11Token(address) { try SecretBytes(zeroCount: 4) }
    expect(.unavailable) { try token.connect() }
  }

  @Test func oneModuleIsLoadedOnceUnderAllItsNames() throws {
    let path = try #require(SoftHSM.modulePath)
    _ = try SoftHSM.twins()
    let link = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: URL(filePath: path))
    defer { try? FileManager.default.removeItem(at: link) }
    #expect(try PKCS11Module.load(path) === PKCS11Module.load(link.path))
  }

  @Test func lostSessionIsOpenedAnewOnce() throws {
    let fresh = try SoftHSM.freshToken()
    let token = try fresh.open()
    for _ in 0..<3 {
      try token.connect()
      try fresh.closeAllSessions()
      #expect(try token.perform { try $0.find(PKCS11Attribute.keys()).count } == 0)
    }
    let broken = try fresh.open(changing: { list in
      unsafe list.C_FindObjectsInit = { _, _, _ in
        lostSessions.add(1, ordering: .relaxed)
        return CKR_DEVICE_REMOVED
      }
    })
    let error = failure { _ = try broken.perform { try $0.find(PKCS11Attribute.keys()) } }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("CKR_DEVICE_REMOVED") == true)
    #expect(lostSessions.load(ordering: .relaxed) == 2)
  }

  @Test func otherFailureIsNotRepeated() throws {
    let token = try SoftHSM.freshToken().open(changing: { list in
      unsafe list.C_FindObjectsInit = { _, _, _ in CKR_DEVICE_ERROR }
    })
    var count = 0
    let error = failure {
      try token.perform { session in
        count += 1
        _ = try session.find(PKCS11Attribute.keys())
      }
    }
    #expect(count == 1)
    #expect(error?.message.contains("CKR_DEVICE_ERROR") == true)
  }

  @Test func forkedChildOpensItsOwnSession() throws {
    let token = try SoftHSM.freshToken().open()
    try token.connect()
    #expect(try childSucceeds { try token.connect() })
    try token.connect()
  }

  /// Runs a body in a forked child; another thread may hold a lock at the fork, so a child that
  /// hangs is ended by its alarm and the attempt repeated.
  private func childSucceeds(_ body: () throws -> Void) throws -> Bool {
    guard let symbol = unsafe dlsym(nil, "fork") else { return false }
    typealias Fork = @convention(c) () -> Int32
    for _ in 0..<20 {
      let process = unsafe unsafeBitCast(symbol, to: Fork.self)()
      if process == 0 {
        // Threads of the test runner block signals, and the child is a copy of one.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
        _ = alarm(1)
        _exit((try? body()) == nil ? 1 : 0)
      }
      var status: Int32 = 0
      _ = unsafe waitpid(process, &status, 0)
      if status == 0 { return true }
    }
    return false
  }
}

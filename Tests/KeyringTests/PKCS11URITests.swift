import Foundation
import Sealing
import Testing

@testable import Keyring

@Suite struct PKCS11URITests {
  @Test func everyPartIsRead() throws {
    let address = try PKCS11URI(
      "pkcs11:token=My%20token;serial=0a-1;object=vault%3Bkey?module-path=/usr/lib/x.so"
        + "&pin-source=file:/run/pin%25")
    #expect(address.token == "My token")
    #expect(address.serial == "0a-1")
    #expect(address.object == "vault;key")
    #expect(address.modulePath == "/usr/lib/x.so")
    #expect(address.pinPath == "/run/pin%")
    #expect(address.tokenName == "pkcs11:token=My%20token;serial=0a-1")
  }

  @Test(arguments: [
    ("pkcs11:serial=1?module-path=/x", nil), ("pkcs11:token=%C3%A9t%C3%A9?module-path=/x", nil),
    ("pkcs11:token=a?module-path=/x&pin-source=file:///p", "/p"),
    ("pkcs11:token=a?pin-source=file:/p&module-path=/x", "/p"),
  ])
  func shorterFormsAreRead(text: String, pinPath: String?) throws {
    #expect(try PKCS11URI(text).pinPath == pinPath)
  }

  @Test(arguments: [
    "", "pkcs11:", "PKCS11:token=a?module-path=/x", "pkcs11:token=a", "token=a?module-path=/x",
    "pkcs11:object=a?module-path=/x", "pkcs11:token=?module-path=/x",
    "pkcs11:token?module-path=/x", "pkcs11:token=a;?module-path=/x",
    "pkcs11:token=a;token=b?module-path=/x", "pkcs11:token=a;model=b?module-path=/x",
    "pkcs11:token=a;module-path=/x", "pkcs11:token=a?module-path=x.so",
    "pkcs11:token=a?module-name=x", "pkcs11:token=a?module-path=/x&module-path=/y",
    "pkcs11:token=a b?module-path=/x", "pkcs11:token=a%2?module-path=/x",
    "pkcs11:token=a%zz?module-path=/x", "pkcs11:token=%ff?module-path=/x",
    "pkcs11:token=a%00?module-path=/x", "pkcs11:token=a%0a?module-path=/x",
    "pkcs11:token=é?module-path=/x", "pkcs11:token=a?module-path=/x&pin-source=/p",
    "pkcs11:token=a?module-path=/x&pin-source=file:p",
    "pkcs11:token=a?module-path=/x&pin-source=%7Ccat", "pkcs11:token=a?module-path=/x&b",
    "pkcs11:token=\(String(repeating: "t", count: 33))?module-path=/x",
    "pkcs11:serial=\(String(repeating: "s", count: 17))?module-path=/x",
    "pkcs11:token=a;object=\(String(repeating: "o", count: 65))?module-path=/x",
    "pkcs11:token=a?module-path=/\(String(repeating: "x", count: 2048))",
  ])
  func otherFormsAreRefused(text: String) {
    expect(.unavailable) { _ = try PKCS11URI(text) }
  }

  @Test(arguments: [
    "pkcs11:token=a?module-path=/x&pin-value=1234", "pkcs11:token=a;pin-value=1234?module-path=/x",
  ])
  func pinInTheAddressIsRefusedAndNotRepeated(text: String) {
    let error = failure { _ = try PKCS11URI(text) }
    #expect(error?.code == .permission)
    #expect(error?.message.contains("1234") == false)
  }
}

@Suite struct PKCS11PINTests {
  private func read(_ content: String, mode: Int = 0o600) throws -> [UInt8] {
    let vault = try TestVault()
    try Data(content.utf8).write(to: URL(filePath: vault.keyPath))
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: vault.keyPath)
    return try PKCS11PIN.file(at: vault.keyPath, outside: vault.vaultDirectory.path)
      .plaintextCopy()
  }

  @Test(arguments: [
    ("1234", "1234"), ("1234\n", "1234"), (" 12 ", " 12 "),
    (String(repeating: "p", count: 255) + "\n", String(repeating: "p", count: 255)),
  ])
  func oneLineIsThePIN(content: String, pin: String) throws {
    #expect(try read(content) == Array(pin.utf8))
  }

  @Test(arguments: ["", "\n", "12\n34", "12\n\n", String(repeating: "p", count: 256)])
  func otherContentIsRefused(content: String) {
    expect(.permission) { _ = try read(content) }
  }

  @Test(arguments: [0o644, 0o640, 0o602])
  func fileOthersCanReadIsRefused(mode: Int) {
    expect(.permission) { _ = try read("1234", mode: mode) }
  }

  @Test func fileInTheVaultAndMissingFileAreRefused() throws {
    let vault = try TestVault()
    let inside = vault.vaultDirectory.appending(path: "pin").path
    try Data("1234".utf8).write(to: URL(filePath: inside))
    expect(.permission) {
      _ = try PKCS11PIN.file(at: inside, outside: vault.vaultDirectory.path)
    }
    expect(.unavailable) {
      _ = try PKCS11PIN.file(at: vault.keyPath, outside: vault.vaultDirectory.path)
    }
  }
}

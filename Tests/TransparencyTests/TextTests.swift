import Testing
import Transparency

@Suite struct Base64Tests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ])
  func vectorsOfTheStandard(plain: String, text: String) throws {
    #expect(Base64.encode(ascii(plain)) == text)
    #expect(try Base64.decode(text) == ascii(plain))
  }

  @Test func allBytesGoBothWays() throws {
    let bytes = Array(UInt8.min...UInt8.max)
    for count in 250...256 {
      let text = Base64.encode(Array(bytes[..<count]))
      #expect(try Base64.decode(text) == Array(bytes[..<count]))
    }
    #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "=Zg=", "Z===", "Zg==Zg==", "Zm 8",
    "Zm8=\n", " Zg==", "-_-_", "Zm8==", "Zg=a", "Zm8=====", "é===", "Zm9v====",
  ])
  func otherSpellingsAreRefused(text: String) {
    expect(.malformedBase64) { _ = try Base64.decode(text) }
  }
}

import TestSupport
import Testing

@testable import Sealing

/// A recipient that is read wrongly seals a person's data for nobody, or for everybody.
@Suite struct AgeRecipientTests {
  static let good = "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqqqn202s0"

  @Test(arguments: [good, AgePair.first.recipient, AgePair.second.recipient])
  func readsAndGivesBack(text: String) throws {
    let recipient = try AgeRecipient(text)
    #expect(recipient.text == text && recipient.point.count == 32)
  }

  @Test(arguments: [AgePair.first, .second])
  func isThePublicHalfOfItsIdentity(pair: AgePair) throws {
    #expect(try AgeRecipient(pair.recipient).point == pair.key().point)
  }

  static let refused: [(name: String, text: String)] = [
    ("empty", ""), ("prefix alone", "age1"), ("blank before", " " + good),
    ("line end behind", good + "\n"), ("capitals", good.uppercased()),
    ("a capital", "Age1" + good.dropFirst(4)), ("cut", String(good.dropLast())),
    ("longer", good + "q"), ("not the letters of the code", good.replacing("ph4up", with: "bh4up")),
    ("two exchanged", good.replacing("n202s0", with: "n20s20")),
    ("a zero more before the last", good.dropLast() + "q0"),
    ("another prefix", "agf1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqqqmhk97y"),
    ("separator in the prefix", "age11qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqushh45"),
    ("the checksum of bech32m", "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqqqqxklx4d"),
    ("31 bytes", "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqq4l9pgc"),
    ("33 bytes", "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqqqq3ah74d"),
    ("spare bits set", "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqqqqpwumlda"),
    ("the zero point", "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z"),
    ("the point 1", "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya"),
    ("order eight", "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9"),
    ("order eight, the other", "age1t7wft09r2zxzfvwsk92eeql0tvzyghxytqwgapkcyf8dm5ylz9ts6wm9s8"),
    ("the point -1", "age1anlllllllllllllllllllllllllllllllllllllllllllllllals4n2t7m"),
    ("zero once more", "age1ahlllllllllllllllllllllllllllllllllllllllllllllllalsn46ayy"),
    ("one once more", "age1amlllllllllllllllllllllllllllllllllllllllllllllllalselrwrv"),
    ("nine once more", "age17mlllllllllllllllllllllllllllllllllllllllllllllllalsxajvgg"),
    ("the largest number", "age1lllllllllllllllllllllllllllllllllllllllllllllllllalsjzdrvv"),
    ("top bit set", "age1qqqqqqqqqqqqqqqqqqq0ph4up2ykw3frqyqqqqqqqqqqqqqqqzqqhwadtk"),
    ("a secret key", AgePair.first.identity),
    ("a secret key in small letters", AgePair.first.identity.lowercased()),
    ("a secret key, cut", String(AgePair.first.identity.dropLast(3))),
    ("a key of ssh", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGQ0"),
    ("letters that look alike", good.replacing("age1", with: "аge1")),
  ]

  @Test(arguments: refused)
  func refuses(name: String, text: String) {
    do throws(SealingError) {
      _ = try AgeRecipient(text)
      Issue.record("\(name) was taken")
    } catch {
      #expect(error.code == .invalidRecipient)
      #expect(text.count < 5 || !error.message.contains(text), "a secret key must not be repeated")
      #expect(error.message.contains("secret key") == name.hasPrefix("a secret key"))
    }
  }

  @Test func refusesEveryChangedCharacter() {
    let good = Array(Self.good.utf8)
    for index in good.indices {
      var changed = good
      changed[index] = changed[index] == 0x71 ? 0x70 : 0x71
      let code = failure { () throws(SealingError) in
        _ = try AgeRecipient(String(decoding: changed, as: UTF8.self))
      }
      #expect(code == .invalidRecipient, "character \(index)")
    }
  }

  @Test func listsHaveOneToTwentyDifferentOnes() throws {
    let texts = try (1...21 as ClosedRange<UInt8>).map { number in
      let key = try X25519Key(scalar: SecretBytes(copying: [UInt8](repeating: number, count: 32)))
      return encode(key.point)
    }
    #expect(try AgeRecipients(Array(texts.prefix(20))).count == 20)
    for list in [[], texts, [texts[0], texts[1], texts[0]], [texts[0], "age1"]] {
      let code = failure { () throws(SealingError) in _ = try AgeRecipients(list) }
      #expect(code == .invalidRecipient)
    }
  }

  @Test func digestDoesNotDependOnTheOrder() throws {
    let texts = [AgePair.first.recipient, AgePair.second.recipient]
    let lines = texts.sorted().map { $0 + "\n" }.joined()
    #expect(try AgeRecipients(texts).digest == SHA256.hash(Array(lines.utf8)))
    #expect(try AgeRecipients(texts.reversed()).digest == AgeRecipients(texts).digest)
    #expect(try AgeRecipients([texts[0]]).digest != AgeRecipients(texts).digest)
  }
}

/// The text of a point as a recipient.
func encode(_ point: [UInt8]) -> String {
  let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
  var bits = point.flatMap { byte in (0..<8).reversed().map { byte >> UInt8($0) & 1 } }
  bits += [0, 0, 0, 0]
  let groups = stride(from: 0, to: bits.count, by: 5).map { start in
    bits[start..<(start + 5)].reduce(UInt8(0)) { $0 << 1 | $1 }
  }
  let prefix: [UInt8] = [3, 3, 3, 0, 1, 7, 5]
  var sum: UInt32 = 1
  for value in prefix + groups + [UInt8](repeating: 0, count: 6) {
    let top = sum >> 25
    sum = (sum & 0x1FF_FFFF) << 5 ^ UInt32(value)
    for (bit, generator) in [
      0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3,
    ].enumerated() where top >> UInt32(bit) & 1 == 1 {
      sum ^= UInt32(generator)
    }
  }
  let checksum = (0..<6).map { UInt8((sum ^ 1) >> UInt32(5 * (5 - $0)) & 31) }
  return "age1" + String(decoding: (groups + checksum).map { alphabet[Int($0)] }, as: UTF8.self)
}

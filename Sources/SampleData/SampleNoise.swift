/// Spoils values the way people and systems do.
enum SampleNoise {
  /// Swaps, drops or doubles one letter; short names are left alone.
  static func typo(_ text: String, _ random: inout SplitMix64) -> String {
    var scalars = Array(text.unicodeScalars)
    guard scalars.count >= 4 else { return text }
    let position = 1 + random.below(scalars.count - 2)
    switch random.below(3) {
    case 0: scalars.swapAt(position, position + 1)
    case 1: scalars.remove(at: position)
    default: scalars.insert(scalars[position], at: position)
    }
    return string(scalars)
  }

  /// Mistypes the name part of an e-mail address; digits and domain stay, so that the result is
  /// nobody else's address and no domain outside the reserved ones appears.
  static func typo(inEmail email: String, _ random: inout SplitMix64) -> String {
    let parts = email.split(separator: "@", maxSplits: 1)
    guard parts.count == 2 else { return email }
    let letters = parts[0].unicodeScalars.prefix { ("a"..."z").contains($0) }
    let rest = parts[0].unicodeScalars.dropFirst(letters.count)
    let spoiled = typo(string(Array(letters)), &random)
    return spoiled + string(Array(rest)) + "@" + parts[1]
  }

  /// Changes case or adds blanks: differences that a normaliser has to remove.
  static func restyled(_ email: String, _ random: inout SplitMix64) -> String {
    switch random.below(20) {
    case 0, 1: email.uppercased()
    case 2, 3: String(email.prefix(1)).uppercased() + String(email.dropFirst(1))
    case 4: " " + email + " "
    default: email
    }
  }

  /// Writes a name as a second system may have it.
  static func respelled(_ name: SampleName, _ random: inout SplitMix64) -> String {
    switch random.below(20) {
    case 0...6: name.latin
    case 7: name.latin.uppercased()
    case 8: typo(name.latin, &random)
    case 9: name.latin.lowercased()
    default: name.written
    }
  }

  private static func string(_ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}

/// Writes a version 4 UUID (RFC 9562) from the seeded sequence.
func sampleUUID(_ random: inout SplitMix64) -> String {
  let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
  let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  let digits = hexadecimal(high) + hexadecimal(low)
  var text = ""
  for (position, digit) in digits.enumerated() {
    if [8, 12, 16, 20].contains(position) { text += "-" }
    text.append(digit)
  }
  return text
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

internal import Sealing

/// Shamir's secret sharing over GF(256): any `k` of `n` shares give the secret, fewer say nothing.
///
/// Every byte of the secret is the constant term of a random polynomial of degree `k - 1` of its
/// own; share `x` holds the values at `x`. The field is that of AES, modulo 0x11B. Products are
/// computed bit by bit with masks, without tables, so that no memory access depends on a secret.
///
/// - SeeAlso: A. Shamir, "How to Share a Secret" (1979), `docs/format.md#shares`.
enum Shamir {
  /// How many shares a secret may have.
  static let shareCounts = 2...16

  /// One share: the polynomials' values at `index`, which is never 0.
  struct Point: Sendable {
    let index: UInt8
    let value: HeldKey
  }

  /// Splits a secret of 32 bytes.
  static func split(
    _ secret: borrowing SecretBytes, threshold: Int, count: Int, random: any RandomSource
  ) throws -> [Point] {
    precondition(shareCounts.contains(threshold) && (threshold...16).contains(count))
    let length = HeldKey.byteCount
    precondition(secret.count == length, "32 bytes are split")
    let coefficients = try SecretBytes(randomCount: (threshold - 1) * length, from: random)
    return try (1...UInt8(count)).map { index in
      var value = try SecretBytes(zeroCount: length)
      unsafe value.withUnsafeMutableBytes { value in
        unsafe secret.withUnsafeBytes { secret in
          unsafe coefficients.withUnsafeBytes { coefficients in
            for offset in 0..<length {
              var sum: UInt8 = 0
              for degree in (0..<threshold - 1).reversed() {
                sum = unsafe multiply(sum ^ coefficients[degree * length + offset], index)
              }
              unsafe value[offset] = sum ^ secret[offset]
            }
          }
        }
      }
      return Point(index: index, value: HeldKey(value))
    }
  }

  /// Computes the polynomials' values at `index` from as many points as the threshold; the secret
  /// is at 0.
  static func interpolate(_ points: [Point], at index: UInt8 = 0) throws -> SecretBytes {
    var result = try SecretBytes(zeroCount: HeldKey.byteCount)
    for point in points {
      // Indices are public; only the values are secret.
      var factor: UInt8 = 1
      for other in points where other.index != point.index {
        factor = multiply(factor, other.index ^ index)
        factor = multiply(factor, inverse(other.index ^ point.index))
      }
      unsafe result.withUnsafeMutableBytes { result in
        unsafe point.value.bytes.withUnsafeBytes { value in
          for offset in 0..<value.count {
            unsafe result[offset] ^= multiply(value[offset], factor)
          }
        }
      }
    }
    return result
  }

  /// The product in GF(256), in time that depends on nothing.
  static func multiply(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var product: UInt8 = 0
    var power = left
    for bit in 0..<8 as Range<UInt8> {
      product ^= power & (0 &- (right &>> bit & 1))
      power = power &<< 1 ^ (0x1B & (0 &- (power &>> 7)))
    }
    return product
  }

  /// The inverse in GF(256), as the 254th power; 0 for 0.
  static func inverse(_ value: UInt8) -> UInt8 {
    var result: UInt8 = 1
    var power = value
    for _ in 1..<8 {
      power = multiply(power, power)
      result = multiply(result, power)
    }
    return result
  }
}

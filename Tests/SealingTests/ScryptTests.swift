import Testing

@testable import Sealing

/// The parameters stand in a file that an attacker may edit.
@Suite struct ScryptTests {
  static let refused: [(Int, Int, Int)] = [
    (0, 8, 1), (1, 8, 1), (2, 8, 1), (16_384, 8, 1), (32_767, 8, 1), (32_769, 8, 1),
    (98_304, 8, 1), (-32_768, 8, 1), (Int.min, 8, 1), (Int.max, 8, 1), (2_097_152, 8, 1),
    (4_611_686_018_427_387_904, 8, 1), (32_768, 0, 1), (32_768, 1, 1), (32_768, 7, 1),
    (32_768, 9, 1), (32_768, Int.max, 1), (32_768, -8, 1), (32_768, 8, 0), (32_768, 8, -1),
    (32_768, 8, 5), (32_768, 8, Int.max), (32_768, 8, Int.min),
  ]

  @Test(arguments: refused)
  func weakOrAbsurdParametersAreRefused(cost: Int, blockSize: Int, parallelism: Int) {
    let parameters = Scrypt.Parameters(
      cost: cost, blockSize: blockSize, parallelism: parallelism)
    let code = failure { () throws(SealingError) in
      _ = try Scrypt.derive(
        passphrase: SecretBytes(copying: Array("correct horse".utf8)), salt: [1],
        parameters: parameters)
    }
    #expect(code == .weakParameters)
  }

  @Test func minimumWorksAndDependsOnEveryInput() throws {
    func derive(_ passphrase: String, _ salt: [UInt8], parallelism: Int = 1) throws -> [UInt8] {
      try Scrypt.derive(
        passphrase: SecretBytes(copying: Array(passphrase.utf8)), salt: salt,
        parameters: Scrypt.Parameters(cost: 1 << 15, blockSize: 8, parallelism: parallelism)
      ).plaintextCopy()
    }
    let keys = [
      try derive("correct horse", [1]), try derive("correct horsf", [1]),
      try derive("correct horse", [2]), try derive("correct horse", [1], parallelism: 2),
      try derive("", [1]),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(keys.allSatisfy { $0.count == 32 })
    #expect(try derive("correct horse", [1]) == keys[0])
  }

  @Test func standardIsInsideTheLimits() {
    #expect(Scrypt.Parameters.standard.isAcceptable)
    #expect(Scrypt.Parameters.minimum.isAcceptable)
    #expect(Scrypt.Parameters.maximum.isAcceptable)
    #expect(Scrypt.Parameters.standard.cost == 1 << 17)
  }
}

#if os(Linux)
  import TestSupport
  import Testing

  @testable import Sealing

  /// After a scope ends, its keys and plaintexts are nowhere in this process.
  ///
  /// Every test first finds its marker while it lives: a search that finds nothing proves nothing.
  /// One search at a time, since the buffer of another would hold what it has just read.
  @Suite(
    .serialized,
    .enabled(
      if: MemoryScan.isPossible, "needs /proc/self/mem, which this system does not let us read"))
  struct MemoryTests {
    @Test func ordinaryArrayIsFound() throws {
      let marker = try Marker(count: 32)
      var array = [UInt8](repeating: 0, count: marker.count)
      unsafe array.withUnsafeMutableBytes { unsafe marker.write(into: $0) }
      #expect(try MemoryScan.count(marker) >= 1)
      #expect(array.count == 32)
    }

    @Test func secretBytesLeaveNothing() throws {
      let marker = try Marker(count: 32)
      func live() throws -> Int {
        let secret = try marker.secret()
        let count = try MemoryScan.count(marker)
        #expect(secret.count == 32)
        return count
      }
      #expect(try live() == 1)
      #expect(try MemoryScan.count(marker) == 0)
    }

    @Test func destroyedSecretLeavesNothing() throws {
      let marker = try Marker(count: 32)
      let secret = try marker.secret()
      let slice = try secret.slice(0..<32)
      let copy = try secret.copy()
      #expect(try MemoryScan.count(marker) == 3)
      secret.destroy()
      slice.destroy()
      copy.destroy()
      #expect(try MemoryScan.count(marker) == 0)
    }

    private func key(_ subject: Marker, _ bucket: Marker) throws(SealingError) -> FieldKey {
      try FieldKey(
        subjectKey: subject.secret(), bucketKey: bucket.secret(),
        vault: VaultID(rawBytes: [UInt8](repeating: 1, count: 16)),
        subject: SubjectID(rawBytes: [UInt8](repeating: 2, count: 16)),
        generation: 1, bucket: .permanent)
    }

    @Test func fieldKeyLeavesNothing() throws {
      let (subject, bucket) = (try Marker(count: 32), try Marker(count: 32))
      func live() throws -> Marker {
        let key = try key(subject, bucket)
        let derived = unsafe key.key.withUnsafeBytes { unsafe Marker($0) }
        #expect(try MemoryScan.count(derived) == 1)
        #expect(key.generation == 1)
        return derived
      }
      let derived = try live()
      #expect(try MemoryScan.count(derived) == 0)
      #expect(try MemoryScan.count(subject) == 0)
      #expect(try MemoryScan.count(bucket) == 0)
    }

    @Test func sealedFileLeavesNothing() throws {
      let marker = try Marker(count: 32)
      func text() throws -> Marker {
        var text = try SecretBytes(zeroCount: 2 * marker.count)
        let secret = try marker.secret()
        unsafe text.withUnsafeMutableBytes { target in
          unsafe secret.withUnsafeBytes { bytes in
            for (index, digit) in unsafe bytes.flatMap({ [$0 >> 4, $0 & 15] }).enumerated() {
              unsafe target[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
          }
        }
        return unsafe text.withUnsafeBytes { unsafe Marker($0) }
      }
      let hexadecimal = try text()
      #expect(try MemoryScan.count(hexadecimal) == 0)
      let calls = Calls()
      try AgeFile.seal(
        to: AgeRecipients([AgePair.first.recipient]), random: SystemRandom(),
        into: { _ in _ = calls.next() },
        { writer in
          try writer.writeHexadecimal(marker.secret())
          #expect(try MemoryScan.count(hexadecimal) == 1, "in the chunk that is not sealed yet")
        })
      #expect(try MemoryScan.count(hexadecimal) == 0)
      #expect(try MemoryScan.count(marker) == 0)
      #expect(calls.next() == 4, "header, nonce and one chunk")
    }

    @Test func cipherForgetsKeyAndPlaintext() throws {
      let (subject, bucket) = (try Marker(count: 32), try Marker(count: 32))
      let plaintext = try Marker(count: 28)
      let cipher = FieldCipher(random: SystemRandom())
      let cell = Cell(table: 1, field: 2, row: 3)
      func live() throws -> Marker {
        let key = try key(subject, bucket)
        var value = [UInt8](repeating: 0, count: plaintext.count)
        unsafe value.withUnsafeMutableBytes { unsafe plaintext.write(into: $0) }
        let envelope = try cipher.seal(value, key: key, cell: cell)
        unsafe value.withUnsafeMutableBytes { buffer in
          for index in buffer.indices { unsafe buffer[index] = 0 }
        }
        #expect(value.count == 28)
        #expect(try MemoryScan.count(plaintext) == 0, "sealing keeps no copy of the value")
        let opened = try cipher.open(envelope, key: key, cell: cell)
        #expect(try MemoryScan.count(plaintext) == 1)
        #expect(opened.count == 28)
        return unsafe key.key.withUnsafeBytes { unsafe Marker($0) }
      }
      let derived = try live()
      #expect(try MemoryScan.count(derived) >= 1, "the key schedule begins with the key")
      cipher.wipe()
      #expect(try MemoryScan.count(derived) == 0)
      #expect(try MemoryScan.count(plaintext) == 0)
    }

    @Test func failedOpenLeavesNoPlaintext() throws {
      let (subject, bucket) = (try Marker(count: 32), try Marker(count: 32))
      let plaintext = try Marker(count: 28)
      let cipher = FieldCipher(random: SystemRandom())
      let cell = Cell(table: 1, field: 2, row: 3)
      let key = try key(subject, bucket)
      var value = [UInt8](repeating: 0, count: plaintext.count)
      unsafe value.withUnsafeMutableBytes { unsafe plaintext.write(into: $0) }
      var envelope = try cipher.seal(value, key: key, cell: cell)
      #expect(try MemoryScan.count(plaintext) >= 1)
      unsafe value.withUnsafeMutableBytes { buffer in
        for index in buffer.indices { unsafe buffer[index] = 0 }
      }
      envelope[envelope.count - 1] ^= 1
      let code = failure { () throws(SealingError) in
        _ = try cipher.open(envelope, key: key, cell: cell)
      }
      #expect(code == .authenticationFailure)
      #expect(try MemoryScan.count(plaintext) == 0)
      #expect(value.count == 28)
    }

    @Test func derivationsLeaveNothing() throws {
      let input = try Marker(count: 32)
      func live() throws -> [Marker] {
        let output = try HKDF.derive(inputKey: input.secret(), salt: [1], info: [2], count: 96)
        return unsafe output.withUnsafeBytes { bytes in
          stride(from: 0, to: 96, by: 32).map { start in
            unsafe Marker(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 32]))
          }
        }
      }
      let blocks = try live()
      for block in blocks + [input] { #expect(try MemoryScan.count(block) == 0) }
    }

    @Test func codeAndSigningKeysLeaveNothing() throws {
      let (code, seed) = (try Marker(count: 32), try Marker(count: 32))
      func live() throws -> Int {
        var hmac = try HMACKey(code.secret())
        let signing = try SigningKey(seed: seed.secret())
        #expect(hmac.authenticate([1]).count == 32)
        #expect(try signing.sign([1]).count == 64)
        return try MemoryScan.count(seed)
      }
      #expect(try live() >= 1)
      #expect(try MemoryScan.count(code) == 0)
      #expect(try MemoryScan.count(seed) == 0)
    }
  }
#endif

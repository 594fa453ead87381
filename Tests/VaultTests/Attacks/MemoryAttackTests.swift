#if os(Linux)
  import Foundation
  import GRDB
  import Keyring
  import TestSupport
  import Testing
  import VaultTesting

  @testable import Sealing
  @testable import Vault

  /// Reads the memory of the process that has erased somebody, as a debugger would.
  ///
  /// Every secret is found first while it lives: a search that finds nothing proves nothing.
  @Suite(
    .serialized,
    .enabled(
      if: MemoryScan.isPossible, "needs /proc/self/mem, which this system does not let us read"))
  struct MemoryAttackTests {
    /// A value that stands nowhere else, and the mark in its middle: freeing memory overwrites the
    /// first bytes of a block, and a search for the whole would miss what is left.
    private struct Value {
      static let margin = 40
      let mark: Marker
      private(set) var bytes: [UInt8]

      init() throws {
        bytes = try SystemRandom().bytes(count: 2 * Self.margin + 28).map { 0x61 + $0 % 26 }
        mark = unsafe bytes.withUnsafeBytes { buffer in
          unsafe Marker(
            UnsafeRawBufferPointer(rebasing: buffer[Self.margin..<buffer.count - Self.margin]))
        }
      }

      mutating func wipe() {
        for index in bytes.indices { bytes[index] = 0 }
      }
    }

    private struct Scene {
      let test: TestVault
      let vault: Vault
      let token: TokenText
      let leaf: Int64
      let bucket: Bucket
      let text: Marker

      /// Brings in one person with a value that only this test knows, and forgets its own copy.
      init() throws {
        // Keys that no other test of this process draws from the same seed.
        test = try TestVault(seed: .random(in: 1_000...UInt64.max))
        let vault = try test.withPeople()
        self.vault = vault
        var value = try Value()
        text = value.mark
        func bringIn(_ value: Value) throws {
          let base = TestSources.crm.record("K-9", ["number": "K-9", "email": "k9@example.com"])
          let record = IncomingRecord(
            externalID: base.externalID, recordID: base.recordID,
            collectedDay: base.collectedDay, eventName: nil,
            fields: base.fields + [IncomingField(number: 7, value: value.bytes)],
            identifiers: base.identifiers)
          try vault.ingest([record], from: TestSources.crm)
        }
        try bringIn(value)
        value.wipe()
        token = try vault.theOne(.customerNumber, "K-9")
        let leaf = try vault.leaf(TestSources.crm, "K-9")
        self.leaf = leaf
        let records = try vault.queue.read { try RecordStore(database: $0).ofSubject(leaf) }
        bucket = try #require(records.first).bucket
      }

      func subjectKey() throws -> Marker {
        try vault.keyring.withSubjectKey(leaf) { unsafe $0.withUnsafeBytes { unsafe Marker($0) } }
      }

      func fieldKey() throws -> Marker {
        let row = try #require(try vault.queue.read { try SubjectStore(database: $0).find(leaf) })
        let opener = SubjectOpener(vault)
        let key = try opener.fieldKey(opener.open(row), bucket, createIfMissing: false)
        return unsafe key.key.withUnsafeBytes { unsafe Marker($0) }
      }

      func epochSecret() throws -> Marker {
        let slot = try FileEpochSlot.open(at: test.slotPath, vault: vault.id, random: test.random)
        let epoch = try #require(try slot.read().last)
        return unsafe epoch.secret.withUnsafeBytes { unsafe Marker($0) }
      }

      /// Begins the erasure and lets it die right behind the fence.
      func fence() throws {
        let digest = try vault.previewErasure(token, .dpo).digest
        func state() throws -> String {
          try vault.value(String.self, "SELECT state FROM erasure") ?? "none"
        }
        for draws in 0..<50 {
          let before = try state()
          guard before != "fenced" else { return }
          test.random.fail(after: draws)
          #expect(throws: (any Error).self) {
            if before == "none" {
              _ = try vault.erase(token, confirming: digest, reference: "R-1", .dpo)
            } else {
              try vault.resumeErasures()
            }
          }
          test.random.fail(after: nil)
        }
        Issue.record("no erasure stopped at the fence")
      }
    }

    private func record(_ name: String, _ tried: String, _ result: String) {
      AttackReport.record(number: 41, name: name, tried: tried, result: result)
    }

    @Test func nothingOfAnErasedPersonStaysInTheProcess() throws {
      let scene = try Scene()
      #expect(try MemoryScan.count(scene.text) == 0, "bringing in keeps no copy of the value")
      let (subject, epoch) = (try scene.subjectKey(), try scene.epochSecret())
      #expect(try MemoryScan.count(subject) >= 1, "the opened node of the key tree holds it")
      let field = try scene.fieldKey()
      #expect(try MemoryScan.count(field) == 0, "no field key outlives its operation")

      try scene.fence()
      expect(VaultError.Code.fenced) { _ = try scene.vault.disclose(scene.token, .dpo) }
      let fenced = try [subject, field, epoch, scene.text].map(MemoryScan.count)
      #expect(fenced[1...].allSatisfy { $0 == 0 })
      record(
        "memory of the process that fenced a person",
        "subject key, field key, epoch secret and a value, through /proc/self/mem",
        "field key, epoch secret and value 0 times; subject key \(fenced[0]) times: a locked node "
          + "may hold it until the keys are destroyed")

      #expect(try scene.vault.resumeErasures() == ["R-1"])
      let final = try [subject, field, epoch, scene.text].map(MemoryScan.count)
      #expect(final == [0, 0, 0, 0])
      record(
        "memory of the process that erased a person",
        "subject key, field key, epoch secret and a value, after the erasure was final",
        "0 times each")
    }

    @Test func nothingOfAnExpiredBucketStaysInTheProcess() throws {
      let test = try TestVault(seed: .random(in: 1_000...UInt64.max))
      let vault = try test.made()
      try vault.ingest(
        [TestSources.dmp.record("c-1", day: TestVault.day - 29, ["cookie": "c-1"])],
        from: TestSources.dmp)
      let bucket = Bucket(retentionClass: 2, day: UInt32(TestVault.day - 29))
      let key = try vault.keyring.withBucketKey(bucket, createIfMissing: false) {
        unsafe $0.withUnsafeBytes { unsafe Marker($0) }
      }
      #expect(try MemoryScan.count(key) >= 1)
      test.clock.set(day: TestVault.day + 1)
      let plan = try vault.planExpiry(TestSources.classes, .dpo)
      _ = try vault.expire(plan, confirming: plan.digest, reference: "E-1", .dpo)
      #expect(try MemoryScan.count(key) == 0)
      record("memory of the process that expired a bucket", "the bucket key", "0 times")
    }

    /// Another process does not know of the erasure until it looks at the key store again.
    @Test func anotherReaderForgetsTheKeyWithItsNextUse() throws {
      let scene = try Scene()
      let other = try scene.test.open()
      try other.keyring.withSubjectKey(scene.leaf) { _ in }
      let subject = try scene.subjectKey()
      try scene.vault.eraseNow(scene.token, "R-1")
      let idle = try MemoryScan.count(subject)
      expect(KeyringError.Code.keyDestroyed) {
        try other.keyring.withSubjectKey(scene.leaf) { _ in }
      }
      #expect(try MemoryScan.count(subject) == 0)
      record(
        "memory of another reader of the vault", "the subject key",
        "\(idle) times while the reader is idle, 0 times after its next use of the key store")
    }

    /// What is shown to people has left the vault; this says how long it stays behind.
    @Test func aRevealedValueIsTheReadersToForget() throws {
      let scene = try Scene()
      func reveal() throws {
        let values = try scene.vault.values(scene.token)["crm.diagnosis"]
        #expect(values?.first?.utf8.count == 2 * Value.margin + 28)
        #expect(try MemoryScan.count(scene.text) >= 1)
      }
      try reveal()
      let left = try MemoryScan.count(scene.text)
      record(
        "memory of the process that has shown a value", "the value, after it was let go",
        "\(left) copies in freed memory: text handed out is ordinary memory and is not wiped")
    }
  }
#endif

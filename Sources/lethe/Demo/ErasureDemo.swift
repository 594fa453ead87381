import Foundation
import Intake
import Rights
import Transparency
import Vault

/// Erases a person, then tries to get them back in every way a thief of backups would.
struct ErasureDemo {
  private let demo: DemoRun
  private let vault: Vault
  private let person: SamplePersonFound
  private let crm: String
  private let reference = "DEMO-2"

  init(_ demo: DemoRun, _ vault: Vault, _ person: SamplePersonFound, crm: String) {
    self.demo = demo
    self.vault = vault
    self.person = person
    self.crm = crm
  }

  func play() throws {
    let dpo = demo.requester(DemoRun.Actor.dpo, "subject_rights", case: reference)
    let backup = demo.dataDirectory + "/backup"
    try copy(demo.directory, to: backup)
    defer { try? FileManager.default.removeItem(atPath: backup) }
    demo.checkRefused("an erasure needs the fingerprint of its preview") {
      _ = try vault.erase(
        person.token, confirming: "0000000000000000", reference: reference, dpo)
    }
    try demo.step("erase a person") {
      let preview = try vault.previewErasure(person.token, dpo)
      let outcome = try vault.erase(
        person.token, confirming: preview.digest, reference: reference, dpo)
      demo.check(
        "every key asked for again is gone", outcome.facts.verifiedUnreadable == preview.subjects)
      return (
        (),
        "\(outcome.facts.subjects) subjects, \(outcome.facts.sweptRecords) records, epoch "
          + "\(outcome.facts.oldEpoch) ended, assurance L\(outcome.facts.assurance)"
      )
    }
    try vault.publishLog()
    try forgotten(dpo)
    try scan()
    try attackBackup(backup, dpo)
    try certificate()
  }

  private func forgotten(_ dpo: Requester) throws {
    demo.checkRefused("the token leads to nobody") {
      _ = try vault.disclose(person.token, dpo)
    }
    demo.check("the e-mail finds nobody", try vault.find(.email, person.email, dpo).isEmpty)
    let report = try demo.step("the same crm.csv once more") {
      let report = try demo.ingest(vault, crm, contract: "crm")
      return (report.vault, "\(report.vault.suppressed) suppressed, \(report.vault.added) added")
    }
    demo.check("the erased person does not come back", report.suppressed > 0 && report.added == 0)
  }

  /// No file of the vault may hold a byte of the person's e-mail, phone or name.
  private func scan() throws {
    try demo.step("scan every file of the vault") {
      var files = 0
      var bytes = 0
      for path in try FileManager.default.subpathsOfDirectory(atPath: demo.directory) {
        let full = "\(demo.directory)/\(path)"
        guard let data = FileManager.default.contents(atPath: full) else { continue }
        files += 1
        bytes += data.count
        for secret in person.secrets {
          if data.range(of: Data(secret)) != nil {
            demo.check("\(path) holds nothing of the person", false)
          }
        }
      }
      demo.check("the scan read the databases", bytes > 1 << 20)
      return ((), "\(files) files, \(bytes >> 20) MiB, \(person.secrets.count) texts searched for")
    }
  }

  /// The backup of before, with today's unseal key and slot; and old records with today's keys.
  private func attackBackup(_ backup: String, _ dpo: Requester) throws {
    try demo.step("open the backup of before") {
      demo.checkRefused("the old key store does not open any more") { _ = try demo.open(backup) }
      return ((), "refused: its epoch is gone")
    }
    try demo.step("old records, present keys") {
      let mixed = demo.dataDirectory + "/mixed"
      defer { try? FileManager.default.removeItem(atPath: mixed) }
      try copy(demo.directory, to: mixed)
      for name in ["vault.sqlite", "index.sqlite"] {
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: "\(mixed)/\(name)\(suffix)")
          let old = "\(backup)/\(name)\(suffix)"
          guard FileManager.default.fileExists(atPath: old) else { continue }
          try FileManager.default.copyItem(atPath: old, toPath: "\(mixed)/\(name)\(suffix)")
        }
      }
      let attacked = try demo.open(mixed)
      demo.checkRefused("no field of the erased person opens from the old records") {
        _ = try attacked.disclose(person.token, dpo)
      }
      demo.checkRefused("the restored vault does not sign a second history") {
        _ = try attacked.publishLog()
      }
      return ((), "no field opens")
    }
  }

  private func certificate() throws {
    try demo.step("certificate") {
      let files = try CertificateFiles(vault, reference).write(
        to: "\(demo.dataDirectory)/certificate")
      let key = try NoteVerifierKey(encoded: try vault.certificateVerifierKey())
      let note = try SignedNote(encoded: try FileByteSource.contents(of: files[0]))
      demo.check("the certificate verifies", try note.verified(by: [key]).signers.count == 1)
      let entry = try FileByteSource.contents(of: files[1])
      let proof = try LogProof(encoded: try FileByteSource.contents(of: files[2]))
      let logKey = try NoteVerifierKey(encoded: try vault.logVerifierKey())
      demo.check(
        "its log proof verifies",
        try proof.verify(entry: entry, logKey: logKey, witnesses: []).checkpoint.treeSize > 0)
      return ((), "\(files.count) files, verifiable without the vault")
    }
  }

  private func copy(_ source: String, to target: String) throws {
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.copyItem(atPath: source, toPath: target)
  }
}

/// Verifies the demo's log, and that a changed byte shows.
struct DemoLog {
  private let demo: DemoRun
  private let vault: Vault

  init(_ demo: DemoRun, _ vault: Vault) {
    self.demo = demo
    self.vault = vault
  }

  func verify() throws {
    try demo.step("publish and verify the log") {
      try vault.publishLog()
      let report = try PublishedLogFiles(vault.layout.audit).verify(
        vkey: try vault.logVerifierKey())
      demo.check("the log is whole", report.isValid)
      return ((), "\(report.entryCount) entries, \(report.findings.count) findings")
    }
    let copy = demo.dataDirectory + "/tampered"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    try? FileManager.default.removeItem(atPath: copy)
    try FileManager.default.copyItem(atPath: vault.layout.audit, toPath: copy)
    try flipByte(below: copy + "/tile/entries")
    let report = try PublishedLogFiles(copy).verify(vkey: try vault.logVerifierKey())
    demo.check("one flipped byte shows", !report.isValid)
  }

  private func flipByte(below directory: String) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
    let paths = names.map { "\(directory)/\($0)" }
    guard
      let path = paths.first(where: { FileManager.default.contents(atPath: $0)?.count ?? 0 > 100 }),
      var data = FileManager.default.contents(atPath: path)
    else { throw CheckFailure(message: "the published log has no entry bundle") }
    data[50] ^= 1
    try data.write(to: URL(fileURLWithPath: path))
  }
}

import Foundation
import TestSupport
import Testing

/// Full and read-only file systems, made in a mount namespace of the test's own.
@Suite(
  .enabled(
    if: Namespace.isPermitted,
    "no mount namespace is permitted here; tests of full and read-only disks skipped"))
struct DiskTests {
  @Test func aFullDiskIsSaidAndTheFileGoesInLater() throws {
    let stage = try Stage(Template.bare)
    try stage.write(Rows.header + Rows.crm(1...6000), "data.csv")
    let outcome = try Namespace.run(
      """
      mkdir small && mount -t tmpfs -o size=3m none small
      "$0" init small/vault --unseal file:small.key --slot small.slot --policies vault/policies 2>init.err
      export LETHE_VAULT=small/vault
      "$0" ingest data.csv --contract crm --as eve 2>full.err; echo $? >full.code
      "$0" audit verify --json >full.json
      mount -o remount,size=100m small
      "$0" ingest data.csv --contract crm --as eve --json >later.json
      "$0" status --as dana --json >status.json
      "$0" audit verify --json >verify.json
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    let complaint = try stage.text("full.err")
    #expect(try stage.text("full.code") == "1\n", "\(complaint)")
    #expect(
      complaint.split(separator: "\n").count == 1 && complaint.contains("full"), "\(complaint)")
    #expect(complaint.hasSuffix("[storage]\n"), "\(complaint)")
    #expect(!Rows.secrets.contains { complaint.contains($0) })
    let later = try stage.document("later.json")
    let kept = ["added", "unchanged"].reduce(0) { $0 + (later[$1] as? Int ?? 0) }
    #expect(kept == 6000 && later["added"] as? Int ?? 0 > 0)
    let status = try stage.document("status.json")
    for name in ["subjects", "records"] { #expect(status[name] as? Int == 6000) }
    #expect(status["match_entries"] as? Int == 6000 * 3)
    for name in ["full.json", "verify.json"] {
      #expect(try stage.document(name)["valid"] as? Bool == true)
    }
  }

  /// The disk of the published log is full: the act is in the log, and nothing is shown.
  @Test func aFullDiskWhilePublishing() throws {
    let stage = try Stage(Template.full)
    try stage.write(stage.email, "email")
    let outcome = try Namespace.run(
      """
      mkdir small && mount -t tmpfs -o size=1m none small
      cp -a vault/audit/. small/ && mount --bind small vault/audit
      dd if=/dev/zero of=small/filler bs=4k 2>/dev/null
      "$0" find email - --as dana <email >find.out 2>find.err; echo $? >find.code
      "$0" audit verify --json >full.json
      rm small/filler
      "$0" audit publish --as dana --json >later.json
      "$0" audit verify --json >verify.json
      ls -A small >list
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    let complaint = try stage.text("find.err")
    #expect(try stage.text("find.code") == "1\n" && stage.text("find.out").isEmpty)
    #expect(complaint.hasSuffix("[storage]\n") && complaint.contains("/audit/"), "\(complaint)")
    #expect(complaint.split(separator: "\n").count == 1 && !complaint.contains(stage.token))
    let (full, later) = (try stage.document("full.json"), try stage.document("later.json"))
    #expect(full["valid"] as? Bool == true)
    #expect(try stage.document("verify.json")["valid"] as? Bool == true)
    #expect(later["size"] as? Int ?? 0 > full["size"] as? Int ?? .max)
    #expect(!(try stage.text("list")).contains(".making"))
  }

  /// The disk of the vault is full: the log cannot be written, so nothing is released.
  @Test func aFullDiskUnderTheLogReleasesNothing() throws {
    let stage = try Stage(Template.full)
    let outcome = try Namespace.run(
      """
      mkdir small && mount -t tmpfs -o size=40m none small && cp -a vault small/
      export LETHE_VAULT="$PWD/small/vault"
      "$0" reveal \(stage.token) --as dana --purpose subject_rights >before.out 2>&1
      dd if=/dev/zero of=small/filler bs=4k 2>/dev/null
      for act in "reveal \(stage.token) --purpose subject_rights" "audit prove 0 --out proof" \
        "dsr access \(stage.token) --case C-1 --out package"; do
        "$0" $act --as dana >>full.out 2>>full.err; echo $? >>full.code
      done
      rm small/filler
      "$0" reveal \(stage.token) --as dana --purpose subject_rights >after.out 2>&1
      "$0" audit publish --as dana --json >later.json
      "$0" audit verify --json >verify.json
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try stage.text("before.out").contains(stage.email))
    #expect(try stage.text("full.code") == "1\n1\n1\n" && stage.text("full.out").isEmpty)
    let complaints = try stage.text("full.err")
    #expect(!complaints.contains(stage.email), "\(complaints)")
    #expect(complaints.components(separatedBy: "[storage]").count == 4, "\(complaints)")
    #expect(!stage.exists("proof") && !stage.exists("package"))
    #expect(try stage.text("after.out").contains(stage.email))
    #expect(try stage.document("verify.json")["valid"] as? Bool == true)
  }

  @Test func aReadOnlyVaultIsSaid() throws {
    let stage = try Stage(Template.full)
    let before = try stage.snapshot().rows
    let outcome = try Namespace.run(
      """
      mount --bind vault vault && mount -o remount,bind,ro vault
      export LETHE_VAULT=vault
      "$0" ingest crm.csv --contract crm --as eve 2>ingest.err; echo $? >ingest.code
      echo \(stage.email) | "$0" find email - --as dana 2>find.err; echo $? >find.code
      "$0" audit verify --json >verify.json
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    for name in ["ingest", "find"] {
      let complaint = try stage.text("\(name).err")
      #expect(try stage.text("\(name).code") == "1\n", "\(complaint)")
      #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
      #expect(complaint.hasSuffix("[storage]\n"), "\(complaint)")
      #expect(complaint.contains("vault.sqlite") || complaint.contains("keys.sqlite"))
    }
    #expect(try stage.document("verify.json")["valid"] as? Bool == true)
    #expect(try stage.snapshot().rows == before)
  }

  @Test func aReadOnlyPlaceOfTheDataFileIsSaid() throws {
    let stage = try Stage(Template.bare)
    let outcome = try Namespace.run(
      """
      mkdir disk && mount -t tmpfs none disk
      printf '%s' '\(Rows.header)\(Rows.crm(1...2))' >disk/data.csv
      mount -o remount,ro disk
      "$0" ingest disk/data.csv --contract crm --as eve 2>ingest.err; echo $? >ingest.code
      "$0" ingest disk/data.csv --contract crm --as eve --quarantine list --json >later.json
      "$0" init disk/vault --unseal file:new.key --slot new.slot --policies vault/policies 2>init.err
      echo $? >init.code
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try stage.text("ingest.code") == "1\n" && stage.text("init.code") == "1\n")
    let complaint = try stage.text("ingest.err")
    #expect(
      complaint.contains("disk/data.csv.quarantine.jsonl") && complaint.hasSuffix("[unwritable]\n"))
    #expect(try stage.document("later.json")["added"] as? Int == 2)
    #expect(try stage.text("init.err").hasSuffix("[storage]\n") && !stage.exists("new.key"))
    #expect(!stage.exists("new.slot"))
  }

  /// What was begun for a recipient is taken away again.
  @Test func aFullDiskUnderASealedFileLeavesNothing() throws {
    let stage = try Stage(Template.full)
    let person = "\(stage.token) --case C-1 --out small --as dana"
    let outcome = try Namespace.run(
      """
      mkdir small && mount -t tmpfs -o size=4k none small
      "$0" dsr access \(person) --recipient \(AgePair.first.recipient) 2>access.err
      echo $? >access.code
      head -c 3000 /dev/zero >small/filler
      "$0" dsr export \(person) --recipient \(AgePair.first.recipient) 2>export.err
      echo $? >export.code
      ls -A small >list
      "$0" audit verify --json >verify.json
      """, stage)
    #expect(outcome.status == 0, "\(outcome.error)")
    for name in ["access", "export"] {
      let complaint = try stage.text("\(name).err")
      #expect(try stage.text("\(name).code") == "1\n", "\(complaint)")
      #expect(complaint.split(separator: "\n").count == 1, "\(complaint)")
      #expect(complaint.contains("small/") && complaint.hasSuffix("[unwritable]\n"), "\(complaint)")
    }
    #expect(try stage.text("list") == "filler\n")
    #expect(try stage.document("verify.json")["valid"] as? Bool == true)
  }
}

/// Runs shell scripts where mounts are seen by nobody else and end with the script.
enum Namespace {
  static let isPermitted: Bool = {
    let script = "mount -t tmpfs none /mnt && mount -o remount,ro /mnt"
    let outcome = try? Program.start(
      ["-rm", "/bin/sh", "-c", script], executable: "/usr/bin/unshare", in: "/"
    ).wait()
    return outcome?.status == 0
  }()

  static func run(_ script: String, _ stage: Stage) throws -> Outcome {
    try Program.start(
      ["-rm", "/bin/sh", "-c", script, Program.path], executable: "/usr/bin/unshare",
      in: stage.directory, environment: ["LETHE_VAULT": stage.vault]
    ).wait()
  }
}

extension Stage {
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  fileprivate func document(_ name: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(text(name).utf8))
    return try #require(object as? [String: Any])
  }
}

import Foundation
import Keyring
import Sealing
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Looks below the files, at the blocks of a disk.
@Suite(.enabled(if: LoopMount.isPermitted, "\(LoopMount.absenceNote)"))
struct RawImageTests {
  private static let people = 300
  /// Subject keys looked for besides the erased ones.
  private static let keysLookedFor = 8
  private static let email = "person7@example.org"

  /// A vault, its slot and key on a small disk of their own; copies of files and blocks are taken
  /// before and after an erasure.
  private static let script = """
    dd if=/dev/zero of=image bs=1M count=64 status=none
    mkfs.ext4 -q image && mkdir disk && mount -o loop image disk
    "$0" init disk/vault --unseal file:disk/unseal.key --slot disk/slot --policies vault/policies \
      2>init.err
    export LETHE_VAULT=disk/vault
    "$0" ingest data.csv --contract crm --as eve --json >ingest.json
    echo \(email) | "$0" find email - --as dana --json >find.json
    token=$(sed 's/.*"token":"\\([^"]*\\)".*/\\1/' find.json)
    sync -f disk && cp -a disk before && cp image image.before
    "$0" dsr erase "$token" --case C-1 --as dana --json >preview.json
    digest=$(sed 's/.*"confirm":"\\([^"]*\\)".*/\\1/' preview.json)
    "$0" dsr erase "$token" --case C-1 --as dana --confirm "$digest" --json >erase.json
    sync -f disk && cp -a disk after && cp image image.after
    # The control: the same secret in a file that a new one replaces, as a slot must not be.
    cp before/slot disk/other && sync -f disk
    head -c 8192 /dev/zero >disk/other.new && sync -f disk && mv disk/other.new disk/other
    sync -f disk && cp image image.renamed && umount disk
    """

  @Test func nothingOfAnErasedPersonIsLeftInTheBlocksOfExt4() throws {
    let stage = try Stage(Template.bare)
    try stage.write(Rows.header + Rows.crm(1...Self.people), "data.csv")
    let outcome = try LoopMount.run(Self.script, stage)
    try #require(outcome.status == 0, "\(outcome.error)")
    let old = try secret("before", stage)
    #expect(try old != secret("after", stage))
    let keys = try subjectKeys("before", stage).compactMapValues(\.self)
    let erased = Set(keys.keys).subtracting(
      try subjectKeys("after", stage).compactMapValues(\.self).keys)
    #expect(keys.count == Self.people && erased.count == 1)

    let before = try blocks("image.before", stage)
    let after = try blocks("image.after", stage)
    // The search finds what is there: the live secret in the one place of the slot, and the next.
    #expect(before.places(of: old).count == 1)
    #expect(try after.places(of: secret("after", stage)).count == 1)
    #expect(after.places(of: old).isEmpty)
    let looked = erased + keys.keys.sorted().prefix(Self.keysLookedFor)
    for image in [before, after] {
      for leaf in looked { #expect(try image.places(of: #require(keys[leaf])).isEmpty) }
      for text in [Self.email, Self.email.uppercased(), "Name7,", "K20000007"] {
        #expect(image.places(of: Array(text.utf8)).isEmpty, "`\(text)`")
      }
    }
    let renamed = try blocks("image.renamed", stage).places(of: old).count
    #expect(renamed >= 1)
    AttackReport.record(
      number: 11, name: "raw image of an ext4 disk with slot, key and vault",
      tried:
        "64 MiB of blocks after ingest, erase and sync: old epoch secret, \(looked.count) subject "
        + "keys, e-mail, name, customer number",
      result:
        "0 hits; the live secret once; control, a slot replaced by rename: old secret found "
        + "\(renamed) times")
  }

  /// What keeps overwritten bytes is refused for the slot, or named in every certificate.
  @Test func disksThatKeepWhatIsOverwrittenAreRefusedForTheSlot() throws {
    let stage = try Stage(Template.bare)
    let outcome = try LoopMount.run(
      """
      dd if=/dev/zero of=image bs=1M count=64 status=none
      mkfs.ext4 -q image && mkdir journal && mount -o loop,data=journal image journal
      set +e
      "$0" init v1 --unseal file:k1 --slot journal/slot --policies vault/policies 2>journal.err
      echo $? >journal.code
      if command -v mkfs.btrfs >/dev/null; then
        dd if=/dev/zero of=image2 bs=1M count=128 status=none
        mkfs.btrfs -q image2 && mkdir btrfs && mount -o loop image2 btrfs
        "$0" init v2 --unseal file:k2 --slot btrfs/slot --policies vault/policies 2>btrfs.err
        echo $? >btrfs.code
        umount btrfs
      fi
      set -e
      "$0" init v3 --unseal file:k3 --slot journal/slot --accept-weak-slot \
        --policies vault/policies 2>weak.err
      sync -f journal && cp journal/slot slot.before
      LETHE_VAULT=v3 "$0" keys roll --confirm 1 --as eve
      LETHE_VAULT=v3 "$0" status --as dana --json >status.json
      sync -f journal && cp image image.after && umount journal
      """, stage)
    try #require(outcome.status == 0, "\(outcome.error)")
    var seen: [String] = []
    for (name, word) in [("journal", "data=journal"), ("btrfs", "btrfs")]
    where stage.exists("\(name).code") {
      #expect(try stage.text("\(name).code") == "1\n" || stage.text("\(name).code") == "3\n")
      #expect(try stage.text("\(name).err").contains(word))
      seen.append(word)
    }
    #expect(try stage.text("status.json").contains("\"assurance\":\"L0\""))
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: stage.path("slot.before"))))
    let hits = try blocks("image.after", stage).places(of: Array(bytes[29..<61])).count
    AttackReport.record(
      number: 11, name: "slot on a file system that keeps what is overwritten",
      tried: "\(seen.joined(separator: ", ")); and one accepted as weak on data=journal, rolled",
      result:
        "refused; the accepted one is L0, old secret found \(hits) times in the blocks after a roll"
    )
  }

  private func secret(_ name: String, _ stage: Stage) throws -> [UInt8] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: stage.path(name + "/slot"))))
    let start = try #require(
      stride(from: 0, to: bytes.count, by: 4096).first { bytes[$0] == UInt8(ascii: "L") })
    return Array(bytes[start + 29..<start + 61])
  }

  /// The subject keys of a copied vault by leaf; nil for a destroyed one.
  private func subjectKeys(_ name: String, _ stage: Stage) throws -> [Int64: [UInt8]?] {
    let place = stage.path(name)
    let path = place + "/vault/keys.sqlite"
    let random = SystemRandom()
    let keyring = try Keyring.open(
      at: path, unsealKey: UnsealKey.file(at: place + "/unseal.key", outside: place + "/vault"),
      slot: FileEpochSlot.open(
        at: place + "/slot", vault: Keyring.vaultID(at: path), random: random),
      random: random, now: { 0 })
    var keys: [Int64: [UInt8]?] = [:]
    for leaf in 0..<Int64(Self.people) {
      do {
        keys[leaf] = try keyring.withSubjectKey(leaf) { $0.plaintextCopy() }
      } catch let error as KeyringError where error.code == .keyDestroyed {
        keys[leaf] = .some(nil)
      }
    }
    return keys
  }

  private func blocks(_ name: String, _ stage: Stage) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: stage.path(name)), options: .alwaysMapped)
  }
}

/// Runs shell scripts that may mount images, in a mount namespace of their own.
enum LoopMount {
  static let absenceNote = "no disk image can be mounted here (root, loop devices); attack skipped"

  static let isPermitted: Bool = {
    let script = """
      dir=$(mktemp -d) && cd "$dir" && mkdir disk
      dd if=/dev/zero of=image bs=1M count=8 status=none && mkfs.ext4 -q image
      mount -o loop image disk && umount disk
      code=$?
      rm -rf "$dir"
      exit $code
      """
    return geteuid() == 0 && (try? run(script, in: "/", [:]).status) == 0
  }()

  static func run(_ script: String, _ stage: Stage) throws -> Outcome {
    try run(script, in: stage.directory, ["LETHE_VAULT": stage.vault])
  }

  private static func run(
    _ script: String, in directory: String, _ environment: [String: String]
  ) throws -> Outcome {
    try Program.start(
      ["-m", "/bin/sh", "-ec", "PATH=$PATH:/usr/sbin:/sbin\n" + script, Program.path],
      executable: "/usr/bin/unshare", in: directory, environment: environment
    ).wait()
  }
}

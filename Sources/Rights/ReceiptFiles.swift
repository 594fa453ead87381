import Sealing
import Vault

/// The receipt of an act as files: the entry of the log about it and the proof that the log holds
/// it, both verifiable without the vault.
struct ReceiptFiles {
  /// What the names begin with where nothing else is in the directory.
  static let stem = "log-entry"
  /// The names with that beginning.
  static let names = [stem + ".json", stem + CertificateEvidence.proofSuffix]

  /// The names beside a file of a name of its own.
  static func names(_ stem: String) -> [String] {
    [stem + CertificateEvidence.entrySuffix, stem + CertificateEvidence.proofSuffix]
  }

  /// Names and contents, the entry first.
  let files: [(name: String, bytes: [UInt8])]

  /// Names the files; with a stem as those beside a file of that name.
  init(_ receipt: LogReceipt, stem: String? = nil) {
    let names = stem.map(Self.names) ?? Self.names
    files = zip(names, [receipt.entry, receipt.proof]).map { ($0, $1) }
  }

  /// The receipt as a member of a manifest: names and digests.
  var manifestMember: String {
    let members = zip(["entry", "proof"], files).map { label, file in
      "\"\(label)\": \"\(file.name)\", \"\(label)_sha256\": \"\(SHA256.hash(file.bytes).hexadecimal)\""
    }
    return "{\(members.joined(separator: ", "))}"
  }
}

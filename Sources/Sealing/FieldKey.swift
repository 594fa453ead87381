/// The key of one subject's values in one bucket: both locks in one.
///
/// `FK = HKDF(CK ‖ BK)`; destroying either input destroys every value under it.
///
/// - SeeAlso: `docs/format.md#field-key`.
public struct FieldKey: ~Copyable {
  let key: SecretBytes
  /// The subject whose values this key opens.
  public let subject: SubjectID
  /// The vault the subject lives in.
  public let vault: VaultID
  /// Generation of the subject key.
  public let generation: UInt16
  /// The bucket whose key is the second lock.
  public let bucket: Bucket

  /// Derives the key.
  ///
  /// - Parameters:
  ///   - subjectKey: CK, 32 bytes.
  ///   - bucketKey: BK, 32 bytes.
  ///   - vault: The vault's id, in the salt.
  ///   - subject: The subject's id, in the info.
  ///   - generation: Generation of CK, in the header and in the info.
  ///   - bucket: The bucket of BK, in the header and in the info.
  /// - Throws: ``SealingError`` `.invalidLength` when a key is not 32 bytes long.
  public init(
    subjectKey: borrowing SecretBytes, bucketKey: borrowing SecretBytes, vault: VaultID,
    subject: SubjectID, generation: UInt16, bucket: Bucket
  ) throws(SealingError) {
    guard subjectKey.count == 32, bucketKey.count == 32 else {
      throw SealingError(.invalidLength, "a field key is derived from two 32-byte keys")
    }
    let joined = try SecretBytes(concatenating: subjectKey, bucketKey)
    var info = Label.fieldKeyInfo + subject.rawBytes
    info.append(bigEndian: generation)
    info.append(bigEndian: bucket.rawValue)
    key = try HKDF.derive(
      inputKey: joined, salt: Label.fieldKey + vault.rawBytes, info: info, count: 32)
    self.subject = subject
    self.vault = vault
    self.generation = generation
    self.bucket = bucket
  }
}

/// Commitments that pin a key: GCM alone lets an insider show two plaintexts for one ciphertext.
///
/// - SeeAlso: Gueron, "Key Committing AEADs" (ePrint 2020/1153), `docs/format.md#commitments`.
public enum KeyCommitment {
  /// Length of a commitment in bytes.
  public static let byteCount = 32

  /// Commits to a subject key of one generation.
  public static func subject(
    key: borrowing SecretBytes, vault: VaultID, subject: SubjectID, generation: UInt16
  ) throws(SealingError) -> [UInt8] {
    try commit(
      key, vault, Label.subjectCommitment + subject.rawBytes + generation.bigEndianBytes)
  }

  /// Commits to a bucket key.
  public static func bucket(
    key: borrowing SecretBytes, vault: VaultID, bucket: Bucket
  ) throws(SealingError) -> [UInt8] {
    try commit(key, vault, Label.bucketCommitment + bucket.rawValue.bigEndianBytes)
  }

  private static func commit(
    _ key: borrowing SecretBytes, _ vault: VaultID, _ info: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    try HKDF.derive(
      inputKey: key, salt: Label.commitment + vault.rawBytes, info: info, count: byteCount
    ).plaintextCopy()
  }
}

/// The ASCII labels that keep derivations apart.
enum Label {
  static let fieldKey = Array("lethe1/field-key".utf8)
  static let fieldKeyInfo = Array("F".utf8)
  static let commitment = Array("lethe1/commit".utf8)
  static let subjectCommitment = Array("C".utf8)
  static let bucketCommitment = Array("B".utf8)
  static let envelope = Array("LTHF".utf8) + [0x01]
}

internal import CPKCS11
internal import Sealing

/// A session with a token, as the calls that Lethe needs; a logged-in user's.
///
/// Handles hold within one use of the session only, so objects are looked up anew every time.
@safe
struct PKCS11Session {
  /// Most objects that one search may find.
  static let maximumObjectCount = 4096
  /// Objects fetched by one call.
  private static let batchCount = 64
  /// Longest attribute that is read, in bytes.
  private static let maximumAttributeByteCount = 4096
  private static let tagBitCount: CK_ULONG = 128

  private let functions: CK_FUNCTION_LIST
  let handle: CK_SESSION_HANDLE

  /// Wraps an open session.
  init(_ functions: CK_FUNCTION_LIST, _ handle: CK_SESSION_HANDLE) {
    self.functions = functions
    self.handle = handle
  }

  /// Finds the objects that a template describes.
  func find(_ template: [PKCS11Attribute]) throws -> [CK_OBJECT_HANDLE] {
    let started = unsafe PKCS11Attribute.withTemplate(template) { attributes, count in
      unsafe functions.C_FindObjectsInit?(handle, attributes, count)
    }
    try check("C_FindObjectsInit", started)
    defer { _ = functions.C_FindObjectsFinal?(handle) }
    var found: [CK_OBJECT_HANDLE] = []
    var batch = [CK_OBJECT_HANDLE](repeating: 0, count: Self.batchCount)
    while true {
      var count: CK_ULONG = 0
      try unsafe check(
        "C_FindObjects", functions.C_FindObjects?(handle, &batch, CK_ULONG(batch.count), &count))
      guard count > 0, count <= batch.count else { return found }
      found += batch.prefix(Int(count))
      guard found.count <= Self.maximumObjectCount else {
        throw KeyringError(
          .limit, "the token holds more than \(Self.maximumObjectCount) objects; use one of its own"
        )
      }
    }
  }

  /// Reads an attribute that is not secret.
  func attribute(_ type: CK_ULONG, of object: CK_OBJECT_HANDLE) throws -> [UInt8] {
    var attribute = unsafe CK_ATTRIBUTE(type: type, pValue: nil, ulValueLen: 0)
    try unsafe check(
      "C_GetAttributeValue", functions.C_GetAttributeValue?(handle, object, &attribute, 1))
    guard unsafe attribute.ulValueLen <= Self.maximumAttributeByteCount else {
      throw PKCS11Failure(call: "C_GetAttributeValue", code: CKR_ATTRIBUTE_VALUE_INVALID)
    }
    var value = unsafe [UInt8](repeating: 0, count: Int(attribute.ulValueLen))
    let code = unsafe value.withUnsafeMutableBytes { buffer in
      unsafe attribute.pValue = buffer.baseAddress
      return unsafe functions.C_GetAttributeValue?(handle, object, &attribute, 1)
    }
    try check("C_GetAttributeValue", code)
    return unsafe Array(value.prefix(Int(attribute.ulValueLen)))
  }

  /// Makes an object from a template.
  func create(_ template: [PKCS11Attribute]) throws {
    var object: CK_OBJECT_HANDLE = 0
    let code = unsafe PKCS11Attribute.withTemplate(template) { attributes, count in
      unsafe functions.C_CreateObject?(handle, attributes, count, &object)
    }
    try check("C_CreateObject", code)
  }

  /// Makes a fresh AES key inside the token.
  func generateKey(_ template: [PKCS11Attribute]) throws {
    var mechanism = unsafe CK_MECHANISM(
      mechanism: CKM_AES_KEY_GEN, pParameter: nil, ulParameterLen: 0)
    var key: CK_OBJECT_HANDLE = 0
    let code = unsafe PKCS11Attribute.withTemplate(template) { attributes, count in
      unsafe functions.C_GenerateKey?(handle, &mechanism, attributes, count, &key)
    }
    try check("C_GenerateKey", code)
  }

  /// Destroys an object; one that is gone already is no error.
  func destroy(_ object: CK_OBJECT_HANDLE) throws {
    let code = functions.C_DestroyObject?(handle, object)
    guard code != CKR_OBJECT_HANDLE_INVALID else { return }
    try check("C_DestroyObject", code)
  }

  /// Encrypts a secret by AES-GCM.
  ///
  /// - Returns: Ciphertext and 16-byte tag.
  func encrypt(
    _ secret: borrowing SecretBytes, key: CK_OBJECT_HANDLE, nonce: [UInt8], associatedData: [UInt8]
  ) throws -> [UInt8] {
    try unsafe withGCM(nonce, associatedData) { mechanism in
      try unsafe check("C_EncryptInit", functions.C_EncryptInit?(handle, mechanism, key))
    }
    let expected = secret.count + AES256GCM.tagByteCount
    var output = [UInt8](repeating: 0, count: expected)
    var count = CK_ULONG(output.count)
    let code = unsafe secret.withUnsafeBytes { input in
      unsafe functions.C_Encrypt?(
        handle, input.assumingMemoryBound(to: UInt8.self).baseAddress, CK_ULONG(input.count),
        &output, &count)
    }
    try check("C_Encrypt", code)
    guard count == expected else {
      throw PKCS11Failure(call: "C_Encrypt", code: CKR_FUNCTION_FAILED)
    }
    return output
  }

  /// Decrypts what ``encrypt(_:key:nonce:associatedData:)`` made.
  ///
  /// - Returns: The secret; nil for every reason it does not open.
  func decrypt(
    _ sealed: [UInt8], key: CK_OBJECT_HANDLE, nonce: [UInt8], associatedData: [UInt8]
  ) throws -> HeldKey? {
    try unsafe withGCM(nonce, associatedData) { mechanism in
      try unsafe check("C_DecryptInit", functions.C_DecryptInit?(handle, mechanism, key))
    }
    // As long as the input: some tokens ask for room for the tag, too.
    var output = try SecretBytes(zeroCount: sealed.count)
    var count = CK_ULONG(sealed.count)
    let code = unsafe output.withUnsafeMutableBytes { target in
      unsafe functions.C_Decrypt?(
        handle, sealed, CK_ULONG(sealed.count),
        target.assumingMemoryBound(to: UInt8.self).baseAddress, &count)
    }
    guard code == CKR_OK else {
      let failure = PKCS11Failure(call: "C_Decrypt", code: code ?? CKR_FUNCTION_NOT_SUPPORTED)
      guard failure.isSessionLoss || failure.isDeviceFailure else { return nil }
      throw failure
    }
    guard count == HeldKey.byteCount else { return nil }
    return HeldKey(try output.slice(0..<HeldKey.byteCount))
  }

  private func withGCM<T>(
    _ nonce: [UInt8], _ associatedData: [UInt8],
    _ body: (UnsafeMutablePointer<CK_MECHANISM>) throws -> T
  ) throws -> T {
    var nonce = nonce
    var data = associatedData
    return try unsafe nonce.withUnsafeMutableBufferPointer { nonce in
      try unsafe data.withUnsafeMutableBufferPointer { data in
        var parameters = unsafe CK_GCM_PARAMS(
          pIv: nonce.baseAddress, ulIvLen: CK_ULONG(nonce.count),
          ulIvBits: CK_ULONG(nonce.count * 8), pAAD: data.baseAddress,
          ulAADLen: CK_ULONG(data.count), ulTagBits: Self.tagBitCount)
        return try unsafe withUnsafeMutableBytes(of: &parameters) { parameters in
          var mechanism = unsafe CK_MECHANISM(
            mechanism: CKM_AES_GCM, pParameter: parameters.baseAddress,
            ulParameterLen: CK_ULONG(parameters.count))
          return try unsafe body(&mechanism)
        }
      }
    }
  }

  private func check(_ call: String, _ code: CK_RV?) throws {
    try PKCS11Failure.check(call, code ?? CKR_FUNCTION_NOT_SUPPORTED)
  }
}

extension PKCS11Session {
  /// Refuses a key that could leave the token.
  func requireLocked(_ key: CK_OBJECT_HANDLE, label: String) throws {
    guard try attribute(CKA_EXTRACTABLE, of: key) == [0],
      try attribute(CKA_SENSITIVE, of: key) == [1]
    else {
      throw KeyringError(
        .permission,
        "key `\(label)` may leave its token; make one that is sensitive and not extractable")
    }
  }

  /// Finds the one key of a label.
  ///
  /// - Returns: Nil when there is none.
  /// - Throws: ``KeyringError`` `.unavailable` when there are several.
  func key(label: String) throws -> CK_OBJECT_HANDLE? {
    let found = try find(PKCS11Attribute.keys(label: label))
    guard found.count <= 1 else {
      throw KeyringError(
        .unavailable, "the token has \(found.count) AES keys named `\(label)`; keep the right one")
    }
    return found.first
  }
}

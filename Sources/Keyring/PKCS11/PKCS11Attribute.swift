internal import CPKCS11

/// One attribute of a template for a PKCS#11 object.
struct PKCS11Attribute {
  let type: CK_ULONG
  let value: [UInt8]

  /// An attribute of bytes.
  init(_ type: CK_ULONG, _ value: [UInt8]) {
    self.type = type
    self.value = value
  }

  /// A text.
  init(_ type: CK_ULONG, _ text: String) {
    self.init(type, Array(text.utf8))
  }

  /// A `CK_BBOOL`.
  init(_ type: CK_ULONG, _ flag: Bool) {
    self.init(type, [flag ? 1 : 0])
  }

  /// A `CK_ULONG`, in the machine's byte order.
  init(_ type: CK_ULONG, _ number: CK_ULONG) {
    self.init(type, unsafe withUnsafeBytes(of: number) { unsafe Array($0) })
  }

  /// A template for an AES-256 key that never leaves its token and does nothing but encrypt.
  static func wrappingKey(label: String) -> [PKCS11Attribute] {
    let never = [CKA_WRAP, CKA_UNWRAP, CKA_SIGN, CKA_VERIFY, CKA_DERIVE, CKA_EXTRACTABLE]
    let always = [CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_ENCRYPT, CKA_DECRYPT]
    return [
      PKCS11Attribute(CKA_CLASS, CKO_SECRET_KEY), PKCS11Attribute(CKA_KEY_TYPE, CKK_AES),
      PKCS11Attribute(CKA_VALUE_LEN, 32 as CK_ULONG), PKCS11Attribute(CKA_LABEL, label),
    ] + always.map { PKCS11Attribute($0, true) } + never.map { PKCS11Attribute($0, false) }
  }

  /// What finds AES keys on the token: all, or those of one label.
  static func keys(label: String? = nil) -> [PKCS11Attribute] {
    [
      PKCS11Attribute(CKA_CLASS, CKO_SECRET_KEY), PKCS11Attribute(CKA_KEY_TYPE, CKK_AES),
      PKCS11Attribute(CKA_TOKEN, true),
    ] + (label.map { [PKCS11Attribute(CKA_LABEL, $0)] } ?? [])
  }

  /// Lends a template to a call.
  static func withTemplate<T>(
    _ attributes: [PKCS11Attribute],
    _ body: (UnsafeMutablePointer<CK_ATTRIBUTE>?, CK_ULONG) throws -> T
  ) rethrows -> T {
    // One block for all values, each on the boundary that a number needs.
    let stride = MemoryLayout<CK_ULONG>.stride
    let offsets = attributes.reduce(into: [0]) { offsets, attribute in
      let room = (attribute.value.count + stride) / stride * stride
      offsets.append(offsets[offsets.count - 1] + room)
    }
    let values = UnsafeMutableRawBufferPointer.allocate(
      byteCount: offsets[attributes.count] + stride, alignment: stride)
    defer { unsafe values.deallocate() }
    var template = unsafe zip(attributes, offsets).map { attribute, offset in
      let place = unsafe UnsafeMutableRawBufferPointer(
        rebasing: values[offset..<offset + attribute.value.count])
      unsafe place.copyBytes(from: attribute.value)
      return unsafe CK_ATTRIBUTE(
        type: attribute.type, pValue: place.baseAddress, ulValueLen: CK_ULONG(place.count))
    }
    return try unsafe template.withUnsafeMutableBufferPointer { buffer in
      try unsafe body(buffer.baseAddress, CK_ULONG(buffer.count))
    }
  }
}

internal import CPKCS11
public import Sealing
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Speaks to one token of a PKCS#11 module as its user.
///
/// Nothing happens before the first use. A session that was lost, because the token had been pulled
/// or its sessions were closed, is opened anew once a call. A PIN that was refused is never tried
/// again by this value: a few more attempts would lock it. All calls take turns.
///
/// Logging in counts for the whole process: a second value for the same token uses the login of the
/// first one, whatever its own PIN is.
public final class PKCS11Token: Sendable {
  /// Gives the PIN each time the token asks for it; the copy is wiped after the login.
  public typealias PINSource = @Sendable () throws -> SecretBytes

  /// How often the tokens are looked through when one of them cannot be read.
  private static let searchAttempts = 5

  private struct State {
    var session: CK_SESSION_HANDLE?
    /// The process the session belongs to.
    var process: Int32 = 0
    /// Why the PIN is not tried again.
    var refusal: KeyringError?
    var isHardware = false
  }

  /// The token's address.
  public let address: PKCS11URI
  private let pin: PINSource
  private let given: PKCS11Module?
  private let state = Mutex(State())

  /// Names a token.
  ///
  /// - Parameters:
  ///   - address: Token and module.
  ///   - pin: Where its PIN comes from; asked at each login.
  public convenience init(_ address: PKCS11URI, pin: @escaping PINSource) {
    self.init(address, module: nil, pin: pin)
  }

  /// Names a token of a module at hand.
  init(_ address: PKCS11URI, module: PKCS11Module?, pin: @escaping PINSource) {
    self.address = address
    given = module
    self.pin = pin
  }

  deinit {
    state.withLock { close(&$0) }
  }

  /// Whether the module says that the token is a device; false until it has answered once.
  public var isHardware: Bool { state.withLock { $0.isHardware } }

  /// Opens a session and logs in, to learn early whether that works.
  ///
  /// - Throws: ``KeyringError`` `.unavailable` for a missing token or a failing one, `.permission`
  ///   for a PIN that it refuses.
  public func connect() throws {
    try perform { _ in }
  }

  /// Runs calls in a session, once more in a new one if the first was lost.
  ///
  /// The body may run twice, so it must find its objects itself and bear a repetition.
  func perform<T: Sendable>(_ body: (PKCS11Session) throws -> T) throws -> T {
    try state.withLock { state in
      do {
        do {
          return try body(session(&state))
        } catch let failure as PKCS11Failure where failure.isSessionLoss {
          close(&state)
          return try body(session(&state))
        }
      } catch let failure as PKCS11Failure {
        throw failure.error(at: address.tokenName)
      }
    }
  }
}

extension PKCS11Token {
  private func module() throws -> PKCS11Module {
    try given ?? PKCS11Module.load(address.modulePath)
  }

  private func session(_ state: inout State) throws -> PKCS11Session {
    if let refusal = state.refusal { throw refusal }
    // A forked child has the parent's handle and no session.
    if state.process != getpid() { state.session = nil }
    let known = state.session
    return try module().withFunctions { functions in
      if let known { return PKCS11Session(functions, known) }
      let slot = try slot(functions)
      var information = CK_SLOT_INFO()
      try unsafe PKCS11Failure.check(
        "C_GetSlotInfo",
        functions.C_GetSlotInfo?(slot, &information) ?? CKR_FUNCTION_NOT_SUPPORTED)
      state.isHardware = information.flags & CKF_HW_SLOT != 0
      var session: CK_SESSION_HANDLE = 0
      try unsafe PKCS11Failure.check(
        "C_OpenSession",
        functions.C_OpenSession?(slot, CKF_RW_SESSION | CKF_SERIAL_SESSION, nil, nil, &session)
          ?? CKR_FUNCTION_NOT_SUPPORTED)
      do {
        try logIn(session, functions, &state)
      } catch {
        _ = functions.C_CloseSession?(session)
        throw error
      }
      state.session = session
      state.process = getpid()
      return PKCS11Session(functions, session)
    }
  }

  private func logIn(
    _ session: CK_SESSION_HANDLE, _ functions: CK_FUNCTION_LIST, _ state: inout State
  ) throws {
    let pin = try pin()
    let code = unsafe pin.withUnsafeBytes { bytes in
      unsafe functions.C_Login?(
        session, CKU_USER, bytes.assumingMemoryBound(to: UInt8.self).baseAddress,
        CK_ULONG(bytes.count))
    }
    guard code != CKR_OK, code != CKR_USER_ALREADY_LOGGED_IN else { return }
    let failure = PKCS11Failure(call: "C_Login", code: code ?? CKR_FUNCTION_NOT_SUPPORTED)
    guard !failure.isSessionLoss else { throw failure }
    let error = failure.error(at: address.tokenName)
    // Whatever the token has against this PIN, it counts the attempts.
    if error.code == .permission { state.refusal = error }
    throw error
  }

  /// Finds the one token that the address names.
  private func slot(_ functions: CK_FUNCTION_LIST) throws -> CK_SLOT_ID {
    var (matches, isComplete) = try candidates(functions)
    // Another process may just be writing to a token, which cannot be read for that moment.
    for _ in 1..<Self.searchAttempts where matches.isEmpty && !isComplete {
      (matches, isComplete) = try candidates(functions)
    }
    let name = address.tokenName
    guard let match = matches.first else {
      throw KeyringError(
        .unavailable,
        "token `\(name)` is missing: `\(address.modulePath)` knows no such token; is it plugged "
          + "in and initialised?")
    }
    guard matches.count == 1 else {
      throw KeyringError(
        .unavailable,
        "\(matches.count) tokens answer to `\(name)`; add `serial=` to tell them apart")
    }
    guard match.flags & CKF_USER_PIN_LOCKED == 0 else {
      throw PKCS11Failure(call: "C_GetTokenInfo", code: CKR_PIN_LOCKED)
    }
    return match.slot
  }

  /// The tokens that the address fits, and whether all could be looked at.
  private func candidates(
    _ functions: CK_FUNCTION_LIST
  ) throws -> (matches: [(slot: CK_SLOT_ID, flags: CK_FLAGS)], isComplete: Bool) {
    var matches: [(slot: CK_SLOT_ID, flags: CK_FLAGS)] = []
    var isComplete = true
    for slot in try slots(functions) {
      var token = CK_TOKEN_INFO()
      guard unsafe functions.C_GetTokenInfo?(slot, &token) == CKR_OK else {
        isComplete = false
        continue
      }
      let label = unsafe withUnsafeBytes(of: token.label) { unsafe Self.text($0) }
      let serial = unsafe withUnsafeBytes(of: token.serialNumber) { unsafe Self.text($0) }
      if token.flags & CKF_TOKEN_INITIALIZED != 0, address.token ?? label == label,
        address.serial ?? serial == serial
      {
        matches.append((slot, token.flags))
      }
    }
    return (matches, isComplete)
  }

  private func slots(_ functions: CK_FUNCTION_LIST) throws -> [CK_SLOT_ID] {
    guard let call = unsafe functions.C_GetSlotList else {
      throw PKCS11Failure(call: "C_GetSlotList", code: CKR_FUNCTION_NOT_SUPPORTED)
    }
    // Asking for the number first makes the module look for tokens that were plugged in meanwhile.
    var count: CK_ULONG = 0
    try unsafe PKCS11Failure.check("C_GetSlotList", call(1, nil, &count))
    guard count > 0, count <= PKCS11Session.maximumObjectCount else { return [] }
    var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
    try unsafe PKCS11Failure.check("C_GetSlotList", call(1, &slots, &count))
    return Array(slots.prefix(Int(count)))
  }

  private func close(_ state: inout State) {
    if let session = state.session, state.process == getpid() {
      _ = try? module().withFunctions { $0.C_CloseSession?(session) }
    }
    state.session = nil
  }

  /// A padded field of the standard without its padding.
  private static func text(_ field: UnsafeRawBufferPointer) -> String {
    var bytes = unsafe Array(field)
    while let last = bytes.last, last == UInt8(ascii: " ") || last == 0 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

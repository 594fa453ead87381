internal import CPKCS11

/// A call of a PKCS#11 module that did not return `CKR_OK`.
struct PKCS11Failure: Error {
  /// The function, as the standard names it.
  let call: String
  /// What it returned.
  let code: CK_RV

  /// Codes that a new session may cure: the token was away, or somebody closed its sessions.
  private static let lossCodes: Set<CK_RV> = [
    CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN, CKR_DEVICE_REMOVED,
    CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED, CKR_SLOT_ID_INVALID,
    CKR_CRYPTOKI_NOT_INITIALIZED,
  ]
  /// Codes that say that the token is at fault, and not what it was asked to open.
  private static let deviceCodes: Set<CK_RV> = [
    CKR_HOST_MEMORY, CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY,
  ]
  private static let names: [CK_RV: String] = [
    CKR_HOST_MEMORY: "CKR_HOST_MEMORY", CKR_SLOT_ID_INVALID: "CKR_SLOT_ID_INVALID",
    CKR_GENERAL_ERROR: "CKR_GENERAL_ERROR", CKR_FUNCTION_FAILED: "CKR_FUNCTION_FAILED",
    CKR_ARGUMENTS_BAD: "CKR_ARGUMENTS_BAD", CKR_CANT_LOCK: "CKR_CANT_LOCK",
    CKR_ATTRIBUTE_TYPE_INVALID: "CKR_ATTRIBUTE_TYPE_INVALID",
    CKR_ATTRIBUTE_VALUE_INVALID: "CKR_ATTRIBUTE_VALUE_INVALID",
    CKR_ACTION_PROHIBITED: "CKR_ACTION_PROHIBITED", CKR_DEVICE_ERROR: "CKR_DEVICE_ERROR",
    CKR_DEVICE_MEMORY: "CKR_DEVICE_MEMORY", CKR_DEVICE_REMOVED: "CKR_DEVICE_REMOVED",
    CKR_ENCRYPTED_DATA_INVALID: "CKR_ENCRYPTED_DATA_INVALID",
    CKR_FUNCTION_NOT_SUPPORTED: "CKR_FUNCTION_NOT_SUPPORTED",
    CKR_KEY_HANDLE_INVALID: "CKR_KEY_HANDLE_INVALID",
    CKR_KEY_FUNCTION_NOT_PERMITTED: "CKR_KEY_FUNCTION_NOT_PERMITTED",
    CKR_MECHANISM_INVALID: "CKR_MECHANISM_INVALID",
    CKR_MECHANISM_PARAM_INVALID: "CKR_MECHANISM_PARAM_INVALID",
    CKR_OBJECT_HANDLE_INVALID: "CKR_OBJECT_HANDLE_INVALID",
    CKR_OPERATION_ACTIVE: "CKR_OPERATION_ACTIVE", CKR_PIN_INCORRECT: "CKR_PIN_INCORRECT",
    CKR_PIN_INVALID: "CKR_PIN_INVALID", CKR_PIN_LEN_RANGE: "CKR_PIN_LEN_RANGE",
    CKR_PIN_EXPIRED: "CKR_PIN_EXPIRED", CKR_PIN_LOCKED: "CKR_PIN_LOCKED",
    CKR_SESSION_CLOSED: "CKR_SESSION_CLOSED", CKR_SESSION_COUNT: "CKR_SESSION_COUNT",
    CKR_SESSION_HANDLE_INVALID: "CKR_SESSION_HANDLE_INVALID",
    CKR_TEMPLATE_INCONSISTENT: "CKR_TEMPLATE_INCONSISTENT",
    CKR_TOKEN_NOT_PRESENT: "CKR_TOKEN_NOT_PRESENT",
    CKR_TOKEN_NOT_RECOGNIZED: "CKR_TOKEN_NOT_RECOGNIZED",
    CKR_TOKEN_WRITE_PROTECTED: "CKR_TOKEN_WRITE_PROTECTED",
    CKR_USER_NOT_LOGGED_IN: "CKR_USER_NOT_LOGGED_IN",
    CKR_USER_PIN_NOT_INITIALIZED: "CKR_USER_PIN_NOT_INITIALIZED",
    CKR_USER_ANOTHER_ALREADY_LOGGED_IN: "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
    CKR_CRYPTOKI_NOT_INITIALIZED: "CKR_CRYPTOKI_NOT_INITIALIZED",
  ]

  /// Throws unless a call returned `CKR_OK`.
  static func check(_ call: String, _ code: CK_RV) throws {
    guard code == CKR_OK else { throw PKCS11Failure(call: call, code: code) }
  }

  /// Whether a new session may cure it.
  var isSessionLoss: Bool { Self.lossCodes.contains(code) }
  /// Whether the token itself is at fault.
  var isDeviceFailure: Bool { Self.deviceCodes.contains(code) }
  /// Whether the object was destroyed since it was found.
  var isGone: Bool { code == CKR_OBJECT_HANDLE_INVALID || code == CKR_KEY_HANDLE_INVALID }

  /// The call and the code's name, for messages.
  var text: String {
    "\(call) answered \(Self.names[code] ?? "0x" + String(code, radix: 16))"
  }

  /// Puts the failure into words for people.
  func error(at token: String) -> KeyringError {
    switch code {
    case CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE:
      KeyringError(
        .permission,
        "token `\(token)` refuses the PIN (\(text)); it is not tried again, because that would "
          + "lock it: correct the PIN and start anew")
    case CKR_PIN_LOCKED:
      KeyringError(
        .permission,
        "the user PIN of token `\(token)` is locked; its security officer has to set a new one")
    case CKR_PIN_EXPIRED, CKR_USER_PIN_NOT_INITIALIZED:
      KeyringError(
        .permission, "the user PIN of token `\(token)` has to be set first (\(text))")
    case _ where isSessionLoss:
      KeyringError(
        .unavailable,
        "token `\(token)` does not keep its session (\(text)); is it plugged in and connected?")
    default:
      KeyringError(.unavailable, "token `\(token)` fails: \(text)")
    }
  }
}

internal import CPKCS11
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A PKCS#11 module: a shared library that speaks for tokens, loaded once a process.
///
/// The library becomes part of this process and can read its memory: it has to be trusted like the
/// program itself, which is why its path is absolute and comes from the operator.
@safe
final class PKCS11Module: Sendable {
  private static let loaded = Mutex<[String: PKCS11Module]>([:])

  /// Path of the library, links resolved.
  let path: String
  nonisolated(unsafe) private let list: UnsafeMutablePointer<CK_FUNCTION_LIST>
  /// The process that has initialised the library; a forked child has to do it again.
  private let initializer = Mutex<Int32>(0)

  /// Takes a function list; tests give one of their own.
  init(path: String, list: UnsafeMutablePointer<CK_FUNCTION_LIST>) {
    self.path = path
    unsafe self.list = list
  }

  /// Gives the one instance of a library, loading it at first.
  ///
  /// - Throws: ``KeyringError`` `.unavailable` when there is no such library or it is no module.
  static func load(_ path: String) throws -> PKCS11Module {
    let place = FilePlace.resolved(path)
    return try loaded.withLock { loaded in
      if let known = loaded[place] { return known }
      let module = try unsafe PKCS11Module(path: place, list: open(place))
      loaded[place] = module
      return module
    }
  }

  /// Lends the functions, the library being ready in this process.
  func withFunctions<T>(_ body: (CK_FUNCTION_LIST) throws -> T) throws -> T {
    try initialize()
    return try unsafe body(list.pointee)
  }

  private func initialize() throws {
    try initializer.withLock { initializer in
      let process = getpid()
      guard initializer != process else { return }
      var arguments = unsafe CK_C_INITIALIZE_ARGS()
      unsafe arguments.flags = CKF_OS_LOCKING_OK
      let code = unsafe list.pointee.C_Initialize?(&arguments) ?? CKR_FUNCTION_NOT_SUPPORTED
      guard code == CKR_OK || code == CKR_CRYPTOKI_ALREADY_INITIALIZED else {
        let failure = PKCS11Failure(call: "C_Initialize", code: code)
        throw KeyringError(.unavailable, "the token library `\(path)` fails: \(failure.text)")
      }
      initializer = process
    }
  }

  private static func open(_ path: String) throws -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
    // Never closed again: a library with threads of its own does not survive that.
    guard let handle = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw KeyringError(
        .unavailable, "the token library `\(path)` cannot be loaded; is its package installed?")
    }
    guard let symbol = unsafe dlsym(handle, "C_GetFunctionList") else {
      throw KeyringError(.unavailable, "the library `\(path)` is no PKCS#11 module")
    }
    typealias Function =
      @convention(c) (UnsafeMutablePointer<UnsafeMutablePointer<CK_FUNCTION_LIST>?>?) -> CK_RV
    let getList = unsafe unsafeBitCast(symbol, to: Function.self)
    var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
    let code = unsafe getList(&list)
    guard code == CKR_OK, let list = unsafe list, unsafe list.pointee.version.major == 2 else {
      throw KeyringError(
        .unavailable, "the token library `\(path)` offers no functions of PKCS#11 version 2")
    }
    return unsafe list
  }
}

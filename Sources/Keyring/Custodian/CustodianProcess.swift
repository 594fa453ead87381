internal import Foundation
internal import Sealing
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// One run of a custodian's program, with a limit on its time and on what it says.
///
/// The request fits into the pipe and is there before the program starts; so writing it can neither
/// block nor break. What the program writes to its error stream goes where ours goes.
struct CustodianProcess: ~Copyable {
  /// Says why a run gave nothing.
  struct Failure: Error {
    let reason: String
  }

  /// How often a program that has said everything is asked whether it has ended.
  private static let waitMilliseconds: Int32 = 5
  /// Held from the making of the pipes to the start: a program started in between by another thread
  /// would hold them open, too.
  private static let starting = Mutex(())

  private let process: pid_t
  private let output: Int32
  private var isRunning = true

  /// Starts a program and hands it the request.
  init(_ command: [String], request: borrowing SecretBytes) throws {
    let request = HeldText(try request.copy())
    (process, output) = try Self.starting.withLock { _ in try Self.start(command, request.bytes) }
  }

  deinit {
    if isRunning {
      _ = kill(-process, SIGKILL)
      var status: Int32 = 0
      while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
    Self.close(output)
  }

  /// Reads all the program says and waits for its end.
  ///
  /// - Returns: What it said, and its exit status.
  mutating func finish(
    limit: Int, within timeout: Duration
  ) throws -> (reply: HeldText, status: Int32) {
    let deadline = ContinuousClock.now + timeout
    var buffer = try SecretBytes(zeroCount: limit + 1)
    var count = 0
    while true {
      try waitForOutput(until: deadline)
      let start = count
      let got = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Foundation.read(
          output, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw Failure(reason: "its answer cannot be read") }
      if got == 0 { break }
      count += got
      guard count <= limit else {
        throw Failure(reason: "its answer is longer than \(limit) bytes")
      }
    }
    let status = try waitForEnd(until: deadline)
    return (HeldText(try buffer.slice(0..<count)), status)
  }
}

/// Shares text in locked memory.
final class HeldText: Sendable {
  let bytes: SecretBytes

  init(_ bytes: consuming SecretBytes) {
    self.bytes = bytes
  }
}

extension CustodianProcess {
  private borrowing func waitForOutput(until deadline: ContinuousClock.Instant) throws {
    while true {
      let left = Self.milliseconds(until: deadline)
      guard left > 0 else { throw Failure(reason: "it takes too long") }
      var request = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&request, 1, left)
      if ready > 0 { return }
      guard ready == 0 || errno == EINTR else {
        throw Failure(reason: "its answer cannot be waited for")
      }
    }
  }

  private mutating func waitForEnd(until deadline: ContinuousClock.Instant) throws -> Int32 {
    var status: Int32 = 0
    while true {
      let ended = unsafe waitpid(process, &status, WNOHANG)
      if ended == process {
        isRunning = false
        // Ended by a signal is no exit status at all.
        return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
      }
      guard ended == 0 || errno == EINTR else {
        isRunning = false
        throw Failure(reason: "its end is not known")
      }
      guard Self.milliseconds(until: deadline) > 0 else {
        throw Failure(reason: "it does not end")
      }
      _ = poll(nil, 0, Self.waitMilliseconds)
    }
  }

  private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = ContinuousClock.now.duration(to: deadline)
    return Int32(clamping: Int64((left / .milliseconds(1)).rounded(.up)))
  }

  private static func start(
    _ command: [String], _ request: borrowing SecretBytes
  ) throws -> (process: pid_t, output: Int32) {
    let input = try makePipe()
    defer { close(input.reading, input.writing) }
    let output = try makePipe()
    defer { close(output.writing) }
    do {
      let sent = unsafe request.withUnsafeBytes { bytes in
        unsafe write(input.writing, bytes.baseAddress, bytes.count)
      }
      guard sent == request.count else { throw Failure(reason: "its request cannot be sent") }
      return (try spawn(command, input.reading, output.writing), output.reading)
    } catch {
      close(output.reading)
      throw error
    }
  }

  private static func makePipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
      throw Failure(reason: "no pipe to it can be made")
    }
    return (ends[0], ends[1])
  }

  private static func close(_ descriptors: Int32...) {
    for descriptor in descriptors { _ = Foundation.close(descriptor) }
  }

  private static func spawn(
    _ command: [String], _ input: Int32, _ output: Int32
  ) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    guard unsafe posix_spawn_file_actions_init(&actions) == 0 else {
      throw Failure(reason: "it cannot be started")
    }
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    guard unsafe posix_spawnattr_init(&attributes) == 0 else {
      throw Failure(reason: "it cannot be started")
    }
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A group of its own, so that nothing of it stays behind when it is ended.
    var noSignals = sigset_t()
    unsafe _ = sigemptyset(&noSignals)
    let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK)
    let isPrepared = unsafe [
      posix_spawn_file_actions_adddup2(&actions, input, 0),
      posix_spawn_file_actions_adddup2(&actions, output, 1),
      posix_spawnattr_setflags(&attributes, flags), posix_spawnattr_setpgroup(&attributes, 0),
      posix_spawnattr_setsigmask(&attributes, &noSignals),
    ].allSatisfy { $0 == 0 }
    let variables = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let words: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) } + [nil]
    let environment: [UnsafeMutablePointer<CChar>?] =
      unsafe variables.map { unsafe strdup($0) } + [nil]
    defer {
      unsafe (words + environment).forEach { unsafe free($0) }
    }
    var process: pid_t = 0
    guard isPrepared,
      unsafe posix_spawnp(&process, command[0], &actions, &attributes, words, environment) == 0
    else { throw Failure(reason: "its program `\(command[0])` cannot be started") }
    return process
  }
}

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Tells a forked child from its parent without a system call: asking for the process id at every
/// nonce cost a fifth of a seal.
enum ForkStamp {
  private static let forkCount = Atomic<Int>(0)

  /// Whether `fork` counts; a raw `clone` that shares nothing with libc is not seen.
  private static let isCounting: Bool = {
    // Touch the counter now: the handler runs in the child, where it must not be made first.
    _ = forkCount.load(ordering: .relaxed)
    return pthread_atfork(
      nil, nil, { ForkStamp.forkCount.wrappingAdd(1, ordering: .relaxed) }) == 0
  }()

  /// A number that differs between a process and its forked children.
  static var current: Int {
    isCounting ? forkCount.load(ordering: .relaxed) : Int(getpid())
  }
}

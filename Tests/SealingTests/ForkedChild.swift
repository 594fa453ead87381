#if os(Linux)
  import Glibc
  import Testing

  @testable import Sealing

  /// A real fork in the middle of a pool.
  enum ForkedChild {
    private enum POSIXError: Error { case noFork }

    /// Attempts to get an answer of a child.
    private static let attemptsMaximum = 5
    /// After this a child that hangs is killed.
    private static let timeoutMilliseconds: Int32 = 5000

    /// Draws in a child process, one draw after the other; nil when no attempt came back.
    static func draws(_ random: SystemRandom, byteCounts: [Int]) throws -> [UInt8]? {
      let total = byteCounts.reduce(0, +)
      // Another thread may hold a lock of libc or OpenSSL at the fork; such a child is killed and
      // the attempt repeated. An alarm would not do: worker threads block its signal.
      for _ in 0..<attemptsMaximum {
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        let process = try fork()
        // A failed fork answers -1, and a signal to -1 goes to everybody.
        try #require(process >= 0)
        if process == 0 {
          answer(random, byteCounts, total, to: ends[1])
          _exit(0)
        }
        close(ends[1])
        let received = read(total, from: ends[0])
        close(ends[0])
        kill(process, SIGKILL)
        var status: Int32 = 0
        _ = unsafe waitpid(process, &status, 0)
        if received.count == total { return received }
      }
      return nil
    }

    private static func answer(
      _ random: SystemRandom, _ byteCounts: [Int], _ total: Int, to file: Int32
    ) {
      var drawn = [UInt8](repeating: 0, count: total)
      let isFilled = unsafe drawn.withUnsafeMutableBytes { buffer in
        var start = 0
        for count in byteCounts {
          let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + count])
          guard (try? unsafe random.fill(part)) != nil else { return false }
          start += count
        }
        return true
      }
      if isFilled { _ = unsafe write(file, drawn, total) }
    }

    private static func read(_ total: Int, from file: Int32) -> [UInt8] {
      var received: [UInt8] = []
      while received.count < total {
        var wanted = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&wanted, 1, timeoutMilliseconds) == 1 else { break }
        var part = [UInt8](repeating: 0, count: total - received.count)
        let got = unsafe Glibc.read(file, &part, part.count)
        guard got > 0 else { break }
        received += part[..<got]
      }
      return received
    }

    /// Swift hides `fork`, for good reasons; this is about what happens when it is called.
    private static func fork() throws -> Int32 {
      guard let symbol = unsafe dlsym(nil, "fork") else { throw POSIXError.noFork }
      typealias Fork = @convention(c) () -> Int32
      return unsafe unsafeBitCast(symbol, to: Fork.self)()
    }
  }
#endif

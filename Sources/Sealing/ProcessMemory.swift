import COpenSSL

/// What the system may do with the memory of this process.
public enum ProcessMemory {
  /// Keeps the memory out of core dumps and away from tracers of the same user.
  ///
  /// A limit of zero on the size of core files is not enough: where the system hands dumps to a
  /// program, that program gets them whole. An administrator can still read everything.
  ///
  /// - Returns: Whether it is so from here on; false on a system that cannot.
  /// - SeeAlso: prctl(2) `PR_SET_DUMPABLE`, core(5).
  @discardableResult
  public static func forbidDumps() -> Bool { lethe_forbid_dumps() == 1 }
}

import Foundation

/// What the command line asks for.
struct Options {
  /// The benchmarks by name, in the order they run.
  enum Part: String, CaseIterable {
    case ingest, reveal, erase, expiry, keyring, destroy, log
    case logVerify = "log-verify"
    case logProof = "log-proof"
    case cedar
  }

  /// Factor between full and quick sizes.
  static let quickDivisor = 20

  /// Whether sizes are divided by ``quickDivisor``.
  var isQuick = false
  /// Whether the usage is asked for.
  var isHelp = false
  /// Subjects in the key store of its own; nil for the usual size.
  var subjects: Int?
  /// Events in the large bucket; nil for the usual size.
  var events: Int?
  /// Entries of the log; nil for the usual size.
  var entries: Int?
  /// Where the figures go as JSON.
  var json: String?
  /// Where the policy sets of `cedar` go as JSON.
  var cedarSets: String?
  /// Where the temporary directory is made.
  var parent = FileManager.default.temporaryDirectory
  /// What is measured.
  var parts = Set(Part.allCases)

  /// Sizes that can be asked for.
  static let sizes = 10_000...10_000_000

  static let usage = """
    usage: lethe-bench [PART] [--quick] [--only PART,…] [--subjects N] [--events N] [--entries N]
                       [--directory DIR] [--json FILE] [--cedar-sets FILE]

      --quick          a twentieth of the sizes, to see that everything runs
      --only PART,…    any of \(Part.allCases.map(\.rawValue).joined(separator: ", "))
      --subjects N     subjects in `keyring`, \(sizes.lowerBound) to \(sizes.upperBound)
      --events N       events of the large bucket in `destroy`, of `log` and `log-proof`, in the same limits
      --entries N      entries of the log in `log-verify`, in the same limits
      --directory DIR  where the vaults are made; the disk below it is what is measured
      --json FILE      write the figures there too
      --cedar-sets FILE  write the policy sets and requests of `cedar` there, for a peer
    """

  /// Reads the arguments.
  ///
  /// - Throws: ``UsageError`` for anything that is not in the usage.
  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      switch argument {
      case "--quick": isQuick = true
      case "--help", "-h": isHelp = true
      case "--subjects": subjects = try Self.size(Self.value(of: argument, &rest))
      case "--events": events = try Self.size(Self.value(of: argument, &rest))
      case "--entries": entries = try Self.size(Self.value(of: argument, &rest))
      case "--json": json = try Self.value(of: argument, &rest)
      case "--cedar-sets": cedarSets = try Self.value(of: argument, &rest)
      case "--directory":
        parent = URL(fileURLWithPath: try Self.value(of: argument, &rest), isDirectory: true)
      case "--only":
        let names = try Self.value(of: argument, &rest).split(separator: ",").map(String.init)
        parts = Set(try names.map(Self.part))
      default:
        guard let part = Part(rawValue: argument) else {
          throw UsageError(message: "`\(argument)` is neither an option nor a benchmark")
        }
        parts = [part]
      }
    }
  }

  /// A full size, or what it comes to in a quick run.
  func size(_ full: Int) -> Int { isQuick ? max(1, full / Self.quickDivisor) : full }

  private static func value(of option: String, _ rest: inout ArraySlice<String>) throws -> String {
    guard let value = rest.popFirst() else {
      throw UsageError(message: "`\(option)` needs a value")
    }
    return value
  }

  private static func size(_ text: String) throws -> Int {
    guard let size = Int(text), sizes.contains(size) else {
      throw UsageError(
        message: "`\(text)` is not a size from \(sizes.lowerBound) to \(sizes.upperBound)")
    }
    return size
  }

  private static func part(_ name: String) throws -> Part {
    guard let part = Part(rawValue: name) else {
      throw UsageError(message: "`\(name)` is not a benchmark")
    }
    return part
  }
}

/// A command line that cannot be understood.
struct UsageError: Error {
  let message: String
}

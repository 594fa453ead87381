// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: upcoming features on, a warning is an error, unsafe code is marked.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
]

let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let fox: [Target.Dependency] = [
  .product(name: "FlyingFox", package: "FlyingFox"),
  .product(name: "FlyingSocks", package: "FlyingFox"),
]
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// A library target of the house.
///
/// The floors it may import are fixed in ARCHITECTURE.md and held by HouseTests.
func floor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// What several test targets share.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

/// The tests of one target.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, exclude: exclude,
    swiftSettings: settings)
}

let package = Package(
  name: "lethe",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "lethe", targets: ["lethe"]),
    .executable(name: "cedar-conformance", targets: ["cedar-conformance"]),
    .library(name: "Cedar", targets: ["Cedar"]),
    .library(
      name: "Lethe",
      targets: [
        "Auditing", "Intake", "Keyring", "Retention", "Rights", "SampleData", "Sealing",
        "Transparency",
        "Unification", "Vault",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev", "pkg-config"])]),
    .target(name: "CPKCS11"),
    floor("Sealing", ["COpenSSL"]),
    floor("Cedar"),
    floor("Linkage"),
    floor("SampleData"),
    floor("Keyring", ["CPKCS11", "Sealing", grdb]),
    floor("Transparency", ["Sealing"]),
    floor("Analytics", [grdb]),
    floor("Vault", ["Sealing", "Keyring", "Transparency", "Cedar", "Analytics", grdb, yams]),
    floor("Intake", ["Vault", yams]),
    floor("Unification", ["Vault", "Linkage"]),
    floor("Retention", ["Vault"]),
    floor("Rights", ["Vault", "Retention", "Sealing", "Transparency"]),
    floor("Segmentation", ["Analytics", yams]),
    floor("Witness", ["Sealing", "Transparency"] + fox),
    floor("Auditing", ["Vault", "Transparency", "Sealing"]),
    .executableTarget(
      name: "lethe",
      dependencies: [
        "Sealing", "Cedar", "Keyring", "Transparency", "Analytics", "Vault", "Intake",
        "Unification", "Retention", "Rights", "Segmentation", "Auditing", "SampleData", "Witness",
        argumentParser, log,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "cedar-conformance", dependencies: ["Cedar"], swiftSettings: settings),
    support("TestSupport", ["Sealing"]),
    support("CedarFuzzing", ["Cedar"]),
    .executableTarget(
      name: "cedar-fuzz-cases", dependencies: ["CedarFuzzing"], path: "Tests/CedarFuzzCases",
      swiftSettings: settings),
    support("VaultTesting", ["Keyring", "Sealing", "TestSupport", "Vault"]),
    .testTarget(name: "HouseTests", exclude: ["migrations.txt"], swiftSettings: settings),
    tests("Sealing", ["TestSupport"], exclude: ["Vectors"]),
    tests("Cedar", ["CedarFuzzing"], exclude: ["Corpus"]),
    tests("Linkage", ["Sealing", "TestSupport"]),
    tests("SampleData"),
    tests("Keyring", ["CPKCS11", "Sealing", "TestSupport", grdb], exclude: ["Vectors"]),
    tests("Transparency", ["Sealing", "TestSupport"]),
    tests("Analytics", [grdb]),
    tests("Segmentation", ["Analytics"]),
    tests("Intake", ["Vault"]),
    tests(
      "Vault",
      [
        "Keyring", "Sealing", "Transparency", "Cedar", "TestSupport", "VaultTesting", "Analytics",
        grdb, .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    tests("Unification", ["SampleData", "Intake", "Sealing", "Vault", "VaultTesting"]),
    tests("Retention", ["Vault", "VaultTesting"]),
    tests("Witness", ["Sealing", "TestSupport", "Transparency"] + fox),
    tests("Rights", ["Sealing", "TestSupport", "Transparency", "Vault", "VaultTesting"]),
    tests("Auditing", ["Sealing", "TestSupport", "Transparency", "Vault", "VaultTesting", grdb]),
    .testTarget(
      name: "ConformanceToolTests", dependencies: ["cedar-conformance"], swiftSettings: settings),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "lethe", "Keyring", "SampleData", "Sealing", "TestSupport", "Transparency", "Vault",
        "VaultTesting", "Witness", grdb,
      ],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

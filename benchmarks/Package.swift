// swift-tools-version: 6.2
import PackageDescription

/// The settings of the house, as in the package above.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
]

let package = Package(
  name: "lethe-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "lethe", path: ".."),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    .executableTarget(
      name: "lethe-bench",
      dependencies: [
        .product(name: "Lethe", package: "lethe"), .product(name: "Cedar", package: "lethe"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: settings)
  ],
  swiftLanguageModes: [.v6]
)

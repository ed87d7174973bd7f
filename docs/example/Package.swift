// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "spirals",
  // In a package of your own: .package(url: "…/lockstep", from: "0.1.0")
  dependencies: [.package(name: "lockstep", path: "../..")],
  targets: [
    .executableTarget(name: "spirals", dependencies: [.product(name: "Lockstep", package: "lockstep")])
  ]
)

// swift-tools-version: 6.2
import PackageDescription

// Read from top to bottom, this is the table of rooms: a target may use only what stands above it, and each one's list
// of dependencies is what it may know. `--explicit-target-dependency-import-check error` holds the build to it.

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .swiftLanguageMode(.v6)]
// For tests that compute little themselves: compiled twice as fast.
let unoptimized = strict + [.unsafeFlags(["-Onone"])]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
  of name: String, _ more: [Target.Dependency] = [], resources: [Resource] = [], _ settings: [SwiftSetting] = strict
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name)] + more, resources: resources, swiftSettings: settings)
}

let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let textTable = Target.Dependency.product(name: "TextTable", package: "TextTable")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "lockstep",
  products: [
    .library(
      name: "Lockstep",
      targets: [
        "Buffers", "MessagePassing", "Configuration", "Kernels", "Layers", "Models", "Gradients", "Optimizers",
        "Batches", "Datasets", "Statistics", "Measurement", "Interconnect", "Training", "Landscape", "Studies",
        "Reports",
      ]),
    .executable(name: "lockstep", targets: ["lockstep"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
  ],
  targets: [
    // C libraries, reached through headers only.
    .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CXZ", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLBFGSB", providers: [.apt(["liblbfgsb-dev"])]),
    // Vector forms of functions that Swift compiles to a scalar call, as macros over compiler builtins.
    .systemLibrary(name: "CVectorMath"),
    .systemLibrary(name: "CMemoryFile"),
    // Files that are there whole or not at all, folders for results.
    library("Files", []),
    // Aligned memory, shapes, views, the layout of parameters, counter-based random numbers.
    library("Buffers", ["CVectorMath"]),
    // Fits, intervals, tests, quantiles: pure functions of numbers.
    library("Statistics", ["Buffers"]),
    // The clock, phases, the ledger.
    library("Measurement", ["Statistics"]),
    // Who of a job still answers, without MPI.
    library("Watch", ["Buffers"]),
    // The only importer of MPI.
    library("MessagePassing", ["CMPI", "CMemoryFile", "Buffers", "Watch"]),
    // Run and study files: one schema, strict, with file and line in every error.
    library("Configuration", ["Files", "Statistics", yams]),
    // What collective calls cost: timed, fitted, told for any number of ranks.
    library("Interconnect", ["Files", "Buffers", "Statistics", "Measurement", "MessagePassing", "Configuration"]),
    // The only importer of oneDNN; loops over views.
    library("Kernels", ["COneDNN", "CVectorMath", "Buffers"]),
    // Forward beside backward; no MPI, no optimiser, no files.
    library("Layers", ["Buffers", "Kernels"]),
    library("Models", ["Buffers", "Layers", "Configuration"]),
    // The gradient arena, its buckets and their exchange: overlap lives only here.
    library("Gradients", ["Buffers", "Measurement", "Watch", "MessagePassing", "Configuration", "Kernels"]),
    library("Optimizers", ["Buffers", "Kernels", "Gradients", "Configuration"]),
    // Steps, their order, microbatches read in the background; rank and size are plain integers here.
    library("Batches", ["Buffers"]),
    // Formats and converters.
    library(
      "Datasets", ["CZlib", "CXZ", "CPNG", "CTurboJPEG", "CVectorMath", "Files", "Buffers", "Configuration", "Batches"]),
    // The step on one screen, evaluation, weights.
    library(
      "Training",
      [
        "COpenSSL", "Files", "Buffers", "Statistics", "Measurement", "Watch", "MessagePassing", "Configuration",
        "Kernels", "Layers", "Models", "Gradients", "Optimizers", "Batches", "Datasets",
      ]),
    // Functions of the weights: how sharp around a run's, what lies between two runs'.
    library(
      "Landscape",
      ["CLBFGSB", "Buffers", "MessagePassing", "Configuration", "Layers", "Batches", "Datasets", "Training"]),
    // Sweeps, fits, projections.
    library(
      "Studies",
      [
        "Files", "Buffers", "Statistics", "MessagePassing", "Configuration", "Batches", "Datasets", "Measurement",
        "Interconnect", "Training", "Landscape",
      ]),
    // Tables, SVG, Markdown, HTML: pure functions of results.
    library(
      "Reports",
      [
        "Files", "Statistics", "Configuration", "Measurement", "Interconnect", "Training", "Landscape", "Studies",
        mustache,
        textTable,
      ]),
    .executableTarget(
      name: "lockstep",
      dependencies: [
        "Files", "Buffers", "MessagePassing", "Configuration", "Interconnect", "Batches", "Datasets", "Measurement",
        "Training", "Landscape", "Studies", "Reports", arguments,
      ],
      swiftSettings: strict),

    tests(of: "Files"),
    // Files as earlier versions wrote them, and changes to them, for the tests of what reads files.
    .target(
      name: "StoredFiles", dependencies: ["Configuration"], path: "Tests/StoredFiles", swiftSettings: strict),
    tests(of: "Buffers"),
    tests(of: "Watch"),
    tests(of: "MessagePassing", ["Watch"]),
    tests(of: "Configuration", ["StoredFiles"], unoptimized),
    tests(of: "Kernels", ["Buffers"]),
    tests(of: "Layers", ["Buffers", "Kernels"]),
    tests(
      of: "Models", ["Buffers", "Configuration", "Gradients", "Layers", "Optimizers"], resources: [.copy("Golden")]),
    tests(of: "Gradients", ["Buffers", "Kernels"]),
    tests(of: "Optimizers", ["Buffers", "Kernels", "Configuration", "Gradients"]),
    tests(of: "Batches", ["Buffers"]),
    tests(of: "Datasets", ["Files", "Buffers", "Configuration", "Batches", "StoredFiles"]),
    tests(of: "Statistics", ["Buffers"], resources: [.copy("SciPy")]),
    tests(of: "Measurement", ["Statistics"]),
    tests(of: "Interconnect", ["Configuration", "Files", "Statistics", "StoredFiles"], unoptimized),
    tests(
      of: "Training",
      [
        "Files", "Buffers", "Configuration", "Batches", "Datasets", "Gradients", "Layers", "Measurement", "Optimizers",
        "Statistics", "StoredFiles",
      ]),
    tests(of: "Landscape", ["Buffers"]),
    // Made-up results, for the tests of what is made from results.
    .target(
      name: "SyntheticStudies",
      dependencies: ["Configuration", "Interconnect", "Measurement", "Statistics", "Studies", "Training"],
      path: "Tests/SyntheticStudies", swiftSettings: strict),
    tests(
      of: "Studies",
      [
        "Files", "Buffers", "Configuration", "Interconnect", "Landscape", "Measurement", "Statistics", "Training",
        "StoredFiles", "SyntheticStudies",
      ], unoptimized),
    tests(
      of: "Reports",
      [
        "Files", "Buffers", "Configuration", "Interconnect", "Landscape", "Measurement", "Statistics", "Studies",
        "Training", "SyntheticStudies",
      ], unoptimized),
    // Thousands of changed files for every reader, in processes of their own, or by libFuzzer (launch/fuzz); not a product.
    .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
    .executableTarget(
      name: "Mutations",
      dependencies: [
        "Configuration", "Interconnect", "Datasets", "Measurement", "Training", "Studies", "Reports", "StoredFiles",
        "CFuzzer", arguments,
      ],
      path: "Tests/Mutations", swiftSettings: strict),
    // The commands, run as a user runs them.
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Files", "Buffers", "Configuration", "Interconnect", "Batches", "Datasets", "Studies", "Training",
        "StoredFiles", "SyntheticStudies", "lockstep", "Benchmarks", "Mutations",
      ],
      swiftSettings: unoptimized),
    // Run by mpirun on 1, 2, 3 and 4 ranks, in a fixed order; not a product.
    .executableTarget(
      name: "RankChecks",
      dependencies: [
        "Buffers", "MessagePassing", "Configuration", "Layers", "Models", "Gradients", "Optimizers", "Batches",
        "Datasets", "Measurement", "Training", "Landscape",
      ],
      path: "Tests/RankChecks", swiftSettings: strict),
    // Ratios against the C interface, the machine's own limits and peers; not a product.
    .systemLibrary(name: "CReference", path: "Tests/CReference", pkgConfig: "mpi-c"),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "CMPI", "CReference", "Buffers", "Statistics", "MessagePassing", "Configuration", "Kernels", "Layers", "Models",
        "Gradients", "Optimizers", "Batches", "Datasets", "Measurement", "Training", "Landscape", arguments, textTable,
      ],
      path: "Tests/Benchmarks", swiftSettings: strict),
  ]
)

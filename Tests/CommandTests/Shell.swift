import Foundation

/// Runs commands as a person at a prompt would, from the package's folder.
enum Shell {
  struct Result {
    let status: Int32
    let output: String
    let errors: String
    /// Lines that Lockstep itself printed on standard error; the launcher's own words are not ours.
    var ownErrors: [Substring] {
      errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") || $0.hasPrefix("Error: ") }
    }
  }

  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where the build put the executables: beside the tests that run now.
  static let products = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

  static let lockstep = products.appendingPathComponent("lockstep").path

  @discardableResult
  static func run(_ command: String) throws -> Result {
    let process = Process()
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (out, err) = (folder.appendingPathComponent("out"), folder.appendingPathComponent("err"))
    try start(process, command, out, err)
    process.waitUntilExit()
    return Result(
      status: process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus,
      output: try String(contentsOf: out, encoding: .utf8), errors: try String(contentsOf: err, encoding: .utf8))
  }

  /// Under mpirun, with the project's own flags.
  @discardableResult
  static func lockstep(ranks: Int, _ arguments: String) throws -> Result {
    try run("\(mpirun(ranks)) \(lockstep) \(arguments)")
  }

  static func mpirun(_ ranks: Int) -> String {
    "source launch/mpirun-flags && exec mpirun \"${mpirun_flags[@]}\" -np \(ranks)"
  }

  /// Starts a command that the test will interrupt.
  static func start(_ process: Process, _ command: String, _ out: URL, _ err: URL) throws {
    for file in [out, err] { FileManager.default.createFile(atPath: file.path, contents: nil) }
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = package
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  static func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }
}

/// A folder that goes with the test.
final class TemporaryFolder {
  let url: URL
  var path: String { url.path }
  init() throws { url = try Shell.temporaryFolder() }
  deinit { try? FileManager.default.removeItem(at: url) }
  func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

import Foundation

/// A command that the test may look at, and signal, while it runs. It does not outlive the test.
final class RunningCommand {
  private let process = Process()
  private let folder: TemporaryFolder

  /// Starts a line of bash. Give the line's last command `exec`, so that signals reach it and not bash.
  /// - Parameter limitInSeconds: nil where the test itself waits, and must know the command's own process.
  init(_ command: String, limitInSeconds: Int? = nil) throws {
    folder = try TemporaryFolder()
    let limit = limitInSeconds.map { ["timeout", "--kill-after=5", "\($0)"] } ?? []
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = limit + ["bash", "-c", command]
    process.currentDirectoryURL = Shell.package
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.open(folder.file("out"))
    process.standardError = try Self.open(folder.file("err"))
    try Self.withoutBlockedSignals { try process.run() }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  var id: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }
  var output: String { folder.text(of: "out") }

  func signal(_ number: Int32) { kill(id, number) }

  /// The ranks of a job: mpirun's children.
  var ranks: [Int32] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { Int32($0) }.filter {
      let status = (try? String(contentsOfFile: "/proc/\($0)/status", encoding: .utf8)) ?? ""
      return status.hasPrefix("Name:\tlockstep\n") && status.contains("\nPPid:\t\(id)\n")
    }.sorted()
  }

  /// False too where only its exit code is left.
  static func isAlive(_ process: Int32) -> Bool {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    return !status.isEmpty && !status.contains("\nState:\tZ")
  }

  func finish() throws -> Shell.Result {
    process.waitUntilExit()
    let signalled = process.terminationReason == .uncaughtSignal
    return Shell.Result(
      status: (signalled ? 128 : 0) + process.terminationStatus, output: output, errors: folder.text(of: "err"))
  }

  /// As `finish()`, but nil where that takes longer.
  func finish(within seconds: Double) throws -> Shell.Result? {
    try wait(atMost: seconds) { !isRunning } ? finish() : nil
  }

  /// A test runs on a thread of the Swift runtime, which blocks signals, and a new process inherits that.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  private static func open(_ file: URL) throws -> FileHandle {
    try Data().write(to: file)
    return try FileHandle(forWritingTo: file)
  }
}

/// Looks again and again until something is so; false where it does not happen in time.
func wait(atMost seconds: Double = 60, until condition: () throws -> Bool) rethrows -> Bool {
  let end = Date(timeIntervalSinceNow: seconds)
  while try !condition() {
    if Date() > end { return false }
    Thread.sleep(forTimeInterval: 0.05)
  }
  return true
}

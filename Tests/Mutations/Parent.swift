import Foundation

/// Starts a `Child`, and another one behind each case that kills it.
struct Parent {
  var arguments: [String]
  var count: Int

  /// Address space of a child, in KiB: beyond it memory is refused, which kills it.
  private static let addressSpace = 6_000_000

  func run(_ report: (Int, Case.Verdict, String) -> Void) throws {
    var next = 0
    while next < count {
      let (lines, signal, errors) = try child(from: next)
      for line in lines {
        let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let index = Int(parts[0]), let verdict = Case.Verdict(rawValue: parts[1]) else {
          continue
        }
        report(index, verdict, parts[2])
        next = index + 1
      }
      guard next < count else { return }
      guard let signal else { throw Failure(description: "a child ended at case \(next): \(errors)") }
      report(next, signal == SIGALRM ? .hung : .trapped, "signal \(signal): \(errors.suffix(300))")
      next += 1
    }
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// - Returns: its lines, the signal that ended it, and what it wrote to standard error.
  private func child(from first: Int) throws -> (lines: [Substring], signal: Int32?, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    let words = [program] + arguments + ["--child-from", "\(first)"]
    process.arguments = ["-c", "ulimit -v \(Self.addressSpace) && ulimit -c 0 && exec \"$@\"", "child"] + words
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-child-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = ["out", "err"].map { folder.appendingPathComponent($0) }
    for file in files { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    process.waitUntilExit()
    // A child that was killed leaves its scratch folder.
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("lockstep-mutations-\(process.processIdentifier)")
    try? FileManager.default.removeItem(at: scratch)
    let texts = try files.map { try String(decoding: Data(contentsOf: $0), as: UTF8.self) }
    let signal = process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil
    return (texts[0].split(separator: "\n"), signal, texts[1])
  }
}

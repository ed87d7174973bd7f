import Foundation
import StoredFiles

/// Has a built `lockstep` read the cases that one of its commands reads: slower, but any version of it can be tried.
struct Commands {
  var cases: [Case]
  var scratch: URL
  var program: String

  func run(_ report: (Int, Case.Verdict, String) -> Void) throws {
    for (index, item) in cases.enumerated() {
      guard let command = item.subject.command else { continue }
      try item.write(to: scratch)
      defer { try? FileManager.default.removeItem(at: scratch) }
      let words = command.replacingOccurrences(of: "FOLDER", with: scratch.path)
      let (status, errors) = try Self.shell("\(program) \(words)", scratch.appendingPathComponent("errors"))
      let own = errors.split(separator: "\n").filter { $0.hasPrefix("lockstep: ") || $0.hasPrefix("Error: ") }
      let message = (own.first.map(String.init) ?? errors).replacingOccurrences(of: scratch.path, with: "FOLDER")
      switch status {
      case 0: report(index, .accepted, "")
      case 124, 137: report(index, .hung, message)
      case 128...: report(index, message.contains("alloc") || message.contains("memory") ? .greedy : .trapped, message)
      default: report(index, own.count == 1 && item.isClear(message) ? .refused : .unclear, message)
      }
    }
  }

  private static func shell(_ command: String, _ errors: URL) throws -> (status: Int32, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let limits = "ulimit -v 6000000; ulimit -c 0; export SWIFT_BACKTRACE=enable=no"
    process.arguments = ["-c", "\(limits); timeout -k 1 \(Case.timeLimit) \(command) > /dev/null 2> \(errors.path)"]
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
  }
}

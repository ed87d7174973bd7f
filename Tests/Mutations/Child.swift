import Foundation

/// Reads cases in this process and says after each what came of it, on a line of standard output. A case that kills the
/// process is the one after the last that was said.
struct Child {
  var cases: [Case]
  var scratch: URL

  func run(from first: Int) throws {
    for (index, item) in cases.enumerated().dropFirst(first) {
      try item.write(to: scratch)
      alarm(Case.timeLimit)
      let (verdict, message) = item.read(in: scratch)
      alarm(0)
      try FileManager.default.removeItem(at: scratch)
      let line = "\(index)\t\(verdict.rawValue)\t\(message.replacingOccurrences(of: "\n", with: "⏎").prefix(400))\n"
      try FileHandle.standardOutput.write(contentsOf: Data(line.utf8))
    }
  }
}

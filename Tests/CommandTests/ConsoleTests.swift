import Foundation
import Testing

extension CommandTests {
  /// Text of a command line or a file is shown on the terminal and does nothing there.
  @Suite(.serialized) struct ConsoleOutput {
    /// Clears the screen, rings, and makes up a line.
    private let name = "$'a\\e[2J\\a\\nlockstep: forged\\u202e'"

    private func expectHarmless(_ result: Shell.Result) {
      for text in [result.output, result.errors] {
        #expect(
          text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "\u{202E}" || $0 == "\n" },
          "\(result.text)")
        #expect(!text.split(separator: "\n").contains("lockstep: forged"), "\(result.text)")
      }
    }

    @Test(arguments: [
      "train NAME --output /nowhere/x",
      "train --set NAME \(Shell.package.path)/launch/runs/fashion-mnist-mlp.yaml --output /nowhere/x",
      "inspect NAME", "report NAME", "evaluate NAME", "predict NAME NAME --output x.csv", "convert NAME NAME",
      "export NAME NAME", "study NAME --output /nowhere/x", "NAME", "synthesize clicks NAME --rows NAME",
    ]) func ofErrorsIsHarmless(arguments: String) throws {
      // Some make their target before they look at their source.
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "cd \(folder.path); name=\(name); exec \(Shell.lockstep) \(arguments.replacingOccurrences(of: "NAME", with: "\"$name\""))"
      )
      #expect(result.failed && (result.output + result.errors).contains("\\u{1B}[2J"), "\(result.text)")
      expectHarmless(result)
    }

    @Test func ofResultsIsHarmless() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "name=\(name); mkdir \"\(folder.path)/$name\"; exec \(Shell.lockstep) train \(smallRun) --set steps=1 "
          + "--set data.path=\"\(folder.path)/$name\" --set data.fallback=\(Shell.package.path)/\(Shell.data) "
          + "--output \"\(folder.path)/$name out\"")
      expectHarmless(result)
    }

    @Test func helpIsAsItWas() throws {
      let result = try Shell.run("\(Shell.lockstep) train --help")
      #expect(result.status == 0 && result.output.contains("USAGE:") && result.errors.isEmpty, "\(result.text)")
      #expect(try Shell.run("\(Shell.lockstep) --version").output.split(separator: "\n").count == 1)
    }
  }
}

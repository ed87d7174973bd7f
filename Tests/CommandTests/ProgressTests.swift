import Foundation
import Testing

extension CommandTests {
  @Suite(.serialized) struct Progress {
    private let run = "train launch/runs/fashion-mnist-mlp.yaml --set data.path=\(Shell.data) --set epochs=2"

    private func command(_ folder: TemporaryFolder) -> String {
      "\(Shell.mpirun(2)) \(Shell.lockstep) \(run) --output \(folder.path)"
    }

    @Test func isPlainLinesWhenPiped() throws {
      let result = try Shell.run("\(command(TemporaryFolder()))")
      try #require(result.status == 0, "\(result.text)")
      #expect(!result.output.contains("\r") && !result.output.contains("\u{1B}"), "\(result.text)")
      for epoch in 1...2 { #expect(result.output.contains("epoch \(epoch)  "), "\(result.text)") }
    }

    @Test func saysNothingButTheLastFiguresWhenQuiet() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run("\(command(folder)) --quiet")
      #expect(result.status == 0 && result.errors.isEmpty, "\(result.text)")
      let lines = result.output.split(separator: "\n")
      try #require(lines.count == 2, "\(result.text)")
      #expect(lines[0].contains(/^epoch 2: training loss [0-9.]+ accuracy .*; test loss [0-9.]+ .*samples\/s$/))
      #expect(
        lines[1] == "\(folder.path): run.json, weights.safetensors, model.json, optimizer.safetensors, steps.json")
    }

    @Test(.enabled(if: Shell.has("script"), "needs util-linux's script to make a terminal"))
    func overwritesOneLineOnATerminal() throws {
      let folder = try TemporaryFolder()
      try command(folder).write(to: folder.file("command"), atomically: true, encoding: .utf8)
      let result = try Shell.run("script -qec 'bash \(folder.file("command").path)' /dev/null")
      try #require(result.status == 0, "\(result.text)")
      let shown = result.output.components(separatedBy: "\r\u{1B}[K")
      #expect(shown.count > 2, "no line was overwritten: \(result.text)")
      #expect(shown.contains { $0.contains("samples/s") && $0.contains(" left") }, "\(result.text)")
    }
  }
}

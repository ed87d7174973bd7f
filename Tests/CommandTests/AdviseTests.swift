import Foundation
import Studies
import Testing

extension CommandTests {
  /// `lockstep advise` on a run and a timing of seconds.
  @Suite(.serialized) struct Advise {
    private let model = "model={kind: mlp, widths: [8]}"

    @Test func aRunAndATimingTellOfOtherBatches() throws {
      let run = try train(
        ranks: 1,
        "--set '\(model)' --set epochs=1 --set globalBatch=64 --set microBatch=16 --set 'measure={noiseScale: {}}'")
      let timing = try TemporaryFolder()
      // Whatever else computes meanwhile.
      let study = tinyStudy.replacingOccurrences(of: "axes.globalBatch=[256]", with: "axes.globalBatch=[64,256]")
        .replacingOccurrences(of: "retakes: 0", with: "retakes: 0, disturbedAbove: 1000")
      let timed = try Shell.lockstep(ranks: 1, "\(study) --set 'run.\(model)' --output \(timing.path)")
      try #require(timed.status == 0, "\(timed.text)")
      let command = "\(Shell.lockstep) advise \(run.folder.path) --timings \(timing.path)"
      let result = try Shell.run("\(command) --batches 32,64,256,512")
      try #require(result.status == 0, "\(result.text)")
      for word in ["would be", "a global batch of", "extrapolation", "critical batch", "advice/report.html"] {
        #expect(result.output.contains(word), "\(word): \(result.text)")
      }
      let advice = run.folder.text(of: "advice/advice.csv")
      // A line through two times, of which others may disturb one, is above 0 beyond one of them at the least.
      #expect((4...5).contains(advice.split(separator: "\r\n").count))
      // As far as it came: 94 updates of 64 samples.
      #expect(advice.contains("\r\n64,94.0,94.0,94.0,"))
      expectOneError(
        try Shell.run("\(command) --target validationLoss=0.0001"),
        ["did not reach the target", "validationLoss 0.0001"])
      let other = try train(ranks: 1, "--set epochs=1 --set 'model={kind: mlp, widths: [9]}'")
      expectOneError(
        try Shell.run("\(Shell.lockstep) advise \(other.folder.path)"),
        ["no gradient noise", "measure={noiseScale: {}}"])
      expectOneError(
        try Shell.run("\(Shell.lockstep) advise \(other.folder.path) --timings \(timing.path)"), ["another model"])
    }

    @Test(
      arguments: [
        ("--batches 0", ["--batches is '0'"]), ("--target loss=1", ["unknown key 'loss'", "validationLoss"]),
        ("--target validationAUC=2", ["validationAUC is 2", "at most 1"]),
        ("--target validationLoss", ["is not key=value"]),
      ] as [(String, [String])])
    func wrongFlagsAreNamed(flags: String, words: [String]) throws {
      let result = try Shell.run("\(Shell.lockstep) advise nowhere \(flags)")
      #expect(result.status == 64, "\(result.text)")
      for word in words { #expect(result.errors.contains(word), "\(result.text)") }
    }
  }
}

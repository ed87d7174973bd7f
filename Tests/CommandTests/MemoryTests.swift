import Foundation
import Testing

extension CommandTests {
  /// A run that does not fit says so before any of it is made.
  @Suite(.serialized) struct Memory {
    /// No machine of these tests has half a terabyte.
    private static let huge = "[200000,200000]"

    @Test(arguments: [(huge, 2), ("[1048576,1048576]", 1), ("[1048576,1048576,1048576]", 2)])
    func ofADenseModelIsLookedAt(widths: String, ranks: Int) throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: ranks, "train \(smallRun) --set model.widths=\(widths) --output \(folder.path)")
      expectOneError(
        result, ["GB on each node", "weights and their starting values", "gradients", "optimizer sgd", "smaller"])
      #expect(!Shell.fileExists(folder.file("run.json")))
    }

    @Test func ofActivationsNamesTheMicrobatch() throws {
      let folder = try TemporaryFolder()
      let result = try lockstepInLittleMemory(
        "train \(smallRun) --set 'model={kind: cnn, filters: [512], hidden: 1}' --set globalBatch=6000 "
          + "--set microBatch=6000 --output \(folder.path)")
      expectOneError(result, ["activations", "ulimit -v", "set a smaller microBatch"])
    }

    @Test func aLimitOfTheProcessIsHeeded() throws {
      let folder = try TemporaryFolder()
      let arguments = "train \(smallRun) --set model.widths=[20000,10000] --output \(folder.path)"
      expectOneError(
        try lockstepInLittleMemory(arguments, kibibytes: 3_000_000), ["GB for each rank", "ulimit -v", "raise it"])
    }

    /// Every trial's need, before the first trial runs.
    @Test func ofEveryTrialIsLookedAtBeforeTheFirst() throws {
      let folder = try TemporaryFolder()
      let file = folder.file("study.yaml").path
      try """
      name: one is too large
      run: {model: {kind: mlp, widths: [16]}, data: {path: \(Shell.package.path)/\(Shell.data)}, epochs: 1, steps: 2}
      axes: {globalBatch: [64]}
      variants: [{name: small}, {name: large, set: {model.widths: \(Self.huge)}}]
      cost: {pricePerNodeHour: 1, ranksPerNode: 2}
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let result = try Shell.lockstep(ranks: 2, "study \(file) --quiet --output \(folder.path)/results")
      expectOneError(result, ["GB on each node", "optimizer sgd"])
      #expect(folder.text(of: "results/trials.jsonl").isEmpty)
    }

    /// A saved model needs its weights and what a call takes, nothing that training takes.
    @Test func ofPredictionsIsLookedAt() throws {
      let (_, run) = try train(ranks: 1, "--set steps=1 --set model.widths=[2000]")
      let file = run.file("scores.bin").path
      let result = try lockstepInLittleMemory(
        "predict \(run.path) \(Shell.data) --output \(file)", kibibytes: 3_000_000)
      #expect(result.status == 0, "\(result.text)")
    }

    /// Measured in a process of its own: data and program are not counted.
    @Test(arguments: ["mlp-wide --rows 512", "cnn --rows 128", "deepfm --rows 512 --table-rows 300000"])
    func estimateIsNearWhatIsTaken(model: String) throws {
      let program = Shell.products.appendingPathComponent("Benchmarks").path
      let result = try Shell.run("\(program) estimate --model \(model)")
      #expect(result.status == 0, "\(result.text)")
      print(result.output)
    }
  }
}

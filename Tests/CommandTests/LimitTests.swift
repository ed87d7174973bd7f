import Foundation
import Testing

/// Lockstep alone in its world, in little memory and time.
func lockstepInLittleMemory(_ arguments: String, kibibytes: Int = 5_000_000) throws -> Shell.Result {
  try Shell.run("ulimit -v \(kibibytes); exec \(Shell.lockstep) \(arguments)")
}

extension CommandTests {
  /// Whatever a file may say ends in success or in one clear error: no trap, no hang, no more memory than there is.
  @Suite(.serialized) struct Limits {
    /// At the ends of what the file's rules allow.
    static let settings = [
      // Sizes.
      "model.widths=[1048576,1048576]", "model.widths=[60000,60000]", "model.widths=[1048576]", "model.widths=[1]",
      "'model={kind: mlp, widths: [8], batchNorm: true, dropout: 0.9999999999999999}' --set microBatch=1",
      "'model={kind: mlp, widths: [\(Array(repeating: "1", count: 100).joined(separator: ","))]}'",
      "'model={kind: cnn, filters: [1], hidden: 1}'", "'model={kind: cnn, filters: [1,1,1,1,1,1], hidden: 1}'",
      "'model={kind: cnn, filters: [1048576,1048576], hidden: 1048576}'",
      "'model={kind: cnn, filters: [1048576], hidden: 1, batchNorm: true}'", "'model={kind: logistic}'",
      // Batches.
      "microBatch=2147483647", "microBatch=2000000 --set globalBatch=32", "microBatch=1",
      "globalBatch=1 --set microBatch=1", "globalBatch=6000 --set microBatch=6000",
      "globalBatch=200 --set microBatch=1",
      "ghostBatch=2147483647", "ghostBatch=2147483647 --set microBatch=2147483647", "data.limit=1",
      "data.limit=2147483647",
      "epochs=2147483647", "steps=2147483647 --set globalBatch=6000 --set microBatch=1000",
      "evaluation.everyEpochs=2147483647", "evaluation.trainingSet=true", "seed=18446744073709551615",
      // Rates.
      "learningRate.base=1e308", "learningRate.base=5e-324",
      "'learningRate={base: 1e308, scaling: linear, baseBatch: 1}'",
      "'learningRate={base: 5e-324, scaling: sqrt, baseBatch: 2147483647}'", "learningRate.warmUpEpochs=1e308",
      "'learningRate={base: 1, schedule: steps, milestones: [5e-324, 1e308], factor: 1e308}'",
      "'optimizer={kind: sgd, momentum: 0.9999999999999999, nesterov: true, weightDecay: 1e308}'",
      "'optimizer={kind: sgd, clipNorm: 5e-324}'", "'optimizer={kind: sgd, clipNorm: 1e308}'",
      "'optimizer={kind: adam, beta1: 0, beta2: 0.9999999999999999, epsilon: 5e-324}'",
      "'optimizer={kind: adamw, beta1: 0.9999999999999999, beta2: 0, epsilon: 1e308, weightDecay: 1e308}'",
      // Execution.
      "execution.threads=64", "execution.bucketBytes=1", "execution.bucketBytes=2147483647", "execution.prefetch=0",
      "execution.prefetch=1024", "execution.prefetch=1024 --set globalBatch=6000 --set microBatch=6000",
      "execution.summation=reproducible", "execution.summation=reproducible --set learningRate.base=1e308",
    ]

    @Test(arguments: settings) func ofImagesEndClearly(setting: String) throws {
      let folder = try TemporaryFolder()
      expectClearEnding(
        try lockstepInLittleMemory(
          "train \(smallRun) --set steps=1 --set globalBatch=64 --set microBatch=32 --set \(setting) "
            + "--output \(folder.path)"))
    }

    static let clickSettings = [
      "'model={kind: deepfm, embedding: 4096, widths: [1]}'", "'model={kind: deepfm, embedding: 1, widths: [65536]}'",
      "'model={kind: factorizationMachine, embedding: 4096, embeddingDeviation: 1e308}'",
      "'model={kind: factorizationMachine, embedding: 1, embeddingDeviation: 0}'",
      "'model={kind: dcnv2, embedding: 16, widths: [8], crossLayers: 100}'",
      "'model={kind: dcnv2, embedding: 4096, widths: [8], crossLayers: 100}'",
      "'model={kind: dlrm, embedding: 4096, widths: [1], bottomWidths: [65536]}'",
      "'model={kind: wideAndDeep, embedding: 1, widths: [1,1,1], dropout: 0.9999999999999999}'",
      "'model={kind: logistic}'", "microBatch=2147483647", "'tables={optimizer: sgd, l2: 1e308}'",
      "'tables={optimizer: adagrad, initialAccumulator: 0, epsilon: 5e-324}'",
      "'tables={optimizer: rowwiseAdagrad, initialAccumulator: 1e308, epsilon: 1e308}'",
      "'tables={optimizer: adam, beta1: 0, beta2: 0, epsilon: 5e-324}'",
      "'tables={optimizer: lazyAdam, beta1: 0.9999999999999999, beta2: 0.9999999999999999}'",
      "'tables={optimizer: ftrl, initialAccumulator: 0, beta: 0, l1: 1e308, l2: 1e308, learningRate: {base: 1e308}}'",
      "'tables={l2: 1e308, l2Scaling: linear, cowClip: {ratio: 1e308, floor: 1e308}}'",
      "'tables={cowClip: {ratio: 5e-324, floor: 0}}'", "execution.summation=reproducible",
      "execution.tableExchange=dense",
    ]

    @Test(arguments: clickSettings) func ofClicksEndClearly(setting: String) throws {
      let clicks = try ClickRun("--rows 400 --test-rows 100 --fields 4 --dense 3 --cardinality 50 --quiet")
      let folder = try TemporaryFolder()
      expectClearEnding(
        try lockstepInLittleMemory(
          "train \(clicks.file) --quiet --set steps=1 --set globalBatch=64 --set microBatch=32 --set \(setting) "
            + "--output \(folder.path)"))
    }

    private func expectClearEnding(_ result: Shell.Result) {
      guard result.status != 0 else { return }
      #expect(result.status == 1)
      expectOneError(result, [])
    }

    @Test(arguments: [1, 2]) func aMicrobatchLargerThanItsBatchIsTheBatch(ranks: Int) throws {
      let same = try ["32", "2000000", "2147483647"].map {
        try train(
          ranks: ranks, "--set steps=2 --set globalBatch=32 --set microBatch=\($0)"
        ).record
      }
      #expect(Set(same.map(\.weightsSHA256)).count == 1)
      let most = same.map(\.ledger.peakMemoryBytes.maximum)
      #expect(most[2] < 1.2 * most[0], "\(most)")
    }

    /// Before the study's trials, and a report shows the largest that there may be.
    @Test func aPriceBeyondEverythingIsRefused() throws {
      let folder = try TemporaryFolder()
      let command = "\(tinyStudy) --set axes.ranks=[1] --output \(folder.path) --set cost.pricePerNodeHour="
      expectOneError(
        try Shell.lockstep(ranks: 1, command + "1e200"), ["cost.pricePerNodeHour is 1e200", "from 0 to 1000000000"])
      let study = try Shell.lockstep(ranks: 1, command + "1e9")
      try #require(study.status == 0, "\(study.text)")
      let report = try Shell.run("\(Shell.lockstep) report \(folder.path)")
      #expect(report.status == 0 && !report.output.contains("000,000,000,000"), "\(report.text)")
    }

    @Test func aPredictionsBatchIsAtMostItsData() throws {
      let (_, run) = try train(ranks: 1, "--set steps=2")
      let wanted = try predict(run.path, Shell.data, batch: 1000)
      for batch in [1001, 1 << 20] {
        let file = run.file("scores.bin")
        let result = try lockstepInLittleMemory(
          "predict \(run.path) \(Shell.data) --output \(file.path) --batch=\(batch) --threads 1")
        try #require(result.status == 0 && result.output.contains("compute batch 1000"), "\(result.text)")
        #expect(try Data(contentsOf: file) == wanted)
      }
      for batch in [Int(Int32.max), Int.max] {
        let file = run.file("none.bin").path
        expectOneError(
          try lockstepInLittleMemory("predict \(run.path) \(Shell.data) --output \(file) --batch=\(batch)"), ["--batch"]
        )
      }
    }
  }
}

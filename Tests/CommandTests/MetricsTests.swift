import Batches
import Buffers
import Datasets
import Foundation
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct Metrics {
    /// From the predictions and labels themselves, by the definitions.
    @Test func areThoseOfThePredictions() throws {
      let clicks = try ClickRun()
      let quality = try clicks.train("model").epochs.last!.validation!
      let probabilities = try predict(clicks.path("model"), clicks.data, batch: 128).floats.map(Double.init)
      let labels = try labels(of: ClickDataset.open(clicks.data, split: .test))
      let positives = zip(probabilities, labels).filter { $0.1 == 1 }.map(\.0)
      let negatives = zip(probabilities, labels).filter { $0.1 == 0 }.map(\.0)
      var ordered = 0.0
      for positive in positives {
        for negative in negatives { ordered += positive > negative ? 1 : positive == negative ? 0.5 : 0 }
      }
      let area = ordered / Double(positives.count * negatives.count)
      #expect(abs(try #require(quality.areaUnderCurve) - area) < 1e-6)
      let loss =
        (positives.map { -log($0) } + negatives.map { -log(1 - $0) }).reduce(0, +) / Double(labels.count)
      #expect(abs(quality.loss - loss) < 1e-6 * loss)
      let share = Double(positives.count) / Double(labels.count)
      let entropy = -(share * log(share) + (1 - share) * log(1 - share))
      #expect(abs(try #require(quality.normalizedEntropy) - loss / entropy) < 1e-6)
      let mean = probabilities.reduce(0, +) / Double(labels.count)
      #expect(abs(try #require(quality.calibration) - mean / share) < 1e-6)
    }

    private func labels(of dataset: any Dataset) throws -> [Int32] {
      let batch = Batch(
        inputShape: dataset.inputShape, fields: dataset.idFields?.count ?? 0, capacity: dataset.count)
      let samples = Array(0..<dataset.count)
      try samples.withUnsafeBufferPointer { try dataset.read($0, into: batch) }
      return Array(batch.labels)
    }

    @Test func areShownWhereARunEvaluates() throws {
      let clicks = try ClickRun()
      let result = try Shell.run(
        "\(Shell.lockstep) train \(clicks.file) --output \(clicks.path("model")) --set epochs=2")
      try #require(result.status == 0, "\(result.text)")
      let epoch = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("epoch 2 ") })
      #expect(epoch.contains("test log loss 0.") && epoch.contains("AUC 0.") && !epoch.contains("accuracy"))
      let heading = try #require(result.output.split(separator: "\n").first { $0.hasPrefix("Epoch ") })
      #expect(heading.contains("Test log loss") && heading.contains("AUC") && heading.contains("Calibration"))
    }

    /// The same integers are counted on any number of ranks.
    @Test func evaluationIsTheRunsOnAnyRanks() throws {
      let clicks = try ClickRun()
      let quality = try clicks.train("model").epochs.last!.validation!
      for ranks in 1...3 {
        let result = try Shell.lockstep(ranks: ranks, "evaluate \(clicks.path("model")) --training-set")
        let area = String(format: "AUC %.6f", quality.areaUnderCurve!)
        #expect(result.status == 0 && result.output.contains(area), "\(area) is not in \(result.text)")
        #expect(result.output.contains("training  log loss 0."), "\(result.text)")
      }
    }

    /// Each split under its own name, also where the run was judged by another.
    @Test func evaluationSaysWhichSplitItWas() throws {
      let clicks = try ClickRun()
      _ = try clicks.train("model", "--set data.validation.count=500 --set globalBatch=1000")
      let model = clicks.path("model")
      let all = try Shell.lockstep(ranks: 2, "evaluate \(model) --training-set").output.split(separator: "\n")
      #expect(all.map { $0.prefix { $0 != " " } } == ["training", "validation", "test"])
      for (split, line) in zip(["train", "validation", "test"], all) {
        let one = try Shell.lockstep(ranks: 2, "evaluate \(model) --split \(split)")
        #expect(one.status == 0 && one.output == "\(line)\n", "\(one.text)")
      }
      // Judged by the test split, with a validation split beside it that the run did not open.
      let stored = Shell.package.appendingPathComponent("Tests/Stored").path
      for (split, name) in [("train", "training"), ("validation", "validation"), ("test", "test")] {
        let one = try Shell.lockstep(
          ranks: 1, "evaluate \(stored)/deepfm --data \(stored)/clicks --split \(split)")
        #expect(one.status == 0 && one.output.hasPrefix("\(name)  "), "\(one.text)")
      }
      _ = try clicks.train("other")
      expectOneError(
        try Shell.lockstep(ranks: 2, "evaluate \(clicks.path("other")) --split validation"),
        [clicks.data, "has no validation split: there are training and test"])
    }

    @Test func oneClassHasNoAreaAndThatIsSaid() throws {
      let clicks = try ClickRun(ClickRun.synthesis.replacingOccurrences(of: "--test-rows 1000", with: "--test-rows 1"))
      #expect(try clicks.train("model").epochs.last!.validation!.areaUnderCurve == nil)
      let result = try Shell.lockstep(ranks: 2, "evaluate \(clicks.path("model"))")
      #expect(result.status == 0 && result.output.contains("AUC undefined"), "\(result.text)")
    }
  }
}

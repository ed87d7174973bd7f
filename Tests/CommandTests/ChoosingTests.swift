import Foundation
import Testing
import Training

/// Weights, rate and end that a run chooses by its validation set.
@Suite struct ChoosingTests {
  /// Learns by heart what is in it: after some epochs the validation loss rises.
  private func overfitting() throws -> ClickRun {
    let run = try ClickRun("--rows 2000 --test-rows 1000 --fields 4 --dense 3 --cardinality 200 --quiet")
    try """
    model: {kind: deepfm, embedding: 4, embeddingDeviation: 0.1, widths: [16], batchNorm: true}
    data: {path: data, validation: {count: 600}}
    globalBatch: 200
    microBatch: 50
    epochs: 8
    optimizer: {kind: adam}
    learningRate: {base: 0.02}
    tables: {optimizer: adam, l2: 1e-6, l2Rows: all}
    execution: {summation: reproducible, threads: 1}
    """.write(toFile: run.file, atomically: true, encoding: .utf8)
    return run
  }

  private func losses(_ record: RunRecord) -> [Double] { record.epochs.map { $0.validation?.loss ?? .nan } }

  @Test func theBestWeightsAreKept() throws {
    let run = try overfitting()
    let last = try run.train("last")
    let best = try run.train("best", "--set evaluation.keep=best")
    let alone = try run.train("alone", ranks: 1, "--set evaluation.keep=best")
    let lowest = try #require(losses(last).min())
    try #require(lowest < losses(last).last!, "it never got worse: \(losses(last))")
    #expect(losses(best) == losses(last))
    #expect(best.keptEpoch == losses(last).firstIndex(of: lowest)! + 1 && last.keptEpoch == nil)
    #expect(best.finalValidation?.loss == lowest && last.finalValidation?.loss == losses(last).last)
    #expect(best.weightsSHA256 != last.weightsSHA256 && best.weightsSHA256 == alone.weightsSHA256)
    #expect(best.finalTest != nil && best.finalTest != last.finalTest)
    // Training to that epoch only ends with the same weights.
    let short = try run.train("short", "--set epochs=\(best.keptEpoch!)")
    #expect(short.weightsSHA256 == best.weightsSHA256 && short.finalTest == best.finalTest)
  }

  /// The optimiser's state is of the same moment: going on from the kept weights is going on from that epoch.
  @Test func keptWeightsComeWithTheirOptimizer() throws {
    let run = try overfitting()
    let best = try run.train("best", "--set evaluation.keep=best")
    _ = try run.train("short", "--set epochs=\(best.keptEpoch!)")
    let on = try ["best", "short"].map {
      try run.train("\($0)-on", "--from \(run.path($0)) --set epochs=1").weightsSHA256
    }
    #expect(on[0] == on[1])
  }

  @Test func trainingEndsWhereNothingGetsBetter() throws {
    let run = try overfitting()
    let output = run.path("stopped")
    let result = try Shell.lockstep(
      ranks: 2,
      "train \(run.file) --output \(output) --set evaluation.patience=2 --set evaluation.by=auc --set evaluation.keep=best"
    )
    try #require(result.status == 0, "\(result.text)")
    let record = try RunRecord.read(URL(fileURLWithPath: output).appendingPathComponent("run.json"))
    let areas = record.epochs.map { $0.validation!.areaUnderCurve! }
    let best = areas.firstIndex(of: areas.max()!)! + 1
    #expect(record.stoppedEarly == true && record.outcome == .completed && record.keptEpoch == best)
    #expect(record.epochs.count == best + 2 && record.epochs.count < 8)
    #expect(
      result.output.contains(
        "ended early, after \(best + 2) of 8 epochs; final weights: after epoch \(best), best by validation AUC"))
  }

  @Test func theRateFallsOnAPlateau() throws {
    let run = try overfitting()
    let record = try run.train("plateau", "--set learningRate.schedule=plateau --set learningRate.factor=0.5")
    var (best, rate) = (Double.infinity, 0.02)
    for epoch in record.epochs {
      #expect(epoch.learningRate == rate)
      let loss = epoch.validation!.loss
      if loss < best { best = loss } else { rate /= 2 }
    }
    #expect(rate < 0.02)
  }

  @Test(arguments: [
    ("evaluation.keep=best", "evaluation.keep best chooses by a validation set"),
    ("evaluation.patience=1", "evaluation.patience chooses by a validation set"),
    ("learningRate.schedule=plateau", "learningRate.schedule plateau chooses by a validation set"),
  ])
  func theTestSetChoosesNothing(key: String, words: String) throws {
    let run = try ClickRun()
    let result = try Shell.lockstep(ranks: 2, "train \(run.file) --output \(run.path("out")) --set \(key)")
    #expect(result.status == 1 && result.text.contains(words) && result.text.contains("data.validation"))
  }
}

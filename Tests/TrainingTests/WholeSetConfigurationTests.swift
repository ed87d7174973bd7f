import Configuration
import Testing
import Training

@Suite struct WholeSetConfigurationTests {
  private var run: RunConfiguration {
    var run = RunConfiguration(
      model: .mlp(widths: [8], batchNorm: true, dropout: 0.5), data: DataConfiguration(path: "x"), globalBatch: 64,
      microBatch: 16, epochs: 9, seed: 5)
    run.optimizer.kind = .adam
    (run.precision, run.exchangePrecision) = (.bfloat16, .bfloat16)
    run.evaluation.patience = 2
    run.execution.summation = .reproducible
    run.data.augmentation = AugmentationConfiguration(mirror: true)
    return run
  }

  @Test func batchesAreEqualPartsOfTheSet() {
    let whole = run.ofWholeSet(samples: 12_001, statistics: .batch, rows: 5000, ghostBatch: 16, seed: 3)
    #expect(whole.microBatch == 4001 && whole.ghostBatch == 4001 && whole.globalBatch == 12_001 && whole.seed == 3)
  }

  @Test(arguments: [BatchNormStatistics.running, nil]) func elseRowsAreAsManyAsComputeWell(
    _ statistics: BatchNormStatistics?
  ) {
    let whole = run.ofWholeSet(samples: 12_001, statistics: statistics, rows: 5000, ghostBatch: 16, seed: 3)
    #expect(whole.microBatch == 256 && whole.ghostBatch == 16)
    #expect(run.ofWholeSet(samples: 100, statistics: statistics, rows: 5000, ghostBatch: 16, seed: 3).microBatch == 100)
  }

  /// Nothing that decides by evaluations, rounds gradients or changes samples: the loss is a function of the weights.
  @Test func onlyModelDataAndExecutionStay() {
    let whole = run.ofWholeSet(samples: 1000, statistics: .batch, rows: 5000, ghostBatch: 16, seed: 3)
    #expect(whole.model == run.model && whole.execution == run.execution && whole.data.path == "x")
    #expect(whole.precision == nil && whole.exchangePrecision == nil)
    #expect(whole.evaluation.patience == nil && whole.data.augmentation == nil)
    #expect(whole.optimizer.kind == .sgd && whole.optimizer.momentum == 0)
  }
}

import Batches
import Configuration

extension RunConfiguration {
  /// The run's model, data and way of adding up, and of the rest the least that a function of the whole training set needs.
  ///
  /// - Parameters:
  ///   - samples: of the training set.
  ///   - statistics: of batch norm; nil for a model without.
  ///   - rows: samples whose statistics are taken together, at most: equal parts of the set.
  ///   - ghostBatch: the model's own.
  ///   - seed: of the order of samples, which says what stands in a batch.
  public func ofWholeSet(
    samples: Int, statistics: BatchNormStatistics?, rows: Int, ghostBatch: Int, seed: UInt64
  ) -> RunConfiguration {
    let together = statistics == .batch ? StepPlan.equalParts(of: samples, atMost: rows) : nil
    var whole = RunConfiguration(
      model: model, data: data, globalBatch: samples,
      microBatch: together ?? min(samples, max(microBatch, Evaluation.leastRows)), epochs: 1, seed: seed)
    whole.ghostBatch = together ?? ghostBatch
    whole.data.augmentation = nil
    whole.optimizer.momentum = 0
    whole.tables.optimizer = .sgd
    whole.execution = execution
    // It is asked for at one place after the other, each rank's own.
    whole.execution.arenas = nil
    return whole
  }
}

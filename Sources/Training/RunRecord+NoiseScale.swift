import Configuration
import Optimizers

extension RunRecord {
  /// The scale of the fluctuations that small batches add to descent (Smith and Le 2018; Smith et al. 2017, section 2), at the rate of
  /// the epoch's last step; nil for rules other than SGD, of which it says nothing.
  public func noiseScale(in epoch: EpochRecord) -> Double? {
    guard configuration.optimizer.kind == .sgd else { return nil }
    let batch = globalBatch(in: epoch)
    return Self.noiseScale(
      learningRate: epoch.learningRate, samples: dataset.trainingSamples, globalBatch: batch,
      momentum: configuration.momentum(atBatch: batch))
  }

  /// g = ε (N ÷ B − 1) ÷ (1 − m); about ε N ÷ (B (1 − m)), which is what schedules keep equal, while B is far below N.
  public static func noiseScale(
    learningRate: Double, samples: Int, globalBatch: Int, momentum: Double
  ) -> Double {
    learningRate * (Double(samples) / Double(globalBatch) - 1) / (1 - momentum)
  }
}

extension RunConfiguration {
  /// What is left of the velocity in an update of so many samples.
  func momentum(atBatch globalBatch: Int) -> Double {
    guard optimizer.halfLife == .samples else { return optimizer.momentum }
    let ratio = Double(globalBatch) / Double(learningRate.baseBatch)
    return Aging(step: ratio, total: ratio).decay(optimizer.momentum)
  }
}

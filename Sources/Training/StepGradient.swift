import Batches
import Buffers
import Configuration
import Gradients
import Layers

/// The mean gradient over a step's samples, the same on every rank.
public struct StepGradient: ~Copyable {
  /// Summed over all microbatches of all ranks, each of which divides by the global batch.
  public let mean: ReducedGradients
  /// Sums over this rank's samples.
  public let sums: LossSums
  /// Why it must not be applied; nil where it may.
  var obstacle: StepOutcome?

  /// The same gradient, with the loss of other weights.
  consuming func with(_ sums: LossSums) -> StepGradient { StepGradient(mean: mean, sums: sums, obstacle: obstacle) }
}

extension Pass {
  /// - Parameters:
  ///   - views: of each sample in a step.
  ///   - alone: its gradients are not added to those of the microbatches before it.
  init(training batch: Batch, as mode: Mode = .training, views: Int = 1, alone: Bool) {
    self.init(
      mode: mode, epoch: batch.place.epoch, samples: batch.filledSamples, ids: batch.filledIDs,
      weights: batch.filledWeights,
      overwritesGradients: alone || batch.place.isFirstOfRank, globalBatch: batch.place.globalBatch,
      firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch, view: batch.place.view, views: views)
  }
}

extension Tensor {
  func exchangeContents(with other: Tensor) {
    precondition(count == other.count, "\(count) and \(other.count) floats")
    for index in 0..<count { swap(&pointer[index], &other.pointer[index]) }
  }
}

extension RunConfiguration {
  /// Where each microbatch has a first gradient of its own, that must not meet the sums.
  var accumulation: Accumulation {
    switch execution.summation {
    case .fast: optimizer.sharpnessAware?.by == .microbatch ? .alone : .inPlace
    case .reproducible: .exact
    }
  }
}

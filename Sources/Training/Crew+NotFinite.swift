import Batches
import Layers
import MessagePassing

extension Crew {
  /// Where this rank's part of a step that updated nothing first became no number: its forward passes once more, at the same
  /// weights, of the same samples with the same dropout. On this rank alone.
  ///
  /// - Returns: in words; nil where all of them are finite, or the step is more than passes at these weights.
  func firstNotFinite(of step: StepPlan) -> String? {
    guard team == nil, ascent == nil, experiment.views == 1 else { return nil }
    let share = whole(step)
    // What cannot be read again is not found, and the run has its error without it.
    return try? firstNotFinite(of: share, from: reader(only: share, of: augmentedSamples()))
  }

  private func firstNotFinite(of share: StepShare, from reader: BatchReader) throws -> String? {
    for number in share.microbatches {
      guard let batch = try reader.next() else { return nil }
      defer { reader.recycle(batch) }
      let pass = Pass(training: batch, alone: true)
      let place = "microbatch \(number + 1) of \(share.step.microbatchCount)"
      let (outputs, layer) = try network.forwardToNotFinite(batch.filledInputs, pass)
      if let layer { return "first in what layer \(layer) puts out for \(place)" }
      guard try objective.sums(of: outputs, labels: batch.filledLabels, pass).loss.isFinite else {
        return "first in the loss of \(place)"
      }
    }
    return nil
  }
}

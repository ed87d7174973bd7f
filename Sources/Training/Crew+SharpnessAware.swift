import Batches
import Gradients
import Layers
import Measurement
import Optimizers

/// Steps along the gradient of near-by weights at which the loss is higher (Foret et al. 2021): two gradients a step. What is said of
/// the training's loss and accuracy is of the first, at the weights themselves.
extension Crew {
  /// The mean gradient over a share's samples at weights moved uphill by the same samples' mean gradient: two exchanges. Collective on
  /// those who have the share.
  func sharpnessAwareGradient(of share: StepShare, _ ascent: SharpnessAscent) throws -> StepGradient {
    let began = MonotonicClock.now()
    let exchange = self.exchange(of: share)
    // What rounding takes from the first gradient is not owed to the second one.
    exchange.remembersErrors = false
    let first = try gradient(of: share, from: reader(of: share))
    exchange.remembersErrors = true
    guard first.obstacle == nil else {
      book()
      return first
    }
    let sums = first.sums
    ascent.climb(weights, along: first.mean.arena)
    _ = consume first
    noteAscent(since: began)
    defer { ascent.goBack(weights) }
    let second = try gradient(of: share, from: reader(of: share))
    ascent.restoreStatistics(in: second.mean.arena, within: 0..<second.mean.arena.count)
    return second.with(sums)
  }

  /// Moves the weights uphill by one microbatch's own gradient; nothing is exchanged.
  ///
  /// - Returns: the loss at the weights themselves.
  func climb(_ batch: Batch, _ ascent: SharpnessAscent) throws -> LossSums {
    let began = MonotonicClock.now()
    let pass = Pass(training: batch, alone: true)
    let outputs = try network.forward(batch.filledInputs, pass)
    let loss = try objective.sums(of: outputs, labels: batch.filledLabels, pass)
    if !loss.loss.isFinite { arena.raise(.notFinite) }
    ledger.lap(.forward)
    let outputGradient = try objective.gradient(of: outputs, labels: batch.filledLabels, pass)
    try network.backward(
      batch.filledInputs, outputGradient: outputGradient, pass, partDone: { _, _ in }, layerDone: { _ in })
    ledger.lap(.backward)
    ascent.climb(weights, along: arena.gradients)
    noteAscent(since: began)
    return loss
  }

  private func noteAscent(since began: UInt64) {
    let now = ledger.lap(.update)
    ascentNanoseconds += now - min(began, now)
  }
}

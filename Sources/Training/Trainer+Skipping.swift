import Batches

/// Steps that are left out where `divergence.policy` is skip: all ranks learn of each by the gradient itself, so all leave out the same.
extension RunState {
  /// What becomes of a step that was not finite: nothing of it is applied, and the run goes on behind it, or ends.
  func leaveOut(_ step: StepPlan, _ experiment: Experiment) -> StepOutcome {
    guard let divergence = experiment.configuration.divergence,
      account.skippedSteps.inARow(before: updates) < divergence.limit
    else { return .notFinite }
    updates += 1
    account.skippedSteps.append(SkippedStep(update: updates))
    distances?.skipStep(self, rate: experiment.learningRate(of: step, account.plateaus))
    return .skipped
  }
}

extension Trainer {
  /// Finds where the step that was just left out first became no number; the first of a run is said. Collective.
  func noteSkipped(_ step: StepPlan, _ report: (TrainingEvent) -> Void) throws {
    let place = try placeNotFinite(step).words
    let count = state.account.skippedSteps.count
    state.account.skippedSteps[count - 1].place = place
    guard count == 1, crew.rank == 0 else { return }
    report(
      .notice(
        "step \(updates) is left out, as the loss or the gradient is not finite\(place.map { ", \($0)" } ?? ""); more such are "
          + "counted, and \(experiment.configuration.divergence?.limit ?? 0) in a row at most left out"))
  }
}

extension Crew {
  /// The gradient as it may be applied: where steps are left out, all its numbers are looked at before anything is done with them. One
  /// that is too large for exact sums besides is left out too: sums of what is not finite are so in any order.
  func lookedAt(_ gradient: consuming StepGradient) -> StepGradient {
    var gradient = gradient
    guard experiment.configuration.divergence != nil, gradient.obstacle == nil || gradient.obstacle == .inexact else {
      return gradient
    }
    if !gradient.mean.isFinite { gradient.obstacle = .notFinite }
    return gradient
  }
}

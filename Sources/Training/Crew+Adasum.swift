import Batches
import Gradients
import Layers
import Measurement

extension Crew {
  /// The workers' gradients, each of the mean loss over its own samples, combined by Adasum. Each travels to all ranks, so that a step
  /// sends as many gradients as there are workers. Collective.
  func combinedGradient(of step: StepPlan, _ team: WorkerTeam) throws -> StepGradient {
    var sums = LossSums()
    var obstacle: StepOutcome?
    for slot in 0..<team.group.slots {
      if let share = division.share(ofSlot: slot, of: step, team.group) {
        let gradient = try ownGradient(of: share)
        sums += gradient.sums
        obstacle = StepOutcome.graver(obstacle, gradient.obstacle)
      } else {
        bookNothing()
      }
      let start = MonotonicClock.now()
      let sent = try team.combine(slot: slot, of: step, own: arena.gradients)
      let bytes = experiment.model.layout.denseCount * MemoryLayout<Float>.stride
      if sent == 0 { ledger.lap(.update) }
      book(firstStart: sent > 0 ? start : nil, bytes: sent * bytes, messages: sent)
    }
    team.tree.finish(into: arena.gradients)
    return StepGradient(
      mean: ReducedGradients(arena: arena.gradients), sums: sums, obstacle: try team.agree(on: obstacle))
  }

  /// For a worker that has no samples in a step: others have one, and all ranks book as many exchanges.
  func bookNothing() {
    for _ in 0..<division.passes { book() }
  }
}

import Batches
import Layers
import Measurement
import MessagePassing

/// Post-local gradient descent (Lin et al. 2020): workers make steps by themselves, each with its share of the global batch, and come
/// together after some.
extension Crew {
  /// One update of each worker by its own gradient, and where it is due their mean. Collective.
  func localStep(_ step: StepPlan, _ state: RunState, _ team: WorkerTeam) throws -> StepOutcome {
    let copies = team.copies(of: state, exact: experiment.configuration.execution.summation == .reproducible)
    let before = (run: state.updates, optimizer: state.optimizer.updates)
    copies.part()
    var samples = 0
    for slot in 0..<team.group.slots {
      guard let share = division.share(ofSlot: slot, of: step, team.group) else {
        bookNothing()
        continue
      }
      copies.bring(slot: slot)
      (state.updates, state.optimizer.updates) = before
      samples += try localStep(of: share, state, copies)
    }
    (state.updates, state.optimizer.updates) = (before.run + 1, before.optimizer + 1)
    let outcome = experiment.isAveraged(after: step, updates: before.run) ? try average(copies) : nil
    noteStep()
    ledger.endStep(samples: samples)
    return outcome ?? .updated
  }

  /// - Returns: this rank's samples.
  private func localStep(of share: StepShare, _ state: RunState, _ copies: WorkerCopies) throws -> Int {
    var gradient = try ownGradient(of: share)
    copies.note(gradient.obstacle)
    // All stop when they come together, and until then go on as others do.
    if gradient.obstacle == .interrupted { gradient.obstacle = nil }
    let outcome = try state.apply(gradient, of: share.step, experiment)
    if outcome != .updated { copies.note(outcome) }
    ledger.lap(.update)
    sums += gradient.sums
    return gradient.sums.samples
  }

  /// Brings workers together that are apart. Collective.
  ///
  /// - Returns: what a worker met that ends the run; nil where nobody did.
  func averageWorkers() throws -> StepOutcome? {
    guard let copies = team?.copies, copies.areApart else { return nil }
    return try average(copies)
  }

  private func average(_ copies: WorkerCopies) throws -> StepOutcome? {
    ledger.lap(.update)
    let start = MonotonicClock.now()
    let (obstacle, messages, bytes) = try copies.average(communicator)
    // Where nobody else has workers it is arithmetic only.
    if messages == 0 { ledger.lap(.update) }
    book(firstStart: messages > 0 ? start : nil, bytes: bytes, messages: messages)
    return obstacle
  }
}

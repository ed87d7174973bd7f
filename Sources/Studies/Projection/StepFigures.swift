import Configuration
import Measurement
import Training

/// One trial's training step: seconds of its parts, medians over ranks, that add up to the run's median step.
package struct StepFigures: Equatable {
  /// Samples of the step, on all ranks.
  package var globalBatch: Int
  package var ranks: Int
  /// Hosts that the ranks were on.
  package var nodes: Int
  /// Samples of a rank in a full step.
  package var samples: Double
  /// What shared the machine's cores.
  package var crowd: Crowd
  package var step: Double
  /// All outside the exchange.
  package var compute: Double
  /// The part of `compute` beside which gradients can travel.
  package var backward: Double
  /// For ranks that were later.
  package var wait: Double
  /// Exchange that nothing hid.
  package var wire: Double
  /// How gradients travelled beside the backward pass.
  package var overlap: ExecutionConfiguration.Overlap

  /// nil for a trial that made no step, or whose figures are none.
  package init?(_ record: TrialRecord) {
    let run = record.run
    guard record.calls == nil, run.finalOutcome == .completed, run.ledger.steps > 0, record.trial.ranks > 0,
      record.trial.globalBatch > 0
    else { return nil }
    globalBatch = record.trial.globalBatch
    ranks = record.trial.ranks
    nodes = min(max(1, run.machine.nodes.count), ranks)
    samples = Double(globalBatch) / Double(ranks)
    crowd = run.machine.crowd(ranks: ranks, threads: run.threadsPerRank)
    let total = Phase.ofTraining.reduce(0) { $0 + run.ledger[$1].median }
    let step = run.stepSeconds ?? total / Double(run.ledger.steps)
    self.step = step
    func seconds(_ phases: Phase...) -> Double { phases.reduce(0) { $0 + run.ledger[$1].median } / total * step }
    compute = seconds(.load, .forward, .backward, .update, .other)
    backward = seconds(.backward)
    wait = seconds(.exchangeWait)
    wire = seconds(.exchangeWire)
    overlap = run.overlap ?? run.configuration.execution.overlap
    guard [step, compute, backward, wait, wire].allSatisfy({ $0.isFinite && $0 >= 0 }), step > 0 else { return nil }
  }
}

extension StepFigures {
  /// How many times longer it computed than with cores of its own.
  package var crowding: Double { crowd.factor(busy: compute / step) }
}

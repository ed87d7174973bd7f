import Batches
import Configuration
import Measurement
import Training

/// One trial's training step: seconds of its parts, that add up to the run's median step. Where ranks have as good as the same
/// share, they are medians over ranks; where they do not, those of the rank that has most, for which the step waits.
package struct StepFigures: Equatable {
  /// Samples of the step, on all ranks.
  package var globalBatch: Int
  package var ranks: Int
  /// Hosts that the ranks were on.
  package var nodes: Int
  /// Samples of the busiest rank in a full step: microbatches are shared whole.
  package var samples: Double
  /// What shared the machine's cores.
  var crowd: Crowd
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

  /// nil for a trial that made no step, or whose figures are none, or of several global batches.
  package init?(_ record: TrialRecord) {
    let run = record.run
    guard record.calls == nil, run.finalOutcome == .completed, run.ledger.steps > 0, record.trial.ranks > 0,
      record.trial.globalBatch > 0, !run.changesBatch
    else { return nil }
    globalBatch = record.trial.globalBatch
    ranks = record.trial.ranks
    nodes = min(max(1, run.machine.nodes.count), ranks)
    let most = StepPlan.mostSamples(of: globalBatch, microBatch: max(1, run.configuration.microBatch), ranks: ranks)
    samples = Double(most)
    crowd = run.machine.crowd(ranks: ranks, threads: run.threadsPerRank)
    let isEven = Self.isEven(samples: samples, globalBatch: globalBatch, ranks: ranks)
    func booked(_ phase: Phase) -> Double {
      let spread = run.ledger[phase]
      // Within the exchange all are at once, and whoever has most to compute waits least.
      if isEven || phase == .exchangeWire { return spread.median }
      return phase == .exchangeWait ? spread.minimum : spread.maximum
    }
    let total = Phase.ofTraining.reduce(0) { $0 + booked($1) }
    let step = run.stepSeconds ?? total / Double(run.ledger.steps)
    self.step = step
    func seconds(_ phases: Phase...) -> Double { phases.reduce(0) { $0 + booked($1) } / total * step }
    compute = seconds(.load, .forward, .backward, .update, .other)
    backward = seconds(.backward)
    wait = seconds(.exchangeWait)
    wire = seconds(.exchangeWire)
    overlap = run.overlap ?? run.configuration.execution.overlap
    guard [step, compute, backward, wait, wire].allSatisfy({ $0.isFinite && $0 >= 0 }), step > 0 else { return nil }
  }
}

extension StepFigures {
  /// Samples of a rank in the mean.
  package var meanSamples: Double { Double(globalBatch) / Double(ranks) }

  /// Whether the busiest rank has as good as what the others have: a short last microbatch makes no difference.
  package var isEven: Bool { Self.isEven(samples: samples, globalBatch: globalBatch, ranks: ranks) }

  private static func isEven(samples: Double, globalBatch: Int, ranks: Int) -> Bool {
    samples * Double(ranks) <= 1.02 * Double(globalBatch)
  }

  /// How many times longer it computed than with cores of its own: the others have fewer samples, and are less at it.
  var crowding: Double { crowd.factor(busy: compute / step * meanSamples / samples) }
}

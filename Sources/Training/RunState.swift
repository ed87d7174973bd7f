import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import Measurement
import Optimizers
import Statistics
import Watch

/// All that a run changes: weights, what the optimisers remember, counters, the account so far. The same on every rank
/// after every step, and of no rank in particular.
public final class RunState {
  /// Flat, in the layout's order.
  public let weights: Tensor
  /// Where weights and what optimisers remember lie, if ranks of a host have one copy.
  let shared: SharedState?
  /// Where training started, for the distance travelled; tables left out.
  let startingWeights: Tensor
  let optimizer: any Optimizer
  /// Nil where the model has no tables.
  let tableOptimizer: (any TableOptimizer)?
  private let clipping: GradientClipping?
  private let statistics: RunningStatistics
  /// Nil where distances are not measured.
  let distances: DistanceMeter?
  let layout: ParameterLayout
  /// Updates made.
  public internal(set) var updates = 0
  var account = RunAccount()
  /// What the run ends with instead of the last weights, and the epoch after which they were so.
  var kept: (epoch: Int, snapshot: Snapshot)?
  /// Nil where no checkpoint is written that has some rows only.
  var changes: RowChanges?

  /// The seed's starting values. Throws `MPIError` where memory is shared.
  ///
  /// - Parameter shared: nil for memory of the rank's own.
  init(_ experiment: Experiment, in shared: SharedState? = nil) throws {
    let (configuration, layout) = (experiment.configuration, experiment.model.layout)
    self.layout = layout
    self.shared = shared
    let memory = shared.map { StateMemory($0.tensor) } ?? .own
    weights = shared?.tensor(Shape(layout.count)) ?? Tensor(Shape(layout.count))
    startingWeights = Tensor(Shape(layout.denseCount))
    optimizer = makeOptimizer(configuration.optimizer, layout: layout, in: memory)
    tableOptimizer = makeTableOptimizer(
      configuration.tables, layout: layout, batchRatio: configuration.tableBatchRatio(inEpoch: 0), in: memory)
    clipping = configuration.optimizer.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    statistics = RunningStatistics(layout: layout)
    distances = configuration.measure?.distances.map {
      DistanceMeter(layout, everySteps: $0.everySteps, totalUpdates: experiment.totalUpdates)
    }
    try shared.byOne { layout.initialize(weights, seed: experiment.seed) }
    startFromHere()
  }

  /// Distances are measured from the present weights.
  func startFromHere() { startingWeights.copy(from: weights.slice(0..<layout.denseCount)) }

  func startFromHereIfNew() { if updates == 0 { startFromHere() } }

  /// One update, unless the gradient says that there is to be none. Throws `MPIError` where a part of it does not arrive.
  ///
  /// - Parameter share: what the gradient is of, where that is a worker's part of the step.
  func apply(
    _ gradient: borrowing StepGradient, of step: StepPlan, share: StepPlan? = nil, _ experiment: Experiment
  ) throws -> StepOutcome {
    if let obstacle = gradient.obstacle { return obstacle == .notFinite ? leaveOut(step, experiment) : obstacle }
    follow(step, experiment)
    if let distances {
      distances.beginStep(self)
      try shared?.meet()
    }
    let rate = experiment.learningRate(of: step, account.plateaus)
    let norm = try optimizer.update(parameters: weights, gradients: gradient.mean, learningRate: rate)
    Fault.reach(.update)
    // Clipping looks at the gradient first: one that is not finite has updated nothing.
    if let norm, !norm.isFinite { return leaveOut(step, experiment) }
    tableOptimizer?.update(
      parameters: weights, gradients: gradient.mean,
      learningRate: experiment.tableLearningRate(of: step, account.plateaus),
      gradientScale: clipping?.scale(forNorm: norm) ?? 1)
    if let changes, let tables = gradient.mean.tables { changes.rows.insert(tables.rows.ids) }
    statistics.update(parameters: weights, gradients: gradient.mean, globalBatch: (share ?? step).globalBatch)
    updates += 1
    try shared?.meet()
    distances?.endStep(self, rate: rate, gradient.mean)
    return .updated
  }

  /// Tells the optimisers what the step's own batch changes in their rules, besides the rate.
  private func follow(_ step: StepPlan, _ experiment: Experiment) {
    optimizer.aging = experiment.aging(of: step, without: account.skippedSteps)
    tableOptimizer?.batchRatio = experiment.configuration.tableBatchRatio(inEpoch: step.epoch)
  }

  /// Of the last update, over arrays; nil where the optimiser has none.
  var trustRatios: Spread? { optimizer.trustRatios.isEmpty ? nil : Spread(optimizer.trustRatios) }

  /// ‖weights − starting weights‖₂ of what is trained, tables left out.
  var distance: Double { ArenaNorms(layout: layout).distance(weights, startingWeights) }
}

/// The result of one step, the same on every rank.
enum StepOutcome {
  case updated
  case notFinite
  /// It was not finite, and the run goes on behind it; nothing was updated, but that it counts as made.
  case skipped
  /// Sums that are to be reproducible might not be; nothing was updated.
  case inexact
  case interrupted
}

/// The figures that a run adds up as it goes.
struct RunAccount {
  var epochs: [EpochRecord] = []
  /// For each interval between evaluations, each rank's ledger figures.
  var figures: [[[Double]]] = []
  var outcome = RunRecord.Outcome.completed
  /// Worked out from the evaluations after each, so that steps need not.
  var plateaus = Plateaus()
  /// Whether evaluations that got no better have ended training.
  var isStopped = false
  /// The epoch after which the final weights were so, once the run has gone back to it; nil where they are the last.
  var keptEpoch: Int?
  var epoch = EpochSoFar()
  /// Of the run's first measured steps, handed over by crews so far.
  var startingNoise = NoiseSums()
  /// From the start, so far.
  var travelled = WeightDistances()
  /// Of a run that goes on from a checkpoint; nil for now.
  var startedAt: String?
  /// Steps that were left out, in order.
  var skippedSteps: [SkippedStep] = []
  /// Signs of learning nothing, each kind once.
  var warnings: [LearningWarning] = []
  /// How often it has gone on from a checkpoint.
  var resumptions: [Resumption] = []
  /// How often ranks have died, and others gone on.
  var losses: [RankLoss] = []

  /// Of the medians over full steps of epochs with the batch that the run began with; nil where there was no full step.
  var stepSeconds: Double? { epochs.filter { $0.globalBatch == nil }.compactMap { $0.stepTimes?.median }.median }

  /// All epochs' samples ÷ all their training seconds.
  var samplesPerSecond: Double {
    let seconds = epochs.reduce(0) { $0 + $1.seconds }
    return seconds > 0 ? Double(epochs.reduce(0) { $0 + $1.ledger.samples }) / seconds : 0
  }
}

/// An epoch that is not at its end.
struct EpochSoFar {
  /// Sums of all ranks, up to where a crew last handed its own over.
  var sums = LossSums()
  /// Samples of the global batches so far.
  var samples = 0
  /// As `RunAccount.figures`, of crews that have left.
  var figures: [[[Double]]] = []
  /// On this rank's clock; nil before its first step.
  var began: Double?
  /// Of all machines, of crews that have left.
  var energies: [Energy?] = []
  /// Of all ranks, handed over by crews.
  var noise = NoiseSums()
  /// Of the steps whose norms are noted.
  var norms: [StepNorms.Step] = []
}

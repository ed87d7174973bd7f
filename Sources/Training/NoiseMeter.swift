import Batches
import Buffers
import Gradients
import Measurement
import MessagePassing
import Optimizers
import Statistics

/// Measures a rank's share of the gradient noise in the steps that are measured. The small batch is the microbatch, never a
/// rank's part of the global batch: what is found is the experiment's, on any number of ranks. Ranks' shares are added up once
/// an epoch, so that no step sends a byte more.
final class NoiseMeter {
  /// The first updates of a run, measured besides to tell its start.
  static let startingSteps = 16

  private let everySteps: Int
  private let population: Int
  private let isFirstRank: Bool
  private let hasTables: Bool
  private let squares: MicrobatchSquares
  private let norms: ArenaNorms
  /// Since they were handed over, of the steps of the period.
  private var sums = NoiseSums()
  /// The same of the run's first steps.
  private var starting = NoiseSums()
  /// The computing thread's, in this step's backward passes.
  private(set) var nanoseconds: UInt64 = 0

  /// - Parameter rows: the rank's own row gradients, where the model has tables.
  init(_ experiment: Experiment, everySteps: Int, _ arena: GradientArena, rows: TableGradients?, rank: Int) {
    let layout = experiment.model.layout
    self.everySteps = everySteps
    population = experiment.batches.samples
    isFirstRank = rank == 0
    hasTables = rows != nil
    squares = MicrobatchSquares(arena, layout: layout, rows: rows)
    norms = ArenaNorms(layout: layout)
  }

  /// Whether a step is measured: a function of its place in the run alone.
  ///
  /// - Parameter number: of the run's steps, from 0.
  func measures(_ step: StepPlan, number: Int) -> Bool {
    step.microbatchCount > 1 && (number < Self.startingSteps || number % everySteps == 0)
  }

  func beginStep() {
    squares.beginStep()
    nanoseconds = 0
  }

  /// A layer's gradients of one microbatch are there, and none of them has left.
  func layerDone(_ layer: Int, _ place: Batch.Place, samples: Int) {
    let before = MonotonicClock.now()
    squares.layerDone(layer, samples: samples, isFirst: place.isFirstOfRank, isLast: place.isLastOfRank)
    nanoseconds += MonotonicClock.now() - before
  }

  /// The step's gradient is there: before clipping, and without weight decay, which optimisers add.
  func endStep(_ step: StepPlan, number: Int, _ mean: borrowing ReducedGradients) {
    let norm = norms.norm(of: mean.arena)
    let dense = estimate(step, squares.dense, norm * norm)
    let tables = estimate(step, squares.tables, mean.tables?.sumOfSquares ?? 0)
    let one = NoiseSums(steps: isFirstRank ? 1 : 0, dense: dense, tables: tables)
    if number % everySteps == 0 { sums += one }
    if number < Self.startingSteps { starting += one }
  }

  /// This rank's share: what is of the whole global batch is the first rank's.
  private func estimate(_ step: StepPlan, _ squares: Double, _ squaredNorm: Double) -> NoiseEstimate {
    NoiseEstimate(
      squares: squares, squaredNorm: isFirstRank ? squaredNorm : 0, microbatches: step.microbatchCount,
      globalBatch: step.globalBatch, population: population)
  }

  /// All ranks' sums of what was measured since the last time. Collective.
  func handOver(_ communicator: Communicator) throws -> (epoch: NoiseSums, start: NoiseSums) {
    defer { (sums, starting) = (NoiseSums(), NoiseSums()) }
    return try total(communicator)
  }

  /// As `handOver`, but nothing is handed over. Collective.
  func total(_ communicator: Communicator) throws -> (epoch: NoiseSums, start: NoiseSums) {
    var figures = sums.figures + starting.figures
    try communicator.allReduce(inPlace: figures.mutableSpan, .sum)
    let half = figures.count / 2
    return (NoiseSums(figures: Array(figures[..<half])), NoiseSums(figures: Array(figures[half...])))
  }
}

import Buffers
import Configuration
import Datasets
import Gradients
import Kernels
import Layers
import Measurement
import MessagePassing
import Models
import Optimizers

/// One run of one experiment on the ranks of a communicator. Every rank makes one and calls the same methods in the same
/// order.
public final class Trainer {
  public let configuration: RunConfiguration
  public let model: Model
  public let layout: ParameterLayout
  /// Flat, in the layout's order; the same on every rank after every step.
  public let parameters: Tensor
  public let plan: GlobalBatchPlan

  let session: TrainingSession
  let arena: GradientArena
  let tables: TableGradients?
  let network: Network
  let objective: Objective
  let exchange: GradientExchange
  let optimizer: any Optimizer
  let schedule: LearningRateSchedule
  /// Nil where the model has no tables.
  let tableOptimizer: (any TableOptimizer)?
  let tableSchedule: LearningRateSchedule
  private let clipping: GradientClipping?
  let clock: ClockSynchronization
  let evaluation: Evaluation
  /// Where training started, for the distance travelled; tables left out.
  let startingParameters: Tensor
  /// The same throughout a run: the one place where a rank's number decides what it computes.
  let rank: Int
  let ranks: Int
  /// Whether others compute on this rank's core.
  var crowding: CrowdedCore
  /// Updates made.
  public internal(set) var updates = 0

  /// Collective: all ranks must bring the same configuration and data; where one does not, all get an error that names it.
  ///
  /// - Parameters:
  ///   - model: nil makes the one that the configuration describes.
  public init(_ configuration: RunConfiguration, model: Model? = nil, _ session: TrainingSession) throws {
    self.configuration = configuration
    self.session = session
    let (communicator, data) = (session.communicator, session.data)
    rank = communicator.rank
    ranks = communicator.size
    crowding = CrowdedCore(ranks: ranks)
    try communicator.requireEqual(try Self.fingerprints(configuration, data))
    let (plan, model) = try communicator.agree {
      (try GlobalBatchPlan(configuration, data), try model ?? Model(configuration, data))
    }
    self.plan = plan
    self.model = model
    layout = model.layout
    let memory = try NodeMemory(communicator)
    try communicator.agree {
      try memory.require(Self.memoryParts(configuration, model, data, plan, ranks: communicator.size))
    }
    parameters = Tensor(Shape(layout.count))
    startingParameters = Tensor(Shape(layout.denseCount))
    tables = TableGradients(layout)
    // The first step's global batch is whole: no later one has more microbatches.
    arena = GradientArena(
      layout,
      exactSum: configuration.execution.summation == .reproducible
        ? FixedPointSum(terms: plan.microbatchCount(inStep: 0)) : nil)
    let rows = Self.evaluationRows(plan, data)
    let (parameters, arena, tables) = (parameters, arena, tables)
    network = try communicator.agree {
      try Network(
        model, parameters: parameters, gradients: arena.gradients, tables: tables, maximumRows: rows,
        seed: configuration.seed)
    }
    objective = try communicator.agree { try Objective(model, maximumRows: rows, goesBackward: true) }
    evaluation = Evaluation(
      network: network, objective: objective, rows: rows, communicator: communicator,
      hasBinaryScores: model.hasBinaryScores(for: data.training))
    exchange = try GradientExchange(
      arena, layout: layout, communicator: communicator, bucketBytes: configuration.execution.bucketBytes,
      overlap: configuration.execution.overlap.strategy, tables: tables,
      tableStrategy: configuration.execution.tableExchange.strategy,
      countsOccurrences: configuration.tables.cowClip != nil)
    optimizer = makeOptimizer(configuration.optimizer, layout: layout)
    schedule = LearningRateSchedule(configuration.learningRate, configuration, plan)
    let tableRate = configuration.tables.learningRate ?? configuration.learningRate
    tableOptimizer = makeTableOptimizer(
      configuration.tables, layout: layout,
      batchRatio: Double(configuration.globalBatch) / Double(tableRate.baseBatch))
    tableSchedule = LearningRateSchedule(tableRate, configuration, plan)
    let layout = layout
    clipping = configuration.optimizer.clipNorm.map { GradientClipping(limit: $0, layout: layout) }
    clock = try ClockSynchronization(communicator, hosts: session.machine.nodes.count)
    try start()
  }

  /// The seed's starting values from rank 0, and proof that all ranks are about to do the same.
  private func start() throws {
    layout.initialize(parameters, seed: configuration.seed)
    try communicator.broadcast(parameters.buffer.mutableSpan, root: 0)
    startingParameters.copy(from: parameters.slice(0..<layout.denseCount))
    try communicator.requireEqual([
      ("bucket plan", WeightsHash.sha256("\(exchange.plan)")), ("set of starting weights", weightsSHA256),
    ])
  }

  var communicator: Communicator { session.communicator }
  var data: DatasetPair { session.data }

  /// All updates of a run.
  public var totalUpdates: Int {
    min(configuration.steps ?? .max, configuration.epochs * plan.stepsPerEpoch)
  }

  /// What one step did, the same on every rank.
  enum StepOutcome {
    case updated
    case notFinite
    /// Sums that are to be reproducible might not be; nothing was updated.
    case inexact
    case interrupted
  }

  /// One update: forward and backward over this rank's microbatches, the exchange, the optimiser.
  func trainStep(
    _ step: Int, reader: BatchReader, ledger: inout Ledger, sums: inout LossSums
  ) throws -> StepOutcome {
    ledger.beginStep()
    exchange.beginStep()
    if Interruption.isRequested { arena.raise(.interrupted) }
    if crowding.isNoticed { arena.raise(.crowded) }
    let mine = plan.microbatches(of: rank, ranks: ranks, step: step)
    if mine.isEmpty { exchange.contributeNothing() }
    let before = sums.samples
    for _ in mine {
      let batch = try nextBatch(of: reader)
      ledger.lap(.load)
      let pass = Pass(training: batch, alone: arena.isReproducible)
      let outputs = try network.forward(batch.filledInputs, pass)
      let loss = try objective.sums(of: outputs, labels: batch.filledLabels, pass)
      if !loss.loss.isFinite { arena.raise(.notFinite) }
      sums += loss
      ledger.lap(.forward)
      try backward(batch, outputs, pass)
      reader.recycle(batch)
      ledger.lap(.backward)
    }
    let gradients = try exchange.finish()
    ledger.bookExchange(
      firstStart: exchange.firstStart, bytes: exchange.bytesPerStep, messages: exchange.messagesPerStep,
      tables: exchange.tableTraffic)
    let outcome = signalledOutcome ?? update(gradients, globalBatch: plan.positions(inStep: step).count)
    ledger.lap(.update)
    ledger.endStep(samples: sums.samples - before)
    return outcome
  }

  private func nextBatch(of reader: BatchReader) throws -> Batch {
    guard let batch = try reader.next() else { preconditionFailure("the reader ended before the plan") }
    return batch
  }

  private func backward(_ batch: Batch, _ outputs: Tensor, _ pass: Pass) throws {
    let outputGradient = try objective.gradient(of: outputs, labels: batch.filledLabels, pass)
    try network.backward(batch.filledInputs, outputGradient: outputGradient, pass) { layer in
      try exchange.layerDone(
        layer, isFirstMicrobatch: batch.place.isFirstOfRank, isLastMicrobatch: batch.place.isLastOfRank)
    }
  }

  /// What some rank raised, if any did.
  private var signalledOutcome: StepOutcome? {
    if arena.count(of: .notFinite) > 0 { return .notFinite }
    if arena.count(of: .inexact) > 0 { return .inexact }
    return arena.count(of: .interrupted) > 0 ? .interrupted : nil
  }

  private func update(_ gradients: borrowing ReducedGradients, globalBatch: Int) -> StepOutcome {
    let norm = optimizer.update(
      parameters: parameters, gradients: gradients, learningRate: schedule.rate(step: updates))
    // Clipping looks at the gradient first: one that is not finite has updated nothing.
    if let norm, !norm.isFinite { return .notFinite }
    tableOptimizer?.update(
      parameters: parameters, gradients: gradients, learningRate: tableSchedule.rate(step: updates),
      gradientScale: clipping?.scale(forNorm: norm) ?? 1)
    network.updateStatistics(globalBatch: globalBatch)
    updates += 1
    return .updated
  }
}

extension Pass {
  /// - Parameter alone: its gradients are not added to those of the microbatches before it.
  init(training batch: Batch, alone: Bool) {
    self.init(
      mode: .training, epoch: batch.place.epoch, samples: batch.filledSamples, ids: batch.filledIDs,
      overwritesGradients: alone || batch.place.isFirstOfRank, globalBatch: batch.place.globalBatch,
      firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch)
  }
}

extension LearningRateSchedule {
  fileprivate init(_ rate: LearningRateConfiguration, _ configuration: RunConfiguration, _ plan: GlobalBatchPlan) {
    self.init(
      rate, globalBatch: configuration.globalBatch, stepsPerEpoch: plan.stepsPerEpoch, epochs: configuration.epochs)
  }
}

extension ExecutionConfiguration.TableExchange {
  var strategy: TableExchangeStrategy {
    switch self {
    case .auto: .auto
    case .dense: .dense
    case .sparse: .sparse
    }
  }
}

extension ExecutionConfiguration.Overlap {
  var strategy: GradientExchange.Overlap {
    switch self {
    case .none: .none
    case .start: .start
    case .progress: .progress
    }
  }
}

import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import Measurement
import MessagePassing

/// All that knows a communicator: which microbatches are this rank's, who reads them, how gradients come together, how
/// long it takes. Nothing that a run must keep is in it: between any two steps it can be thrown away and another one be
/// made, on other ranks.
public final class Crew {
  let session: TrainingSession
  /// The computation that this crew's ranks share.
  public let experiment: Experiment
  /// This process's number in the crew, for the moment: the one place where a rank's number decides what it computes.
  public let rank: Int
  /// Ranks of the crew's communicator.
  public let ranks: Int
  /// The arena that the network is bound to.
  let weights: Tensor
  let arena: GradientArena
  let network: Network
  let objective: Objective
  /// Brings the gradients of all ranks together, bucket by bucket.
  public let exchange: GradientExchange
  let evaluation: Evaluation
  let clock: ClockSynchronization
  /// Whether others compute on this rank's core.
  var crowding: CrowdedCore
  /// Since the epoch's start, or since this crew's.
  var ledger = Ledger(steps: 0)
  /// As the ledger's interval, up to the evaluation; of the machine's first rank, others have none.
  var energy: EnergyMeter
  /// This rank's, step by step, since this crew began.
  var steps: StepLedger
  /// Updates made before this crew began.
  let updatesBefore: Int
  /// Steps of `steps` before the account was opened.
  private var stepsBefore = 0
  /// When layers' gradients are final, since this crew began.
  var readiness: LayerReadiness
  /// Nil where nobody asked for a trace.
  var trace: RankTrace?
  /// Nil where gradient noise is not measured.
  let noise: NoiseMeter?
  /// This rank's, since the epoch's start, or since this crew's.
  var sums = LossSums()
  private var ahead: ReadAhead?

  /// Collective: all ranks must bring the same configuration, data and state; where one does not, all get an error that
  /// names it.
  ///
  /// - Parameter accumulation: nil for what the configuration asks for.
  /// - Throws: `CollectiveError`, `MPIError`.
  public init(
    _ experiment: Experiment, _ state: RunState, _ session: TrainingSession, accumulation: Accumulation? = nil
  ) throws {
    let (configuration, communicator) = (experiment.configuration, session.communicator)
    let (model, layout, weights) = (experiment.model, experiment.model.layout, state.weights)
    self.session = session
    self.experiment = experiment
    self.weights = weights
    rank = communicator.rank
    ranks = communicator.size
    crowding = CrowdedCore(ranks: ranks)
    energy = session.isFirstOfMachine ? EnergyMeter(folder: session.energyCounters) : .none
    updatesBefore = state.updates
    steps = StepLedger(ranks: ranks)
    readiness = LayerReadiness(layers: layout.layerRanges.count)
    let tables = TableGradients(layout)
    let arena = GradientArena(layout, accumulation ?? configuration.execution.summation.accumulation)
    self.arena = arena
    noise = configuration.measure?.noiseScale.map {
      NoiseMeter(experiment, everySteps: $0.everySteps, arena, rows: tables, rank: communicator.rank)
    }
    let rows = experiment.evaluationRows(session.data)
    (network, objective) = try communicator.agree {
      (
        try Network(
          model, parameters: weights, gradients: arena.gradients, tables: tables, maximumRows: rows,
          seed: experiment.seed), try Objective(model, maximumRows: rows, goesBackward: true)
      )
    }
    evaluation = Evaluation(
      network: network, objective: objective, rows: rows, communicator: communicator,
      hasBinaryScores: model.hasBinaryScores(for: session.data.training),
      correction: NegativeCorrection(kept: session.data.training.keptNegatives))
    exchange = try GradientExchange(
      arena, layout: layout, communicator: communicator, bucketBytes: configuration.execution.bucketBytes.start,
      overlap: Self.overlap(configuration, session), inParts: state.optimizer.movesByPart,
      precision: configuration.travellingPrecision, errorFeedback: configuration.exchangeErrorFeedback == true,
      tables: tables,
      tableStrategy: configuration.execution.tableExchange,
      countsOccurrences: configuration.tables.cowClip != nil)
    clock = try ClockSynchronization(communicator, hosts: session.machine.nodes.count)
    try startTogether(state)
  }

  /// Rank 0's weights, and proof that all ranks are about to do the same.
  private func startTogether(_ state: RunState) throws {
    try communicator.broadcast(weights.buffer.mutableSpan, root: 0)
    state.startFromHereIfNew()
    try communicator.requireEqual([
      ("number of updates", "\(state.updates)"), ("bucket plan", WeightsHash.sha256("\(exchange.plan)")),
      ("set of starting weights", WeightsHash.sha256(weights, layout: experiment.model.layout)),
    ])
  }

  /// For the user, once in a run.
  var crowdingNotice: String? { crowding.notice(ranksCrowded: arena.count(of: .crowded), of: ranks) }

  var communicator: Communicator { session.communicator }
  var data: DatasetPair { session.data }
}

// The gradient.

extension Crew {
  /// Reads the microbatches of these steps in the background, to be asked for in their order.
  /// - Parameter depth: microbatches ahead; 0 reads when one is asked for, nil as the configuration says.
  func readAhead(steps: Range<Int>, depth: Int? = nil) throws {
    ahead = nil
    guard !steps.isEmpty else { return }
    let order = TrainingOrder(
      plan: experiment.batches, seed: experiment.seed, rank: rank, ranks: ranks, steps: steps)
    ahead = ReadAhead(
      try reader(
        order, of: augmentedSamples(), depth: depth ?? experiment.configuration.execution.prefetch), steps: steps)
  }

  /// The mean gradient over a step's samples, at any weights; nothing is updated. Collective.
  ///
  /// - Parameter weights: in the model's layout.
  /// - Throws: `DatasetError` where the data cannot be read, `OneDNNError`, `MPIError`.
  public func gradient(of step: StepPlan, at weights: Tensor) throws -> StepGradient {
    try gradient(of: step, from: reader(of: step), at: weights)
  }

  /// The mean gradient over a step's samples, to be looked at and not applied: the samples come as they are, without
  /// augmentation, and all of its time is booked as `other`, its bytes not at all. Collective.
  ///
  /// - Parameter weights: in the model's layout.
  public func probe(_ step: StepPlan, at weights: Tensor) throws -> StepGradient {
    let (account, steps, readiness) = (ledger, steps, readiness)
    exchange.remembersErrors = false
    defer {
      exchange.remembersErrors = true
      (ledger, self.steps, self.readiness) = (account, steps, readiness)
      ledger.lap(.other)
    }
    return try gradient(of: step, from: reader(only: step, of: data.training), at: weights)
  }

  private func gradient(of step: StepPlan, from reader: BatchReader, at weights: Tensor) throws -> StepGradient {
    guard weights.pointer != self.weights.pointer else { return try gradient(of: step, from: reader) }
    // The network is bound to its memory: what is in it changes places with what is asked for.
    weights.exchangeContents(with: self.weights)
    defer { weights.exchangeContents(with: self.weights) }
    return try gradient(of: step, from: reader)
  }

  /// The mean gradient over a step's samples, at the crew's own weights, to be applied at once: where the optimiser moves
  /// each weight by itself, parts of it may still be on their way. Collective.
  func gradientInParts(of step: StepPlan) throws -> StepGradient {
    let number = experiment.number(of: step)
    let noise = noise?.measures(step, number: number) == true ? noise : nil
    let gradient = try gradient(of: step, from: reader(of: step), inParts: noise == nil, noise)
    if let noise, gradient.obstacle == nil {
      noise.endStep(step, number: number, gradient.mean)
      ledger.lap(.other)
    }
    // Nobody will ask for the rest.
    if gradient.obstacle != nil { try gradient.mean.forEachPart { _ in } }
    return gradient
  }

  /// - Parameter noise: nil where the step's is not measured.
  private func gradient(
    of step: StepPlan, from reader: BatchReader, inParts: Bool = false, _ noise: NoiseMeter? = nil
  ) throws -> StepGradient {
    let mine = step.microbatches(of: rank, ranks: ranks)
    network.observer = trace?.layersIfOn
    defer { network.observer = nil }
    exchange.beginStep(microbatches: step.microbatchCount)
    noise?.beginStep()
    raiseSignals()
    if mine.isEmpty { exchange.contributeNothing() }
    var sums = LossSums()
    for _ in mine { try addMicrobatch(from: reader, to: &sums, noise) }
    ledger.rebook(exchange.nanosecondsWithinForward, from: .forward, to: .exchangeWire)
    ledger.rebook(exchange.nanosecondsWithinBackward, from: .backward, to: .exchangeWire)
    if let noise { ledger.rebook(noise.nanoseconds, from: .backward, to: .other) }
    let mean = try exchange.finish(inParts: inParts)
    ledger.bookExchange(
      firstStart: exchange.firstStart, bytes: exchange.bytesPerStep, messages: exchange.messagesPerStep,
      tables: exchange.tableTraffic)
    steps.append(ledger.lastStep)
    if !mine.isEmpty, let arrival = ledger.exchanges.last?.arrival {
      readiness.append(exchange.layersDone, firstParts: exchange.firstPartsDone, arrival: arrival)
    }
    return StepGradient(mean: mean, sums: sums, obstacle: obstacle)
  }

  private func raiseSignals() {
    if Interruption.isRequested { arena.raise(.interrupted) }
    if crowding.isNoticed { arena.raise(.crowded) }
  }

  /// Forward and backward.
  private func addMicrobatch(from reader: BatchReader, to sums: inout LossSums, _ noise: NoiseMeter?) throws {
    guard let batch = try reader.next() else { preconditionFailure("the reader ended before the plan") }
    ledger.lap(.load)
    let pass = Pass(training: batch, alone: arena.accumulation.isAlone)
    let outputs = try forward(batch, pass)
    let loss = try objective.sums(of: outputs, labels: batch.filledLabels, pass)
    if !loss.loss.isFinite { arena.raise(.notFinite) }
    sums += loss
    ledger.lap(.forward)
    let outputGradient = try objective.gradient(of: outputs, labels: batch.filledLabels, pass)
    let place = batch.place
    try network.backward(
      batch.filledInputs, outputGradient: outputGradient, pass,
      partDone: {
        // What has left can be looked at no more.
        if noise == nil { try exchange.partDone($0, gradients: $1, isLastMicrobatch: place.isLastOfRank) }
      },
      layerDone: {
        noise?.layerDone($0, place, samples: batch.filledSamples.count)
        try exchange.layerDone($0, isFirstMicrobatch: place.isFirstOfRank, isLastMicrobatch: place.isLastOfRank)
      })
    reader.recycle(batch)
    ledger.lap(.backward)
  }

  private func forward(_ batch: Batch, _ pass: Pass) throws -> Tensor {
    guard batch.place.isLastOfRank else { return try network.forward(batch.filledInputs, pass) }
    network.noteTouchedRows(pass)
    try exchange.lastMicrobatchBegins()
    return try network.forward(batch.filledInputs, pass, layerDone: exchange.forwardGoesOn)
  }

  /// The outcome that some rank raised, if any did.
  private var obstacle: StepOutcome? {
    if arena.count(of: .notFinite) > 0 { return .notFinite }
    if arena.count(of: .inexact) > 0 { return .inexact }
    return arena.count(of: .interrupted) > 0 ? .interrupted : nil
  }

  /// The one that reads ahead, if the step is what comes next there; else one for this step alone.
  private func reader(of step: StepPlan) throws -> BatchReader {
    try ahead?.take(step, of: experiment) ?? reader(only: step, of: augmentedSamples())
  }

  private func reader(only step: StepPlan, of samples: any Dataset) throws -> BatchReader {
    let order = TrainingOrder(
      only: step, samples: experiment.batches.samples, seed: experiment.seed, rank: rank, ranks: ranks)
    return try reader(order, of: samples, depth: experiment.configuration.execution.prefetch)
  }

  private func reader(_ order: TrainingOrder, of samples: any Dataset, depth: Int) throws -> BatchReader {
    try BatchReader(dataset: samples, order: order, capacity: experiment.batches.microBatch, depth: depth)
  }

  private func augmentedSamples() throws -> any Dataset {
    try data.training.augmented(experiment.configuration.data.augmentation, seed: experiment.seed)
  }

  /// A reader of a stretch of the run's steps.
  private final class ReadAhead {
    let reader: BatchReader
    /// The numbers of the steps that it still has.
    private var steps: Range<Int>

    init(_ reader: BatchReader, steps: Range<Int>) {
      self.reader = reader
      self.steps = steps
    }

    /// The reader, if this step is what it has next.
    func take(_ step: StepPlan, of experiment: Experiment) -> BatchReader? {
      guard let next = steps.first, experiment.step(next) == step else { return nil }
      steps.removeFirst()
      return reader
    }
  }
}

// The account.

extension Crew {
  /// - Parameter steps: room for so many.
  func openAccount(steps: Int) {
    ledger = Ledger(steps: steps, recorder: trace?.recorder)
    stepsBefore = self.steps.taken
    sums = LossSums()
    energy.start()
  }

  /// Books what follows a step's gradient: the update and, where parts of the gradient were still to come, the wait for them.
  ///
  /// - Parameter measuring: nanoseconds of it in which the update was looked at.
  func noteUpdate(measuring: UInt64 = 0) {
    ledger.lap(.update)
    ledger.rebook(measuring, from: .update, to: .other)
    guard let end = exchange.lastPart else { return }
    ledger.bookParts(exchange.nanosecondsBetweenParts, until: end)
    steps.addWire(Float(exchange.nanosecondsBetweenParts) * 1e-9)
  }

  /// What all machines used since the account was opened; nil where some machine does not tell. Collective.
  ///
  /// - Parameter own: this rank's.
  func sharedEnergy(_ own: Energy?) throws -> Energy? {
    let figures = try communicator.allGather([session.isFirstOfMachine ? 1 : 0] + Energy.figures(own))
    return Energy(summing: figures.filter { $0[0] == 1 }.map { Energy(figures: $0[1...]) })
  }

  /// Tells each rank when the last one arrived at each step's exchange, and gathers every rank's figures.
  func closeAccount() throws -> [[Double]] {
    var arrivals = ledger.exchanges.map { Int64($0.arrival) + clock.offset }
    try communicator.allReduce(inPlace: arrivals.mutableSpan, .maximum)
    ledger.settle(latestArrivals: arrivals.map { UInt64(max($0 - clock.offset, 0)) }) { step, wait in
      steps.moveToWait(Float(wait) * 1e-9, ofStep: stepsBefore + step)
    }
    ledger.lap(.other)
    return try communicator.allGather(ledger.figures)
  }
}

/// The mean gradient over a step's samples, the same on every rank.
public struct StepGradient: ~Copyable {
  /// Summed over all microbatches of all ranks, each of which divides by the global batch.
  public let mean: ReducedGradients
  /// Sums over this rank's samples.
  public let sums: LossSums
  /// Why it must not be applied; nil where it may.
  let obstacle: StepOutcome?
}

extension Pass {
  /// - Parameter alone: its gradients are not added to those of the microbatches before it.
  init(training batch: Batch, alone: Bool) {
    self.init(
      mode: .training, epoch: batch.place.epoch, samples: batch.filledSamples, ids: batch.filledIDs,
      weights: batch.filledWeights,
      overwritesGradients: alone || batch.place.isFirstOfRank, globalBatch: batch.place.globalBatch,
      firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch)
  }
}

extension Tensor {
  fileprivate func exchangeContents(with other: Tensor) {
    precondition(count == other.count, "\(count) and \(other.count) floats")
    for index in 0..<count { swap(&pointer[index], &other.pointer[index]) }
  }
}

extension ExecutionConfiguration.Summation {
  var accumulation: Accumulation {
    switch self {
    case .fast: .inPlace
    case .reproducible: .exact
    }
  }
}

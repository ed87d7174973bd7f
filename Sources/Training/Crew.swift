import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import Measurement
import MessagePassing
import Optimizers
import Watch

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
  package let arena: GradientArena
  /// This rank's own; nil where the model has no tables.
  let rowGradients: TableGradients?
  /// How this rank works through steps.
  var division: StepDivision
  /// Nil where shares are even.
  var balance: ShareBalance?
  /// Where weights lie, if ranks of a host have one copy.
  let shared: SharedState?
  /// Whether each rank looks at all of a gradient that is to be applied.
  private let looksAtGradients: Bool
  /// Nil where an experiment has no workers.
  let team: WorkerTeam?
  /// Nil where steps are not sharpness-aware.
  let ascent: SharpnessAscent?
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
  /// Of the step that is not at its end, what its exchanges so far have in the account.
  private var stepSoFar = StepSeconds.zero
  /// The step in `steps` of each exchange since the account was opened.
  private var stepsOfExchanges: [Int] = []
  /// Within `ledger`, what first gradients of sharpness-aware steps took; see `SharpnessAware`.
  var ascentNanoseconds: UInt64 = 0
  /// When layers' gradients are final, since this crew began.
  var readiness: LayerReadiness
  /// Nil where nobody asked for a trace.
  var trace: RankTrace?
  /// Nil where no trail is left.
  package internal(set) var trail: RankTrail?
  /// Nil where gradient noise is not measured.
  let noise: NoiseMeter?
  /// This rank's, since the epoch's start, or since this crew's.
  var sums = LossSums()
  /// Of the first rank: whether all are to write a checkpoint after the next step.
  var asksForCheckpoint = false
  /// Whether the size of buckets, where it is left open, is that of the checkpoint that the run goes on from.
  private(set) var hasBucketsOfCheckpoint = false
  /// This rank's, since this crew began.
  var classesMet: ClassesMet
  private var ahead: ReadAhead?
  /// This rank's, of the gradient that was asked for last.
  private var lastMicrobatches = 0
  /// Of the gradients that are asked for: other than training's in probes alone.
  private var mode = Pass.Mode.training

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
    shared = state.shared
    looksAtGradients = state.distances != nil
    rank = communicator.rank
    ranks = communicator.size
    crowding = CrowdedCore(ranks: ranks)
    energy = session.isFirstOfMachine ? EnergyMeter(folder: session.energyCounters) : .none
    updatesBefore = state.updates
    steps = StepLedger(ranks: ranks)
    classesMet = ClassesMet(classes: session.data.training.classes)
    readiness = LayerReadiness(layers: layout.layerRanges.count)
    let tables = TableGradients(layout)
    rowGradients = tables
    let arena = try Self.arena(layout, accumulation ?? configuration.accumulation, configuration, communicator)
    self.arena = arena
    division = experiment.division(rank: rank, ranks: ranks)
    balance = configuration.execution.balance == .measured && ranks > 1 ? ShareBalance() : nil
    ascent = configuration.optimizer.sharpnessAware.map { SharpnessAscent($0, layout: layout) }
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
      overlap: Self.overlap(configuration, session),
      inParts: state.optimizer.movesByPart && configuration.divergence == nil && !communicator.maySurvive,
      share: state.shared?.share ?? .whole,
      precision: configuration.travellingPrecision, errorFeedback: configuration.exchangeErrorFeedback == true,
      tables: tables,
      tableStrategy: configuration.execution.tableExchange,
      movesAllRows: state.tableOptimizer?.movesTouchedRowsOnly == false,
      countsOccurrences: configuration.tables.cowClip != nil)
    team = try division.workers.map { try WorkerTeam($0, arena, experiment, session) }
    clock = try ClockSynchronization(communicator, hosts: session.machine.nodes.count)
    try startTogether(state)
  }

  /// In memory that ranks of a host share, where that is asked for and can be. What travels rounded is rounded on its way from rank to
  /// rank, and who may outlive others gets to know of their end by messages.
  private static func arena(
    _ layout: ParameterLayout, _ accumulation: Accumulation, _ configuration: RunConfiguration,
    _ communicator: Communicator
  ) throws -> GradientArena {
    guard configuration.execution.arenas == .shared, configuration.travellingPrecision == .float32,
      !communicator.maySurvive
    else { return GradientArena(layout, accumulation) }
    let bytes = GradientArena.exchangedBytes(layout, accumulation)
    return GradientArena(layout, accumulation, in: try SharedMemory.make(byteCount: bytes, by: communicator))
  }

  /// Rank 0's weights, and proof that all ranks are about to do the same.
  private func startTogether(_ state: RunState) throws {
    if let shared {
      try shared.broadcast(weights)
    } else {
      try communicator.broadcast(weights.buffer.mutableSpan, root: 0)
    }
    state.startFromHereIfNew()
    try communicator.requireEqual([
      ("number of updates", "\(state.updates)"), ("bucket plan", WeightsHash.sha256("\(exchange.plan)")),
      ("set of starting weights", WeightsHash.sha256(weights, layout: experiment.model.layout)),
    ])
  }

  /// Goes on with what this rank alone had, and cuts gradients as then where that is left open: sums of several floats depend on it.
  /// Not on other ranks than those that wrote the checkpoint.
  func resume(_ checkpoint: Checkpoint) throws {
    guard checkpoint.ranks == ranks else { return }
    try checkpoint.restoreOwn(self)
    guard experiment.configuration.execution.bucketBytes == .auto else { return }
    exchange.cut(bucketBytes: checkpoint.text.bucketBytes)
    hasBucketsOfCheckpoint = true
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
      plan: experiment.batches, seed: experiment.seed, steps: steps, division, visits: visits(rounds: 2))
    ahead = ReadAhead(
      try reader(order, of: augmentedSamples(), depth: depth ?? experiment.configuration.execution.prefetch),
      StepSequence(experiment.batches, steps: steps, division))
  }

  /// The mean gradient over a step's samples, at any weights; nothing is updated. Collective.
  ///
  /// - Parameter weights: in the model's layout.
  /// - Throws: `DatasetError` where the data cannot be read, `OneDNNError`, `MPIError`.
  public func gradient(of step: StepPlan, at weights: Tensor) throws -> StepGradient {
    try gradient(of: step, from: reader(of: whole(step)), at: weights)
  }

  /// The mean gradient over a step's samples, to be looked at and not applied: the samples come as they are, without
  /// augmentation (unless its views are what is compared), and all of its time is booked as `other`, its bytes not at all.
  /// Collective.
  ///
  /// - Parameters:
  ///   - weights: in the model's layout.
  ///   - mode: of dropout and batch norm. Evaluation's leaves no statistics in the gradient.
  public func probe(_ step: StepPlan, at weights: Tensor, as mode: Pass.Mode = .training) throws -> StepGradient {
    let (account, stepSoFar, stepsOfExchanges, readiness) = (ledger, stepSoFar, stepsOfExchanges, readiness)
    exchange.remembersErrors = false
    self.mode = mode
    defer {
      self.mode = .training
      exchange.remembersErrors = true
      (ledger, self.stepSoFar, self.stepsOfExchanges, self.readiness) = (
        account, stepSoFar, stepsOfExchanges, readiness
      )
      ledger.lap(.other)
    }
    let samples = experiment.views == 1 ? data.training : try augmentedSamples()
    return try gradient(of: step, from: reader(only: whole(step), of: samples), at: weights)
  }

  private func gradient(of step: StepPlan, from reader: BatchReader, at weights: Tensor) throws -> StepGradient {
    let share = whole(step)
    return try at(weights) { try gradient(of: share, from: reader) }
  }

  /// A step that all ranks compute together.
  func whole(_ step: StepPlan) -> StepShare { division.whole(step) }

  /// The gradient that a step is to be made by, at the crew's own weights, to be applied at once: where the optimiser moves each
  /// weight by itself, parts of it may still be on their way. Collective.
  func gradientToApply(of step: StepPlan) throws -> StepGradient {
    if let team, experiment.configuration.workers?.combine == .adasum {
      return lookedAt(try combinedGradient(of: step, team))
    }
    let number = experiment.number(of: step)
    guard let noise, noise.measures(step, number: number) else {
      return lookedAt(try ownGradient(of: whole(step), inParts: true))
    }
    let gradient = lookedAt(try gradient(of: whole(step), from: reader(of: whole(step)), noise: noise))
    if gradient.obstacle == nil {
      noise.endStep(step, number: number, gradient.mean)
      ledger.lap(.other)
    }
    return gradient
  }

  /// The mean gradient over a share's samples, at the crew's own weights or, in a sharpness-aware step, near them. Collective on
  /// those who have the share.
  func ownGradient(of share: StepShare, inParts: Bool = false) throws -> StepGradient {
    if let ascent, ascent.by == .global { return try sharpnessAwareGradient(of: share, ascent) }
    let gradient = try gradient(of: share, from: reader(of: share), inParts: inParts, ascent)
    // Nobody will ask for the rest.
    if gradient.obstacle != nil { try gradient.mean.forEachPart { _ in } }
    return gradient
  }

  /// - Parameters:
  ///   - ascent: for each microbatch by itself; nil for the gradient at the weights that are there.
  ///   - noise: nil where the step's is not measured.
  func gradient(
    of share: StepShare, from reader: BatchReader, inParts: Bool = false, _ ascent: SharpnessAscent? = nil,
    noise: NoiseMeter? = nil
  ) throws -> StepGradient {
    let (mine, exchange) = (share.microbatches, self.exchange(of: share))
    lastMicrobatches = mine.count
    network.observer = trace?.layersIfOn
    defer { network.observer = nil }
    let inParts = inParts && (shared == nil || !looksAtGradients && trail == nil)
    exchange.beginStep(microbatches: share.step.microbatchCount * experiment.views, inParts: inParts)
    noise?.beginStep()
    trail?.beginGradient()
    raiseSignals()
    if mine.isEmpty { exchange.contributeNothing() }
    try lookAtWholeBatch(share.step, from: reader)
    var sums = LossSums()
    for _ in 0..<mine.count * experiment.views {
      try addMicrobatch(from: reader, to: &sums, exchange, ascent, noise)
    }
    ledger.rebook(exchange.nanosecondsWithinForward, from: .forward, to: .exchangeWire)
    ledger.rebook(exchange.nanosecondsWithinBackward, from: .backward, to: .exchangeWire)
    if let noise { ledger.rebook(noise.nanoseconds, from: .backward, to: .other) }
    let mean = try exchange.finish(inParts: inParts)
    book(
      firstStart: exchange.firstStart, bytes: exchange.bytesPerStep, messages: exchange.messagesPerStep,
      tables: exchange.tableTraffic)
    if !mine.isEmpty, let arrival = ledger.exchanges.last?.arrival {
      readiness.append(exchange.layersDone, firstParts: exchange.firstPartsDone, arrival: arrival)
    }
    return StepGradient(mean: mean, sums: sums, obstacle: obstacle)
  }

  /// That of the ranks that have the share.
  func exchange(of share: StepShare) -> GradientExchange {
    share.ranks == ranks ? exchange : team?.exchange ?? exchange
  }

  /// Books an exchange that has ended, in the step that goes on. All ranks book as many in a step.
  func book(firstStart: UInt64? = nil, bytes: Int = 0, messages: Int = 0, tables: TableTraffic? = nil) {
    ledger.bookExchange(firstStart: firstStart, bytes: bytes, messages: messages, tables: tables)
    stepSoFar += ledger.lastStep
    stepsOfExchanges.append(steps.taken)
  }

  private func raiseSignals() {
    if Interruption.isRequested { arena.raise(.interrupted) }
    if crowding.isNoticed { arena.raise(.crowded) }
    if asksForCheckpoint { arena.raise(.checkpoint) }
  }

  /// Forward and backward.
  private func addMicrobatch(
    from reader: BatchReader, to sums: inout LossSums, _ exchange: GradientExchange, _ ascent: SharpnessAscent?,
    _ noise: NoiseMeter?
  ) throws {
    Fault.reach(.data)
    guard let batch = try reader.next() else { preconditionFailure("the reader ended before the plan") }
    ledger.lap(.load)
    classesMet.note(batch.filledLabels)
    trail?.begin(batch, microbatch: batch.place.firstRowInGlobalBatch / experiment.batches.microBatch)
    let lossHere = try ascent.map { try climb(batch, $0) }
    let pass = Pass(training: batch, as: mode, views: experiment.views, alone: arena.accumulation.isAlone)
    let outputs = try forward(batch, pass, exchange)
    let loss = try objective.sums(of: outputs, labels: batch.filledLabels, pass)
    if !loss.loss.isFinite { arena.raise(.notFinite) }
    trail?.note(loss)
    sums += lossHere ?? loss
    ledger.lap(.forward)
    let outputGradient = try objective.gradient(of: outputs, labels: batch.filledLabels, pass)
    let place = batch.place
    try network.backward(
      batch.filledInputs, outputGradient: outputGradient, pass,
      partDone: {
        // What has left can be looked at no more.
        if noise == nil, trail == nil { try exchange.partDone($0, gradients: $1, isLastMicrobatch: place.isLastOfRank) }
      },
      layerDone: {
        Fault.reach(.backward)
        ascent?.restoreStatistics(in: arena.gradients, within: experiment.model.layout.layerRanges[$0])
        noise?.layerDone($0, place, samples: batch.filledSamples.count)
        trail?.layerDone($0)
        try exchange.layerDone($0, isFirstMicrobatch: place.isFirstOfRank, isLastMicrobatch: place.isLastOfRank)
      })
    trail?.endMicrobatch()
    ascent?.goBack(weights)
    reader.recycle(batch)
    ledger.lap(.backward)
  }

  private func forward(_ batch: Batch, _ pass: Pass, _ exchange: GradientExchange) throws -> Tensor {
    let isLast = batch.place.isLastOfRank
    if isLast {
      network.noteTouchedRows(pass)
      try exchange.lastMicrobatchBegins()
    }
    return try network.forward(batch.filledInputs, pass) {
      Fault.reach(.forward)
      trail?.layerRan(rows: pass.rows)
      if isLast { try exchange.forwardGoesOn() }
    }
  }

  /// The outcome that some rank raised, if any did.
  private var obstacle: StepOutcome? {
    if arena.count(of: .notFinite) > 0 { return .notFinite }
    if arena.count(of: .inexact) > 0 { return .inexact }
    return arena.count(of: .interrupted) > 0 ? .interrupted : nil
  }

  /// The one that reads ahead, if the share is what comes next there; else one for this share alone.
  func reader(of share: StepShare) throws -> BatchReader {
    try ahead?.take(share) ?? reader(only: share, of: augmentedSamples())
  }

  func reader(only share: StepShare, of samples: any Dataset) throws -> BatchReader {
    let order = TrainingOrder(
      only: share, samples: experiment.batches.samples, seed: experiment.seed, visits: visits(rounds: 2))
    return try reader(order, of: samples, depth: experiment.configuration.execution.prefetch)
  }

  private func reader(_ order: TrainingOrder, of samples: any Dataset, depth: Int) throws -> BatchReader {
    try BatchReader(dataset: samples, order: order, capacity: experiment.batches.microBatch, depth: depth)
  }

  func augmentedSamples() throws -> any Dataset {
    try data.training.augmented(experiment.configuration.data.augmentation, seed: experiment.seed)
  }

  /// A reader of a stretch of the run's steps.
  private final class ReadAhead {
    private let reader: BatchReader
    /// What it still has.
    private var coming: StepSequence
    private var next: StepShare?

    init(_ reader: BatchReader, _ coming: StepSequence) {
      self.reader = reader
      self.coming = coming
      next = self.coming.next()
    }

    /// The reader, if this share is what it has next.
    func take(_ share: StepShare) -> BatchReader? {
      guard next == share else { return nil }
      next = coming.next()
      return reader
    }
  }
}

// The account.

extension Crew {
  /// - Parameter steps: room for so many.
  func openAccount(steps: Int) {
    ledger = Ledger(steps: steps * experiment.exchangesOfStep, recorder: trace?.recorder)
    stepsOfExchanges.removeAll(keepingCapacity: true)
    stepsOfExchanges.reserveCapacity(steps)
    ascentNanoseconds = 0
    sums = LossSums()
    energy.start()
  }

  /// Books what follows a step's gradient: the update and, where parts of the gradient were still to come, the wait for them.
  ///
  /// - Parameter measuring: nanoseconds of it in which the update was looked at.
  func noteUpdate(measuring: UInt64 = 0) {
    noteStep()
    ledger.rebook(measuring, from: .update, to: .other)
    guard let end = exchange.lastPart else { return }
    ledger.bookParts(exchange.nanosecondsBetweenParts, until: end)
    steps.addWire(Float(exchange.nanosecondsBetweenParts) * 1e-9)
  }

  /// Books what follows a step's last gradient, and the step.
  func noteStep() {
    ledger.lap(.update)
    steps.append(stepSoFar)
    balance?.note(stepSoFar, microbatches: lastMicrobatches)
    stepSoFar = .zero
  }

  /// What all machines used since the account was opened; nil where some machine does not tell. Collective.
  ///
  /// - Parameter own: this rank's.
  func sharedEnergy(_ own: Energy?) throws -> Energy? {
    let figures = try communicator.allGather([session.isFirstOfMachine ? 1 : 0] + Energy.figures(own))
    return Energy(summing: figures.filter { $0[0] == 1 }.map { Energy(figures: $0[1...]) })
  }

  /// Every rank's figures as `closeAccount` would gather them now; the account stays open. Collective.
  func accountSoFar() throws -> [[Double]] {
    var ledger = ledger
    ledger.settle(latestArrivals: try latestArrivals())
    return try communicator.allGather(ledger.figures)
  }

  /// Of each of the account's exchanges, on this rank's clock. Collective.
  private func latestArrivals() throws -> [UInt64] {
    var arrivals = ledger.exchanges.map { Int64($0.arrival) + clock.offset }
    try communicator.allReduce(inPlace: arrivals.mutableSpan, .maximum)
    return arrivals.map { UInt64(max($0 - clock.offset, 0)) }
  }

  /// Tells each rank when the last one arrived at each step's exchange, and gathers every rank's figures.
  func closeAccount() throws -> [[Double]] {
    ledger.settle(latestArrivals: try latestArrivals()) { exchange, wait in
      steps.moveToWait(Float(wait) * 1e-9, ofStep: stepsOfExchanges[exchange])
    }
    ledger.lap(.other)
    return try communicator.allGather(ledger.figures)
  }
}

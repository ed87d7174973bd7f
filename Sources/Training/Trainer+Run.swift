import Batches
import Datasets
import Foundation
import Layers
import Measurement
import MessagePassing
import Statistics
import Watch

extension Trainer {
  /// Trains to the end and says what happened. Collective; the record is the same on every rank.
  /// - Parameters:
  ///   - command: for the record: what made these figures.
  ///   - report: called on rank 0 only.
  public func run(command: String, report: (TrainingEvent) -> Void = { _ in }) throws -> RunRecord {
    let began = session.clock.now()
    // From here on there is something to keep.
    Interruption.answer(with: .noting)
    bfloat16 = try measureBFloat16()
    if crew.rank == 0 {
      let notices =
        session.notices
        + [balanceWarning, arenaNotice, copiesNotice, bfloat16?.notice, survivalNotice].compactMap { $0 }
      notices.forEach { report(.notice($0)) }
    }
    return try surviving(report) { try finish(command: command, began: began, report) }
  }

  /// All that is left of the run, from wherever it is.
  private func finish(command: String, began: Double, _ report: (TrainingEvent) -> Void) throws -> RunRecord {
    // Whoever goes on without others takes over what was chosen.
    if !communicator.hasLost {
      if let trial = try crew.chooseExchange(), crew.rank == 0 { report(.notice(trial.notice)) }
      if let traceWindow { startTrace(traceWindow) }
    }
    try train(until: experiment.totalUpdates, report)
    if state.account.outcome.isInterrupted, let account = accountToResume, !crew.workersAreApart {
      try writeCheckpoint(account, report)
    } else if checkpoints != nil, state.account.outcome == .completed, !crew.workersAreApart {
      // What comes now may take long, and be cut short.
      crew.openAccount(steps: 0)
      try writeCheckpoint(try accountSoFar(), report)
    }
    try gatherTrail()
    state.restoreKept()
    let (training, test, probe, hash) = try close()
    try settleCheckpoint(report)
    let account = state.account
    let slow = try findSlowRank()
    if crew.rank == 0, let slow { report(.notice(slow.notice)) }
    let ledger = LedgerSummary(summing: account.figures)
    if crew.ranks > 1, crew.rank == 0, let notice = ExposedShare.notice(ledger, configuration) {
      report(.notice(notice))
    }
    var record = RunRecord(
      command: command, startedAt: account.startedAt ?? startedAt, configuration: configuration,
      machine: session.machine,
      ranks: crew.ranks, threadsPerRank: session.threads, dataset: datasetFacts, model: modelFacts,
      stepsPerEpoch: experiment.batches.stepsInEpoch(0), updates: updates, epochs: account.epochs,
      samplesPerSecond: account.samplesPerSecond,
      stepSeconds: account.stepSeconds, ledger: ledger, keptEpoch: account.keptEpoch,
      stoppedEarly: account.isStopped ? true : nil, finalTraining: training, finalTest: test, probe: probe,
      overlap: crew.exchange.overlap, bucketBytes: crew.exchange.bucketBytes, slowRank: slow,
      bindings: session.bindings, clockError: session.machine.nodes.count > 1 ? crew.clock.uncertainty : nil,
      moments: try moments(began: began),
      outcome: account.outcome, weightsSHA256: hash)
    record.noiseAtStart = account.startingNoise.mean(hasTables: state.tableOptimizer != nil)
    record.distances = account.travelled.updates.isEmpty ? nil : account.travelled
    record.skippedSteps = account.skippedSteps.isEmpty ? nil : account.skippedSteps
    record.warnings = account.warnings.isEmpty ? nil : account.warnings
    record.resumptions = account.resumptions.isEmpty ? nil : account.resumptions
    record.bfloat16 = bfloat16
    record.losses = account.losses.isEmpty ? nil : account.losses
    Fault.reach(.saving)
    return record
  }

  /// Goes on to so many updates of the run, from wherever it is; epochs are closed as they end. Collective.
  public func train(until updates: Int, _ report: (TrainingEvent) -> Void = { _ in }) throws {
    try crew.readAhead(steps: state.updates..<max(updates, state.updates))
    try closeEndedEpoch(report)
    var isOpen = false
    while state.updates < updates, state.account.outcome == .completed, !state.account.isStopped {
      let step = experiment.step(state.updates)
      if !isOpen { openAccount(steps: min(step.stepsInEpoch - step.step, updates - state.updates)) }
      try writeDueCheckpoint(report)
      isOpen = try !advance(step, report)
      let shares = try crew.rebalance(after: step, coming: state.updates..<max(updates, state.updates))
      if crew.rank == 0, let shares { report(.notice(shares.notice)) }
    }
    if isOpen { try handOver() }
  }

  /// A run that was asked to stop while it evaluated goes on with that.
  private func closeEndedEpoch(_ report: (TrainingEvent) -> Void) throws {
    guard updates > 0, state.account.epoch.samples > 0 else { return }
    let (step, isLast) = (experiment.step(updates - 1), updates == experiment.totalUpdates)
    guard step.isLastOfEpoch || isLast else { return }
    openAccount(steps: 0)
    let record = try closeEpoch(step, isLast: isLast)
    self.report(record, report)
  }

  private func openAccount(steps: Int) {
    state.account.epoch.began = state.account.epoch.began ?? session.clock.now()
    crew.openAccount(steps: steps)
  }

  /// One step, and what follows it where it is the last of its epoch or of the run.
  ///
  /// - Returns: whether the epoch is closed.
  private func advance(_ step: StepPlan, _ report: (TrainingEvent) -> Void) throws -> Bool {
    crew.crowding.look()
    crew.energy.lookIfDue()
    askForCheckpoint()
    let before = updates
    var outcome = try self.step(step)
    if crew.rank == 0 { checkpoints?.count(updates) }
    if outcome != .interrupted || updates > before { state.account.epoch.samples += step.globalBatch }
    try noteTrail(outcome)
    if crew.rank == 0, let notice = crew.crowdingNotice { report(.notice(notice)) }
    try hearOfCheckpoint()
    if outcome == .skipped {
      try noteSkipped(step, report)
      outcome = .updated
    }
    if outcome == .updated {
      try compareIfDue()
      if crew.rank == 0 { report(.step(progress(step))) }
      crew.ledger.lap(.other)
    } else {
      if outcome == .interrupted, checkpoints != nil { accountToResume = try accountSoFar() }
      state.account.outcome = try ending(outcome, of: step)
    }
    let isLast = updates == experiment.totalUpdates
    guard outcome != .updated || step.isLastOfEpoch || isLast else { return false }
    let record = try closeEpoch(step, isLast: isLast)
    self.report(record, report)
    return true
  }

  private func progress(_ step: StepPlan) -> StepProgress {
    // All ranks' of crews before this one, this rank's of its own.
    var sums = state.account.epoch.sums
    sums += crew.sums
    return StepProgress(
      epoch: step.epoch + 1, epochs: configuration.epochs, updates: updates, totalUpdates: experiment.totalUpdates,
      samples: state.account.epoch.samples, loss: sums.meanLoss)
  }

  /// Evaluates, settles who waited for whom, and gathers every rank's account.
  private func closeEpoch(_ step: StepPlan, isLast: Bool) throws -> EpochRecord {
    var epoch = state.account.epoch
    epoch.sums += try communicator.total(of: crew.sums)
    epoch.noise += try handOverNoise()
    let (trained, energy) = (session.clock.now(), crew.energy.energy())
    crew.ledger.lap(.other)
    let isDue = experiment.isEvaluated(after: step, isLast: isLast) && state.account.outcome == .completed
    // An evaluation that is cut short is made again.
    if isDue, checkpoints != nil { accountToResume = try accountSoFar() }
    let signs = isDue ? learningSigns : nil
    let validation = isDue ? try evaluateUnlessAsked(data.validation, signs) : nil
    if validation != nil { accountToResume = nil }
    let ended = session.clock.now()
    crew.ledger.lap(.evaluate)
    epoch.figures.append(try crew.closeAccount())
    epoch.energies.append(try crew.sharedEnergy(energy))
    let stepTimes = try stepTimes(step)
    let seconds = epoch.figures.reduce(0) { $0 + $1.map(Self.trainingSeconds).max()! }
    var record = EpochRecord(
      epoch: step.epoch + 1, updates: updates, seconds: seconds,
      samplesPerSecond: seconds > 0 ? Double(epoch.samples) / seconds : 0,
      learningRate: experiment.learningRate(of: experiment.step(max(updates - 1, 0)), state.account.plateaus),
      training: Quality(epoch.sums),
      validation: validation, weightDistance: state.distance, ledger: LedgerSummary(summing: epoch.figures))
    record.stepTimes = stepTimes
    let globalBatch = experiment.batches.globalBatch(inEpoch: step.epoch)
    record.globalBatch = globalBatch == configuration.globalBatch ? nil : globalBatch
    record.moments = try moments(EpochMoments(began: epoch.began ?? trained, trained: trained, ended: ended))
    record.energy = Energy(summing: epoch.energies)
    record.trustRatios = state.trustRatios
    record.ascentSeconds = try ascentSeconds()
    record.noise = epoch.noise.mean(hasTables: state.tableOptimizer != nil)
    record.norms = StepNorms(epoch.norms)
    try findWarnings(signs, after: step, record)
    // From here on no message: a rank that dies finds the epoch open on the others, or closed.
    state.account.epochs.append(record)
    if validation != nil { choose(isLast: isLast) }
    state.account.figures += epoch.figures
    state.account.epoch = EpochSoFar()
    return record
  }

  /// What an evaluation decides: the rate, whether these weights are to be kept, and whether training goes on.
  private func choose(isLast: Bool) {
    let evaluation = configuration.evaluation
    let course = EvaluationCourse(state.account.epochs, by: evaluation.by)
    state.account.plateaus = Plateaus(course, configuration)
    if evaluation.keep == .best, course.lastIsBest { state.keep(afterEpoch: state.account.epochs.count) }
    if let patience = evaluation.patience, course.sinceBest >= patience, !isLast { state.account.isStopped = true }
  }

  /// Hands over the figures of an epoch that this crew, or another, will end later.
  private func handOver() throws {
    if let obstacle = try crew.averageWorkers() { state.account.outcome = try ending(obstacle) }
    state.account.epoch.sums += try communicator.total(of: crew.sums)
    let noise = try handOverNoise()
    state.account.epoch.noise += noise
    let energy = crew.energy.energy()
    state.account.epoch.figures.append(try crew.closeAccount())
    state.account.epoch.energies.append(try crew.sharedEnergy(energy))
    crew.openAccount(steps: 0)
  }

  /// The slowest rank's; nil where no step is sharpness-aware. Collective.
  private func ascentSeconds() throws -> Double? {
    guard crew.ascent != nil else { return nil }
    return try communicator.allReduce(Double(crew.ascentNanoseconds) * 1e-9, .maximum)
  }

  /// What this crew measured of gradient noise since it was last asked. Collective; the run's start is kept at once.
  ///
  /// - Returns: of the epoch.
  private func handOverNoise() throws -> NoiseSums {
    guard let noise = crew.noise else { return NoiseSums() }
    let (sums, start) = try noise.handOver(communicator)
    state.account.startingNoise += start
    return sums
  }

  /// Rank 0's. Collective.
  private func moments(_ own: EpochMoments) throws -> EpochMoments {
    let shared = try communicator.broadcast([own.began, own.trained, own.ended], root: 0)
    return EpochMoments(began: shared[0], trained: shared[1], ended: shared[2])
  }

  /// Rank 0's, up to now. Collective.
  private func moments(began: Double) throws -> RunMoments {
    let shared = try communicator.broadcast([session.prepared, began, session.clock.now()], root: 0)
    return RunMoments(prepared: shared[0], began: shared[1], ended: shared[2])
  }

  /// The work behind the last epoch, booked like everything else.
  private func close() throws -> (training: Quality?, test: Quality?, probe: ProbeRecord?, weightsSHA256: String) {
    crew.openAccount(steps: 0)
    if state.account.outcome == .completed { state.account.outcome = try finalOutcome() }
    let isAsked = configuration.evaluation.trainingSet && state.account.outcome == .completed
    let training = isAsked ? try evaluateUnlessAsked(data.training) : nil
    let test = try finalTest()
    let probe = try finalProbe()
    crew.ledger.lap(.evaluate)
    let hash = try finalHash()
    crew.ledger.lap(.other)
    state.account.figures.append(try communicator.allGather(crew.ledger.figures))
    return (training, test, probe, hash)
  }

  /// nil, and the end of the run, where a rank was asked to stop meanwhile.
  func evaluateUnlessAsked(_ dataset: any Dataset, _ signs: LearningSigns? = nil) throws -> Quality? {
    do { return try evaluate(dataset, signs) } catch is Interruption.Asked {
      state.account.outcome = .interrupted(step: updates)
      return nil
    }
  }

  /// A rank's elapsed time without evaluation and checkpoints.
  private static func trainingSeconds(_ figures: [Double]) -> Double {
    figures[Phase.allCases.count] - figures[Phase.evaluate.rawValue] - figures[Phase.checkpoint.rawValue]
  }

  private func stepTimes(_ step: StepPlan) throws -> StepTimes? {
    var full = crew.ledger.stepSeconds
    // The last step of an epoch may be short; the first of a run prepares what later steps reuse.
    let isShort = step.isLastOfEpoch && step.globalBatch < experiment.batches.globalBatch(inEpoch: step.epoch)
    if isShort, full.count > 1 { full.removeLast() }
    if state.account.epochs.isEmpty, full.count > 1 { full.removeFirst() }
    guard let own = StepTimes(full) else { return nil }
    var figures = [own.median, own.percentile95, own.percentile99, own.maximum]
    try communicator.allReduce(inPlace: figures.mutableSpan, .maximum)
    return StepTimes(
      median: figures[0], percentile95: figures[1], percentile99: figures[2], maximum: figures[3])
  }
}

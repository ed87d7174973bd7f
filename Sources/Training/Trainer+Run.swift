import Buffers
import Datasets
import Foundation
import Layers
import Measurement
import MessagePassing
import Optimizers
import Statistics

extension Trainer {
  /// Trains to the end and says what happened. Collective; the record is the same on every rank.
  /// - Parameters:
  ///   - command: for the record: what made these figures.
  ///   - report: called on rank 0 only.
  public func run(command: String, report: (TrainingEvent) -> Void = { _ in }) throws -> RunRecord {
    let startedAt = Date().ISO8601Format()
    // From here on there is something to keep.
    Interruption.answer(with: .noting)
    if rank == 0 {
      (session.notices + [balanceWarning].compactMap { $0 }).forEach { report(.notice($0)) }
    }
    var account = RunAccount()
    let order = TrainingOrder(
      plan: plan, seed: configuration.seed, rank: rank, ranks: ranks, epochs: configuration.epochs)
    let reader = try BatchReader(
      dataset: data.training, order: order, capacity: plan.microBatch, depth: configuration.execution.prefetch)
    for epoch in 0..<configuration.epochs {
      // Of the epochs that are asked for there may be billions left.
      guard updates < totalUpdates, account.outcome == .completed else { break }
      try runEpoch(epoch, reader: reader, account: &account, report: report)
    }
    let (training, hash) = try close(&account)
    return RunRecord(
      command: command, startedAt: startedAt, configuration: configuration, machine: session.machine,
      ranks: ranks, threadsPerRank: session.threads, dataset: datasetFacts, model: modelFacts,
      stepsPerEpoch: plan.stepsPerEpoch, updates: updates, epochs: account.epochs,
      samplesPerSecond: account.samplesPerSecond(plan), stepSeconds: account.stepSeconds,
      ledger: LedgerSummary(summing: account.figures), finalTraining: training,
      outcome: account.outcome, weightsSHA256: hash)
  }

  /// What follows the last epoch, booked like everything else.
  private func close(_ account: inout RunAccount) throws -> (training: Quality?, weightsSHA256: String) {
    var ledger = Ledger(steps: 0)
    if account.outcome == .completed { account.outcome = try finalOutcome(account) }
    let isAsked = configuration.evaluation.trainingSet && account.outcome == .completed
    let training = isAsked ? try evaluate(data.training, &account) : nil
    ledger.lap(.evaluate)
    let hash = try finalHash(account.outcome)
    ledger.lap(.other)
    account.figures.append(try communicator.allGather(ledger.figures))
    return (training, hash)
  }

  /// What a run adds up as it goes.
  struct RunAccount {
    var epochs: [EpochRecord] = []
    /// For each epoch, each rank's ledger figures.
    var figures: [[[Double]]] = []
    var outcome = RunRecord.Outcome.completed
    /// For each epoch, the slowest rank's median over full steps, in seconds.
    var stepMedians: [Double] = []

    var stepSeconds: Double? { stepMedians.isEmpty ? nil : Spread(stepMedians).median }

    func samplesPerSecond(_ plan: GlobalBatchPlan) -> Double {
      if let stepSeconds, stepSeconds > 0 { return Double(plan.globalBatch) / stepSeconds }
      return epochs.last?.samplesPerSecond ?? 0
    }
  }

  private func runEpoch(
    _ epoch: Int, reader: BatchReader, account: inout RunAccount, report: (TrainingEvent) -> Void
  ) throws {
    let steps = min(plan.stepsPerEpoch, totalUpdates - updates)
    var ledger = Ledger(steps: steps)
    var sums = LossSums()
    var done = 0
    for step in 0..<steps {
      crowding.look()
      let outcome = try trainStep(step, reader: reader, ledger: &ledger, sums: &sums)
      if rank == 0, let notice = crowding.notice(ranksCrowded: arena.count(of: .crowded), of: ranks) {
        report(.notice(notice))
      }
      done += plan.positions(inStep: step).count
      if outcome != .updated {
        account.outcome = try ending(outcome, step: updates, sums)
        break
      }
      if rank == 0 { report(.step(progress(epoch, samples: done, sums))) }
      ledger.lap(.other)
    }
    let record = try closeEpoch(epoch, samples: done, sums, &ledger, &account)
    if rank == 0 { report(.epoch(record)) }
  }

  private func progress(_ epoch: Int, samples: Int, _ sums: LossSums) -> StepProgress {
    StepProgress(
      epoch: epoch + 1, epochs: configuration.epochs, updates: updates, totalUpdates: totalUpdates, samples: samples,
      loss: sums.loss / Double(max(sums.samples, 1)))
  }

  /// Evaluates, settles who waited for whom, and gathers every rank's account.
  private func closeEpoch(
    _ epoch: Int, samples: Int, _ sums: LossSums, _ ledger: inout Ledger, _ account: inout RunAccount
  ) throws -> EpochRecord {
    let training = try communicator.mean(of: sums)
    ledger.lap(.other)
    let isLast = updates == totalUpdates || epoch == configuration.epochs - 1
    let isDue = isLast || (epoch + 1) % configuration.evaluation.everyEpochs == 0
    let validation = isDue && account.outcome == .completed ? try evaluate(data.validation, &account) : nil
    ledger.lap(.evaluate)
    try settle(&ledger)
    let figures = try communicator.allGather(ledger.figures)
    let summary = LedgerSummary(ranks: figures)
    account.figures.append(figures)
    try noteStepSeconds(ledger, &account)
    let seconds = figures.map { trainingSeconds($0) }.max()!
    let record = EpochRecord(
      epoch: epoch + 1, updates: updates, seconds: seconds,
      samplesPerSecond: seconds > 0 ? Double(samples) / seconds : 0,
      learningRate: schedule.rate(step: max(updates - 1, 0)), training: training, validation: validation,
      weightDistance: ArenaNorms(layout: layout).distance(parameters, startingParameters), ledger: summary)
    account.epochs.append(record)
    return record
  }

  /// nil, and the end of the run, where a rank was asked to stop meanwhile.
  private func evaluate(_ dataset: any Dataset, _ account: inout RunAccount) throws -> Quality? {
    do { return try evaluate(dataset) } catch is Interruption.Asked {
      account.outcome = .interrupted(step: updates)
      return nil
    }
  }

  /// A rank's elapsed time without evaluation and checkpoints.
  private func trainingSeconds(_ figures: [Double]) -> Double {
    figures[Phase.allCases.count] - figures[Phase.evaluate.rawValue] - figures[Phase.checkpoint.rawValue]
  }

  /// Tells each rank when the last one arrived at each step's exchange.
  private func settle(_ ledger: inout Ledger) throws {
    var arrivals = ledger.exchanges.map { Int64($0.arrival) + clock.offset }
    try communicator.allReduce(inPlace: arrivals.mutableSpan, .maximum)
    ledger.settle(latestArrivals: arrivals.map { UInt64(max($0 - clock.offset, 0)) })
    ledger.lap(.other)
  }

  private func noteStepSeconds(_ ledger: Ledger, _ account: inout RunAccount) throws {
    // The last step of an epoch may be short; the first of a run prepares what later steps reuse.
    let isWhole = data.training.count % plan.globalBatch == 0
    var full = ledger.stepSeconds
    if !isWhole, full.count == plan.stepsPerEpoch, full.count > 1 { full.removeLast() }
    if account.epochs.isEmpty, full.count > 1 { full.removeFirst() }
    let median = full.isEmpty ? 0 : Spread(full).median
    account.stepMedians.append(try communicator.allReduce(median, .maximum))
  }

  /// A last update may have made what is no number, with no step after it to notice. Collective.
  private func finalOutcome(_ account: RunAccount) throws -> RunRecord.Outcome {
    let loss = account.epochs.last?.validation?.loss ?? 0
    let finding =
      !ArenaNorms(layout: layout).isFinite(parameters)
      ? "the last update made weights that are not finite"
      : loss.isFinite ? "" : "the final validation loss is not finite"
    let findings = try communicator.allGather(finding)
    guard let rank = findings.firstIndex(where: { !$0.isEmpty }) else { return .completed }
    return .diverged(step: updates, rank: rank, reason: "\(findings[rank]); \(lowerRates)")
  }

  /// Of a run that diverged rank 0 speaks: what is not a number has many forms, and ranks may have different ones.
  private func finalHash(_ outcome: RunRecord.Outcome) throws -> String {
    guard case .diverged = outcome else { return try requireEqualWeights() }
    return try communicator.allGather(weightsSHA256)[0]
  }

  private func ending(_ outcome: StepOutcome, step: Int, _ sums: LossSums) throws -> RunRecord.Outcome {
    switch outcome {
    case .inexact:
      let rank = try communicator.allGather(exchange.isExact ? 0 : 1).firstIndex(of: 1) ?? 0
      return .diverged(step: step, rank: rank, reason: inexactReason)
    case .notFinite:
      let rank = try communicator.allGather(sums.loss).firstIndex { !$0.isFinite } ?? 0
      return .diverged(step: step, rank: rank, reason: "the loss or the gradient is not finite; \(lowerRates)")
    case .updated, .interrupted: return .interrupted(step: step)
    }
  }

  var inexactReason: String {
    "a microbatch's gradient has an element above \(arena.exactSum?.largestTerm ?? 0), beyond which reproducible sums may "
      + "not be exact; lower the learning rate, normalise the data, or set execution.summation fast"
  }

  private var lowerRates: String {
    "lower learningRate.base" + (tables == nil ? "" : " or tables.learningRate.base") + ", or set optimizer.clipNorm"
  }
}

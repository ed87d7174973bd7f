import Batches
import Configuration
import Datasets
import Foundation
import Layers
import Measurement
import Statistics

/// The time that one kind of compute call takes, over repeats.
public struct CallTimes: Encodable, Equatable, Sendable {
  /// How many were timed, after a few that were not.
  public var calls: Int
  /// Wall-clock of a call, without reading its input.
  public var medianSeconds: Double
  /// Lower quartile of a call's wall-clock: a time that was measured, with nothing interpolated.
  public var lowerQuartileSeconds: Double
  /// Upper quartile of a call's wall-clock: a time that was measured, with nothing interpolated.
  public var upperQuartileSeconds: Double
  /// Mean over the calls, of all threads, without reading its input.
  public var cpuSeconds: Double

  /// - Parameters:
  ///   - seconds: of each call; at least one.
  ///   - cpuSeconds: of all calls together.
  public init(_ seconds: [Double], cpuSeconds: Double) {
    precondition(!seconds.isEmpty, "times of no calls")
    let sorted = seconds.sorted()
    calls = sorted.count
    medianSeconds = Spread(sorted).median
    lowerQuartileSeconds = sorted[sorted.count / 4]
    upperQuartileSeconds = sorted[sorted.count - 1 - sorted.count / 4]
    self.cpuSeconds = cpuSeconds / Double(sorted.count)
  }
}

/// The cost of a model's compute calls of so many examples, on one rank.
public struct CallTiming: Encodable, Equatable, Sendable {
  /// In each call.
  public var examples: Int
  /// Forward alone, as for evaluation; nil where it was not timed.
  public var prediction: CallTimes?
  /// Forward, backward and update; nil where training diverged.
  public var training: CallTimes?
}

extension Trainer {
  /// Calls before those that are timed: they prepare what later ones reuse.
  private static let callsToWarmUp = 3
  /// The most calls that are timed: enough to tell a median well.
  private static let mostCalls = 20_000

  /// Times calls of a whole global batch each, on the training data in its order. On one rank, whose microbatch is the
  /// global batch.
  ///
  /// - Returns: the run's record, without epochs, and the times; nil times where it was stopped.
  /// - Throws: `DatasetError` where the data cannot be read, `OneDNNError` where oneDNN fails.
  public func timeCalls(
    _ calls: StudyCalls, command: String
  ) throws -> (record: RunRecord, timing: CallTiming?) {
    guard configuration.contrastive == nil else {
      throw DatasetError("calls are timed of models that learn labels: remove contrastive or calls")
    }
    let startedAt = Date().ISO8601Format()
    Interruption.answer(with: .noting)
    let step = experiment.step(0)
    precondition(
      crew.ranks == 1 && step.microbatchCount == 1, "calls are timed on one rank, one microbatch each")
    crew.openAccount(steps: Self.mostCalls + Self.callsToWarmUp)
    let prediction = try timePredictions(calls)
    let (training, outcome) = try timeUpdates(calls)
    crew.ledger.lap(.other)
    let isStopped = if case .interrupted = outcome { true } else { false }
    let summary = LedgerSummary(ranks: [crew.ledger.figures])
    let record = RunRecord(
      command: command, startedAt: startedAt, configuration: configuration, machine: session.machine,
      ranks: crew.ranks, threadsPerRank: session.threads, dataset: datasetFacts, model: modelFacts,
      stepsPerEpoch: step.stepsInEpoch, updates: updates, epochs: [], samplesPerSecond: 0, ledger: summary,
      outcome: outcome, weightsSHA256: weightsSHA256)
    return (
      record, isStopped ? nil : CallTiming(examples: step.globalBatch, prediction: prediction, training: training)
    )
  }

  private func timePredictions(_ calls: StudyCalls) throws -> CallTimes? {
    let reader = try callReader()
    return try time(calls, reader) {
      // The first update then tells the outcome.
      if Interruption.isRequested { return nil }
      guard let batch = try reader.next() else { preconditionFailure("the reader ended") }
      crew.ledger.lap(.load)
      let pass = Pass(evaluating: batch)
      _ = try crew.objective.sums(of: crew.network.forward(batch.filledInputs, pass), labels: batch.filledLabels, pass)
      crew.ledger.lap(.forward)
      defer { reader.recycle(batch) }
      return batch.rows
    }
  }

  private func timeUpdates(_ calls: StudyCalls) throws -> (CallTimes?, RunRecord.Outcome) {
    // Reads in this thread, so that a call competes with nobody for its cores.
    try crew.readAhead(steps: updates..<Int.max, depth: 0)
    var failure: RunRecord.Outcome?
    let times = try time(calls, try callReader()) {
      let step = experiment.step(updates)
      let outcome = try self.step(step)
      if outcome == .updated { return step.globalBatch }
      failure = try ending(outcome)
      return nil
    }
    return (failure == nil ? times : nil, failure ?? .completed)
  }

  private func callReader() throws -> BatchReader {
    let order = TrainingOrder(plan: experiment.batches, seed: experiment.seed, rank: 0, ranks: 1, steps: 0..<Int.max)
    return try BatchReader(
      dataset: data.training, order: order, capacity: experiment.batches.microBatch, depth: 0)
  }

  /// Repeats a call, whose ledger says which part of it was reading.
  /// - Parameters:
  ///   - reader: reads as the call does.
  ///   - call: returns how many examples it had, nil to end.
  private func time(_ calls: StudyCalls, _ reader: BatchReader, _ call: () throws -> Int?) throws -> CallTimes? {
    for _ in 0..<Self.callsToWarmUp { if try call() == nil { return nil } }
    var seconds: [Double] = []
    seconds.reserveCapacity(Self.mostCalls)
    var shortCalls = 0
    crew.ledger.lap(.other)
    let began = crew.ledger.elapsedSeconds
    let cpu = ProcessUsage.cpuSeconds()
    while seconds.count < Self.mostCalls,
      seconds.count < calls.leastRepeats || crew.ledger.elapsedSeconds - began < calls.leastSeconds
    {
      let (start, loadedBefore) = (crew.ledger.elapsedSeconds, crew.ledger.seconds(.load))
      guard let examples = try call() else { return nil }
      let taken = crew.ledger.elapsedSeconds - start - (crew.ledger.seconds(.load) - loadedBefore)
      // The last call of an epoch may be short.
      if examples == configuration.globalBatch { seconds.append(taken) } else { shortCalls += 1 }
    }
    let used = ProcessUsage.cpuSeconds() - cpu
    let reading = try cpuSeconds(ofReading: seconds.count + shortCalls, from: reader)
    crew.ledger.lap(.load)
    let whole = Double(seconds.count) / Double(seconds.count + shortCalls)
    return CallTimes(seconds, cpuSeconds: max(0, used - reading) * whole)
  }

  /// Asking the system for CPU time around every read would cost more than a small call.
  private func cpuSeconds(ofReading count: Int, from reader: BatchReader) throws -> Double {
    let start = ProcessUsage.cpuSeconds()
    for _ in 0..<count { if let batch = try reader.next() { reader.recycle(batch) } }
    return ProcessUsage.cpuSeconds() - start
  }
}

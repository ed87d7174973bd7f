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
  public var lowerQuartileSeconds: Double
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

/// What a model's compute calls of so many examples cost, on one rank.
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
  /// So many calls tell a median well enough.
  private static let mostCalls = 20_000

  /// Times calls of a whole global batch each, on the training data in its order. On one rank, whose microbatch is the
  /// global batch.
  ///
  /// - Returns: the run's record, without epochs, and the times; nil times where it was stopped.
  public func timeCalls(
    _ calls: StudyCalls, command: String
  ) throws -> (record: RunRecord, timing: CallTiming?) {
    let startedAt = Date().ISO8601Format()
    Interruption.answer(with: .noting)
    precondition(ranks == 1 && plan.microBatch == plan.globalBatch, "calls are timed on one rank, one microbatch each")
    var ledger = Ledger(steps: Self.mostCalls + Self.callsToWarmUp)
    let prediction = try timePredictions(calls, &ledger)
    let (training, outcome) = try timeUpdates(calls, &ledger)
    ledger.lap(.other)
    let isStopped = if case .interrupted = outcome { true } else { false }
    let summary = LedgerSummary(ranks: [ledger.figures])
    let record = RunRecord(
      command: command, startedAt: startedAt, configuration: configuration, machine: session.machine, ranks: ranks,
      threadsPerRank: session.threads, dataset: datasetFacts, model: modelFacts, stepsPerEpoch: plan.stepsPerEpoch,
      updates: updates, epochs: [], samplesPerSecond: 0, ledger: summary, outcome: outcome,
      weightsSHA256: weightsSHA256)
    return (
      record, isStopped ? nil : CallTiming(examples: plan.globalBatch, prediction: prediction, training: training)
    )
  }

  private func timePredictions(_ calls: StudyCalls, _ ledger: inout Ledger) throws -> CallTimes? {
    let reader = try callReader()
    return try time(calls, reader, &ledger) { ledger in
      // The first update then tells the outcome.
      if Interruption.isRequested { return nil }
      guard let batch = try reader.next() else { preconditionFailure("the reader ended") }
      ledger.lap(.load)
      let pass = Pass(evaluating: batch)
      _ = try objective.sums(of: network.forward(batch.filledInputs, pass), labels: batch.filledLabels, pass)
      ledger.lap(.forward)
      defer { reader.recycle(batch) }
      return batch.rows
    }
  }

  private func timeUpdates(
    _ calls: StudyCalls, _ ledger: inout Ledger
  ) throws -> (CallTimes?, RunRecord.Outcome) {
    let reader = try callReader()
    var step = 0
    var failure: RunRecord.Outcome?
    let times = try time(calls, reader, &ledger) { ledger in
      var sums = LossSums()
      let outcome = try trainStep(step, reader: reader, ledger: &ledger, sums: &sums)
      step = (step + 1) % plan.stepsPerEpoch
      switch outcome {
      case .updated: return sums.samples
      case .interrupted: failure = .interrupted(step: updates)
      case .inexact: failure = .diverged(step: updates, rank: 0, reason: inexactReason)
      case .notFinite:
        failure = .diverged(step: updates, rank: 0, reason: "the loss or the gradient is not finite")
      }
      return nil
    }
    return (failure == nil ? times : nil, failure ?? .completed)
  }

  /// Reads in this thread, so that a call competes with nobody for its cores.
  private func callReader() throws -> BatchReader {
    let order = TrainingOrder(plan: plan, seed: configuration.seed, rank: 0, ranks: 1, epochs: .max)
    return try BatchReader(dataset: data.training, order: order, capacity: plan.microBatch, depth: 0)
  }

  /// Repeats a call, whose ledger says which part of it was reading.
  /// - Parameters:
  ///   - reader: that the call reads from.
  ///   - call: returns how many examples it had, nil to end.
  private func time(
    _ calls: StudyCalls, _ reader: BatchReader, _ ledger: inout Ledger, _ call: (inout Ledger) throws -> Int?
  ) throws -> CallTimes? {
    for _ in 0..<Self.callsToWarmUp { if try call(&ledger) == nil { return nil } }
    var seconds: [Double] = []
    seconds.reserveCapacity(Self.mostCalls)
    var shortCalls = 0
    ledger.lap(.other)
    let began = ledger.elapsedSeconds
    let cpu = ProcessUsage.cpuSeconds()
    while seconds.count < Self.mostCalls,
      seconds.count < calls.leastRepeats || ledger.elapsedSeconds - began < calls.leastSeconds
    {
      let (start, loadedBefore) = (ledger.elapsedSeconds, ledger.seconds(.load))
      guard let examples = try call(&ledger) else { return nil }
      let taken = ledger.elapsedSeconds - start - (ledger.seconds(.load) - loadedBefore)
      // The last call of an epoch may be short.
      if examples == plan.globalBatch { seconds.append(taken) } else { shortCalls += 1 }
    }
    let used = ProcessUsage.cpuSeconds() - cpu
    let reading = try cpuSeconds(ofReading: seconds.count + shortCalls, from: reader)
    ledger.lap(.load)
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

import Configuration
import Foundation
import Measurement
import Statistics
import Studies
import Training

/// A made-up study whose steps follow a known law, each rank on a host of its own: a + b · samples of a rank + a ring's
/// all-reduce, part of it hidden + waiting. Where shares differ, the step is that of the rank with most.
public struct SyntheticScaling: Sendable {
  /// a, in seconds.
  public var overhead = 0.002
  /// b, in seconds.
  public var perSample = 1e-5
  /// Of the computation.
  public var backwardShare = 0.5
  /// Seconds of a message and hop.
  public var latency = 5e-5
  /// Inverse bandwidth.
  public var secondsPerByte = 8e-9
  /// Of each step.
  public var bytes = 400_000
  /// Messages that they are cut into.
  public var buckets = 4
  /// Of what could be hidden at best.
  public var hidden = 0.0
  /// Standard deviation of ranks' times, in seconds.
  public var deviation = 0.0
  /// Factor by which each trial misses the law, one after the other, over and over.
  public var misses = [1.0]
  /// How many times longer than by the law batches of these sizes compute.
  public var paces: [Int: Double] = [:]
  /// How many machines the hosts are on; nil for one each.
  public var machines: Int?
  /// The study's largest rank count: after it microbatches of 256 samples at most are cut, which ranks share whole. nil shares
  /// every batch evenly.
  public var mostRanks: Int?

  public init() {}

  /// A study of these axes, with all its trials.
  public func study(
    globalBatch: [Int], ranks: [Int], seeds: [Int] = [1], target: Double? = nil
  ) -> (study: StudyConfiguration, records: [TrialRecord]) {
    var study = SyntheticStudy.study(
      name: "scaling", globalBatch: globalBatch, scaling: ["none"], seeds: seeds, ranks: ranks, target: target)
    study.cost.ranksPerNode = 1
    return (study, study.trials.enumerated().map { record($1, of: study, miss: misses[$0 % misses.count]) })
  }

  /// Seconds of the exchange by itself.
  public func exchange(ranks: Int) -> Double {
    let hops = Double(ranks - 1)
    return 2 * hops * latency * Double(buckets) + 2 * hops / Double(ranks) * Double(bytes) * secondsPerByte
  }

  /// Seconds of the exchange that the backward pass does not hide.
  public func exposed(globalBatch: Int, ranks: Int) -> Double {
    let whole = exchange(ranks: ranks)
    return whole - hidden * (1 - 1 / Double(buckets))
      * min(whole, backwardShare * compute(globalBatch: globalBatch, ranks: ranks))
  }

  /// Samples of each rank.
  public func shares(globalBatch: Int, ranks: Int) -> [Double] {
    guard let mostRanks else { return [Double](repeating: Double(globalBatch) / Double(ranks), count: ranks) }
    let parts = max(mostRanks, ranks)
    let size = min(256, (globalBatch + parts - 1) / parts)
    let count = (globalBatch + size - 1) / size
    return (0..<ranks).map { rank in
      let (start, end) = (count * rank / ranks * size, count * (rank + 1) / ranks * size)
      return Double(min(globalBatch, end) - min(globalBatch, start))
    }
  }

  /// Seconds outside the exchange, of the busiest rank.
  public func compute(globalBatch: Int, ranks: Int) -> Double {
    (overhead + perSample * shares(globalBatch: globalBatch, ranks: ranks).max()!) * paces[globalBatch, default: 1]
  }

  /// Seconds of waiting for the last rank.
  public func waiting(ranks: Int) -> Double {
    ranks > 1 ? deviation * Normal.quantile((Double(ranks) - 0.375) / (Double(ranks) + 0.25)) : 0
  }

  /// Seconds of a step.
  public func step(globalBatch: Int, ranks: Int) -> Double {
    compute(globalBatch: globalBatch, ranks: ranks) + exposed(globalBatch: globalBatch, ranks: ranks)
      + waiting(ranks: ranks)
  }

  /// Seconds outside the exchange where machines of two cores bear all hosts: while a rank computes, each of the others does with
  /// the share of the step that it computes in.
  private func crowded(globalBatch: Int, ranks: Int) -> Double {
    let alone = compute(globalBatch: globalBatch, ranks: ranks)
    guard let machines else { return alone }
    let rest = exposed(globalBatch: globalBatch, ranks: ranks) + waiting(ranks: ranks)
    let busiest = shares(globalBatch: globalBatch, ranks: ranks).max()!
    let others = (Double(ranks) / Double(machines) - 1) * Double(globalBatch) / Double(ranks) / busiest
    return (0..<100).reduce(alone) { found, _ in alone * max(1, (1 + others * found / (found + rest)) / 2) }
  }

  private func record(_ trial: Trial, of study: StudyConfiguration, miss: Double) -> TrialRecord {
    var record = SyntheticStudy.record(trial, of: study)
    let steps = Double(record.run.ledger.steps)
    let compute = crowded(globalBatch: trial.globalBatch, ranks: trial.ranks)
    let shares = shares(globalBatch: trial.globalBatch, ranks: trial.ranks)
    let own = shares.map { compute * (overhead + perSample * $0) / (overhead + perSample * shares.max()!) }
    func book(_ phase: Phase, _ seconds: (Double) -> Double) {
      record.run.ledger.phases[phase.name] = Spread(own.map { seconds($0) * steps * miss })
    }
    book(.load) { _ in 0 }
    book(.forward) { $0 * (1 - backwardShare) }
    book(.backward) { $0 * backwardShare }
    book(.update) { _ in 0 }
    book(.other) { _ in 0 }
    // Whoever has less waits for that too.
    book(.exchangeWait) { compute - $0 + waiting(ranks: trial.ranks) }
    book(.exchangeWire) { _ in trial.ranks > 1 ? exposed(globalBatch: trial.globalBatch, ranks: trial.ranks) : 0 }
    let exchange = trial.ranks > 1 ? exposed(globalBatch: trial.globalBatch, ranks: trial.ranks) : 0
    record.run.stepSeconds = miss * (compute + exchange + waiting(ranks: trial.ranks))
    record.run.ledger.exchangedBytes = trial.ranks > 1 ? bytes * Int(steps) : 0
    record.run.ledger.exchangedMessages = trial.ranks > 1 ? buckets * Int(steps) : 0
    record.run.overlap = hidden > 0 ? .thread : ExecutionConfiguration.Overlap.none
    record.run.machine.nodes = (0..<trial.ranks).map { "node\($0)" }
    record.run.machine.machines = machines
    return record
  }
}

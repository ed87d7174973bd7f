import Buffers
import Configuration
import Training

/// Which work of a study is to be timed again, as a pure function of its results.
package struct TimingRounds {
  package let study: StudyConfiguration
  /// Those that this job may time.
  package let trials: [Trial]

  package init(study: StudyConfiguration, trials: [Trial]) {
    self.study = study
    self.trials = trials
  }

  /// The next round, of the work that had the fewest; nil where all timings are worth something, or as good as they will get.
  package func next(_ records: [TrialRecord]) -> (trial: Trial, round: Int)? {
    var best: (trial: Trial, round: Int)?
    for (work, own) in groups(records.filter { !study.isSearch($0.trial) }) {
      guard let trial = trials.first(where: { self.work($0) == work }), let study = study.owner(of: trial) else {
        continue
      }
      let round = (own.compactMap(\.round).max() ?? 0) + 1
      guard Self.isWanted(own, study.measuring, round: round), round < best?.round ?? .max else { continue }
      best = (trial, round)
    }
    return best
  }

  private static func isWanted(_ records: [TrialRecord], _ timing: StudyTiming, round: Int) -> Bool {
    guard let pool = TimedEpochs(records, bound: timing.disturbedAbove), let run = records.first?.run else {
      return false
    }
    // Where there are fewer cores than the job's own threads, another time is no better.
    let isRoomy = run.machine.crowd(ranks: run.ranks, threads: run.threadsPerRank).isRoomy
    if pool.isDisturbed, isRoomy, round <= timing.retakes { return true }
    guard let interval = timing.interval, round < timing.atMost else { return false }
    return pool.intervalShare ?? .infinity > interval
  }

  /// Part and values that cost time.
  private struct Work: Hashable {
    let part: String?
    let values: AxisValues
  }

  private func work(_ trial: Trial) -> Work { Work(part: trial.part, values: trial.values.ofExecution) }

  /// In the order of the trials.
  private func groups(_ records: [TrialRecord]) -> [(Work, [TrialRecord])] {
    let timed = records.filter { $0.calls == nil && $0.run.finalOutcome == .completed }
    let groups = Dictionary(grouping: timed) { work($0.trial) }
    return trials.map(work).uniqued.compactMap { work in groups[work].map { (work, $0) } }
  }

  /// Epochs of a round, at most.
  private static let epochs = 3

  /// The trial's run, for its times alone: fewer epochs, and quality looked at once.
  package func run(for trial: Trial) -> RunConfiguration? {
    guard var run = study.run(for: trial) else { return nil }
    run.epochs = min(run.epochs, Self.epochs)
    run.evaluation = EvaluationConfiguration(everyEpochs: run.epochs)
    return run
  }
}

extension StudyConfiguration {
  /// These trials, of its own, in the order in which they run.
  package func ordered(_ trials: [Trial]) -> [Trial] {
    withEndsFirst(order == .file ? trials : shuffled(trials))
  }

  private func shuffled(_ trials: [Trial]) -> [Trial] {
    let random = Philox(run.seed, 0x7472_6961_6C73)
    let all = searches ? self.trials + firstTrials.filter(isSearch) : self.trials
    let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    // A result has the place of its trial without what was chosen for it.
    let chance = { (trial: Trial) in random.block(UInt64(places[trial] ?? places[trial.with(nil)] ?? 0), 0).x }
    // Parts have data of their own, and a study that is stopped early has every setting once before a second seed.
    struct Block: Hashable {
      let part: String?
      let seed: UInt64
    }
    let blocks = Dictionary(grouping: trials) { Block(part: $0.part, seed: $0.seed) }
    return trials.map { Block(part: $0.part, seed: $0.seed) }.uniqued.flatMap { block in
      blocks[block]!.sorted { chance($0) < chance($1) }
    }
  }
}

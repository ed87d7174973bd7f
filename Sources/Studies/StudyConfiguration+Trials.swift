import Configuration

extension StudyConfiguration {
  /// The study with its rank counts decided: all ranks of the job, where the file names none.
  public func filled(jobRanks: Int) -> StudyConfiguration {
    var study = self
    study.axes.ranks = axes.ranks ?? [jobRanks]
    return study
  }

  /// The product of the axes, each point once, in the order in which a study that is stopped early has learnt most:
  /// every batch size once before a second seed; the largest rank count, which is the quickest, first.
  ///
  /// At the base batch a scaling rule changes nothing, so that point is run once, as `none`, and belongs to the curve of
  /// every rule.
  public var trials: [Trial] {
    var seen: Set<Trial> = []
    var trials: [Trial] = []
    for seed in axes.seed {
      for ranks in rankCounts {
        for scaling in axes.scaling {
          for globalBatch in axes.globalBatch {
            let trial = Trial(
              globalBatch: globalBatch, scaling: canonical(scaling, globalBatch: globalBatch), seed: seed, ranks: ranks)
            if seen.insert(trial).inserted { trials.append(trial) }
          }
        }
      }
    }
    return trials
  }

  /// The run that a trial makes.
  public func run(for trial: Trial) -> RunConfiguration {
    run(
      globalBatch: trial.globalBatch, scaling: trial.scaling, seed: trial.seed, largestRankCount: rankCounts.first ?? 1)
  }

  /// The microbatch of every trial of this global batch, whatever its rank count.
  func microBatch(of globalBatch: Int) -> Int {
    microBatch(globalBatch: globalBatch, largestRankCount: rankCounts.first ?? 1)
  }

  /// Largest first.
  public var rankCounts: [Int] { Set(axes.ranks ?? [1]).sorted(by: >) }

  /// The rule under which a point is run: `none` where the rule changes nothing.
  func canonical(
    _ scaling: LearningRateConfiguration.Scaling, globalBatch: Int
  ) -> LearningRateConfiguration.Scaling {
    globalBatch == run.learningRate.baseBatch ? .none : scaling
  }
}

extension StudyConfiguration.Cost {
  /// Whole nodes: a part of a node cannot be rented.
  public func nodes(ranks: Int) -> Int { (ranks + max(1, ranksPerNode) - 1) / max(1, ranksPerNode) }

  /// In `currency`.
  public func money(seconds: Double, ranks: Int) -> Double {
    pricePerNodeHour * Double(nodes(ranks: ranks)) * seconds / 3600
  }
}

import Configuration

extension StudyConfiguration {
  /// The study with its rank counts decided: all ranks of the job, where the file names none.
  public func filled(jobRanks: Int) -> StudyConfiguration {
    var study = self
    study.axes.ranks = axes.ranks ?? [jobRanks]
    study.parts = parts?.map { part in
      var part = part
      part.study = part.study.filled(jobRanks: jobRanks)
      return part
    }
    return study
  }

  /// The product of the axes, each point once, in the order in which a study that is stopped early has learnt most:
  /// every batch size once before a second seed; the largest rank count, which is the quickest, first. Part by part.
  ///
  /// At the base batch a scaling rule changes nothing, so that point is run once, as `none`, and belongs to the curve of
  /// every rule.
  public var trials: [Trial] {
    if let parts { return parts.flatMap { part in part.study.trials.map { $0.placed(inPart: part.name) } } }
    var seen: Set<Trial> = []
    var trials: [Trial] = []
    for seed in axes.seed {
      for ranks in rankCounts {
        for variant in variantNames {
          for scaling in axes.scaling {
            for globalBatch in axes.globalBatch {
              let trial = Trial(
                globalBatch: globalBatch, scaling: canonical(scaling, globalBatch: globalBatch, variant: variant),
                seed: seed, ranks: ranks, variant: variant)
              if seen.insert(trial).inserted { trials.append(trial) }
            }
          }
        }
      }
    }
    return trials
  }

  /// The study that a trial belongs to: this one, or one of its parts; nil where it has no such part or variant.
  public func owner(of trial: Trial) -> StudyConfiguration? {
    if let parts { return parts.first { $0.name == trial.part }?.study.owner(of: trial.placed(inPart: nil)) }
    return trial.part == nil && variantNames.contains(trial.variant) ? self : nil
  }

  /// The run that a trial makes; nil for a trial of another study's part or variant.
  public func run(for trial: Trial) -> RunConfiguration? {
    guard let study = owner(of: trial) else { return nil }
    return study.run(
      globalBatch: trial.globalBatch, scaling: trial.scaling, seed: trial.seed,
      largestRankCount: study.rankCounts.first ?? 1, variant: trial.variant)
  }

  /// nil alone for a study without variants.
  public var variantNames: [String?] { variants.map { $0.map(\.name) } ?? [nil] }

  /// Largest first, of all parts.
  public var rankCounts: [Int] {
    if let parts { return Set(parts.flatMap(\.study.rankCounts)).sorted(by: >) }
    return Set(axes.ranks ?? [1]).sorted(by: >)
  }

  /// The rule under which a point is run: `none` where the rule changes nothing.
  func canonical(
    _ scaling: LearningRateConfiguration.Scaling, globalBatch: Int, variant: String?
  ) -> LearningRateConfiguration.Scaling {
    globalBatch == run(of: variant).learningRate.baseBatch ? .none : scaling
  }
}

extension StudyConfiguration.Cost {
  /// Whole nodes: a part of a node cannot be rented.
  public func nodes(ranks: Int) -> Int {
    let (whole, rest) = ranks.quotientAndRemainder(dividingBy: max(1, ranksPerNode))
    return whole + (rest > 0 ? 1 : 0)
  }

  /// In `currency`.
  public func money(seconds: Double, ranks: Int) -> Double {
    pricePerNodeHour * Double(nodes(ranks: ranks)) * seconds / 3600
  }
}

import Configuration
import Statistics
import Training

/// One place on a study's axes, over its seeds.
public struct StudyPoint: Encodable, Equatable, Sendable {
  public struct Place: Encodable, Hashable, Sendable {
    public var globalBatch: Int
    public var scaling: LearningRateConfiguration.Scaling
    public var ranks: Int
    /// nil where the study has no variants.
    public var variant: String?

    public init(
      globalBatch: Int, scaling: LearningRateConfiguration.Scaling, ranks: Int, variant: String? = nil
    ) {
      self.globalBatch = globalBatch
      self.scaling = scaling
      self.ranks = ranks
      self.variant = variant
    }
  }

  public struct Divergence: Encodable, Equatable, Sendable {
    public var seed: UInt64
    public var step: Int
    public var rank: Int
    public var reason: String
  }

  /// One epoch of the learning curve, mean over seeds.
  public struct CurvePoint: Encodable, Equatable, Sendable {
    public var epoch: Int
    public var trainingLoss: Estimate?
    public var trainingAccuracy: Estimate?
    public var validationLoss: Estimate?
    public var validationAccuracy: Estimate?
    public var validationAUC: Estimate?
  }

  public var place: Place
  /// This is the base batch, where no rule changes anything: the trials are those of the `none` curve.
  public var isShared: Bool
  /// After scaling, before the schedule.
  public var learningRate: Double
  public var microBatch: Int
  public var updatesPerEpoch: Int?
  /// Whose trials are averaged here.
  public var seeds: [UInt64]
  /// Results, shown but averaged into nothing.
  public var diverged: [Divergence]
  /// Asked for, not run yet.
  public var missingSeeds: [UInt64]
  public var estimates: [Measure: Estimate]
  /// nil where no trial completed.
  public var trainingSource: TrainingSource?
  /// An epoch's figures are scaled up from a part of one.
  public var isExtrapolated: Bool
  /// Where a target was stated: how many of `seeds` reached it.
  public var reachedTarget: Int?
  public var curve: [CurvePoint]

  public subscript(measure: Measure) -> Estimate? { estimates[measure] }
}

extension StudyPoint {
  /// - Parameter records: this place's finished trials, diverged ones too.
  init(
    _ place: Place, trialScaling: LearningRateConfiguration.Scaling, _ records: [TrialRecord],
    _ study: StudyConfiguration
  ) {
    let completed = records.filter { $0.run.finalOutcome == .completed }
    let finishedSeeds = Set(records.map(\.trial.seed))
    self.place = place
    isShared = place.scaling != trialScaling
    var rate = study.run(of: place.variant).learningRate
    rate.scaling = place.scaling
    learningRate = rate.scaledRate(globalBatch: place.globalBatch)
    microBatch =
      records.first?.run.configuration.microBatch
      ?? study.run(
        globalBatch: place.globalBatch, scaling: place.scaling, seed: 0, largestRankCount: study.rankCounts.first ?? 1,
        variant: place.variant
      ).microBatch
    updatesPerEpoch = records.first?.run.stepsPerEpoch
    seeds = completed.map(\.trial.seed)
    diverged = records.compactMap(Divergence.init)
    missingSeeds = study.trials.filter {
      $0.globalBatch == place.globalBatch && $0.scaling == trialScaling && $0.ranks == place.ranks
        && $0.variant == place.variant && !finishedSeeds.contains($0.seed)
    }.map(\.seed)
    estimates = Dictionary(over: completed.map { $0.measures(cost: study.cost, target: study.target) })
    let sources = Set(completed.map(\.trainingSource))
    trainingSource = sources.contains(.runningMean) ? .runningMean : sources.first
    isExtrapolated = completed.contains(where: \.isExtrapolated)
    reachedTarget = study.target == nil ? nil : estimates[.updatesToTarget]?.count ?? 0
    curve = Self.curve(completed)
  }

  /// Of the epochs that some record has.
  private static func curve(_ records: [TrialRecord]) -> [CurvePoint] {
    let epochs = Dictionary(grouping: records.flatMap(\.run.epochs), by: \.epoch)
    return epochs.sorted { $0.key < $1.key }.map { epoch, records in
      func estimate(_ figure: (EpochRecord) -> Double?) -> Estimate? {
        Estimate(records.compactMap(figure).filter(\.isFinite))
      }
      return CurvePoint(
        epoch: epoch, trainingLoss: estimate(\.training.loss),
        trainingAccuracy: estimate { $0.training.known?.accuracy },
        validationLoss: estimate { $0.validation?.loss },
        validationAccuracy: estimate { $0.validation?.known?.accuracy },
        validationAUC: estimate { $0.validation?.known?.areaUnderCurve })
    }
  }
}

extension StudyPoint.Divergence {
  fileprivate init?(_ record: TrialRecord) {
    guard case .diverged(let step, let rank, let reason) = record.run.finalOutcome else { return nil }
    self.init(seed: record.trial.seed, step: step, rank: rank, reason: reason)
  }
}

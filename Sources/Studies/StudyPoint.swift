import Configuration
import Statistics
import Training

/// One place on a study's axes, over its seeds.
public struct StudyPoint: Encodable, Equatable, Sendable {
  /// Where the trials lie that one point is over.
  public struct Place: OnAxes, Hashable, Sendable {
    /// Values on all axes but the seeds'.
    public var values: AxisValues

    /// A trial's place: its values without the seed.
    public init(_ values: AxisValues) { self.values = values.without(.seed) }

    /// On the axes of every study.
    public init(
      globalBatch: Int, scaling: LearningRateConfiguration.Scaling, ranks: Int, variant: String? = nil
    ) {
      values = AxisValues()
      values.globalBatch = globalBatch
      values.scaling = scaling
      values.ranks = ranks
      values.variant = variant
    }
  }

  /// A trial that ended in figures that are no numbers.
  public struct Divergence: Encodable, Equatable, Sendable {
    /// The trial's.
    public var seed: UInt64
    /// The update at which it was seen, from 1.
    public var step: Int
    /// The rank that saw it first.
    public var rank: Int
    /// The figure that was no number.
    public var reason: String
  }

  /// One epoch of the learning curve, mean over seeds.
  public struct CurvePoint: Encodable, Equatable, Sendable {
    /// From 1.
    public var epoch: Int
    /// Running mean over the epoch, in nats.
    public var trainingLoss: Estimate?
    /// Running mean over the epoch, as a fraction.
    public var trainingAccuracy: Estimate?
    /// After the epoch, in nats.
    public var validationLoss: Estimate?
    /// After the epoch, as a fraction.
    public var validationAccuracy: Estimate?
    /// After the epoch; models with one score only.
    public var validationAUC: Estimate?
    /// g of the epoch's batch and rate, where the study has schedules of batches; see `RunRecord.noiseScale`.
    public var noiseScale: Double?
    /// Samples of the epoch's updates, where the study has schedules of batches.
    public var globalBatch: Int?
    /// Over the epoch, in samples, of dense weights; nil where it was not measured or cannot be told.
    public var gradientNoise: Estimate?
  }

  /// Where it lies.
  public var place: Place
  /// This is the base batch, where no rule changes anything, and an earlier curve has its trials: each is in one point that is not.
  public var isShared: Bool
  /// After scaling, before the schedule.
  public var learningRate: Double
  /// Samples of a unit of work.
  public var microBatch: Int
  /// nil where no trial is known.
  public var updatesPerEpoch: Int?
  /// Whose trials are averaged here.
  public var seeds: [UInt64]
  /// Results, shown but averaged into nothing.
  public var diverged: [Divergence]
  /// Asked for, not run yet.
  public var missingSeeds: [UInt64]
  /// Over the completed trials; times of an epoch are those of all trials that compute the same.
  public var estimates: [Measure: Estimate]
  /// No timing of this work was left in peace.
  public var isDisturbed: Bool
  /// nil where no trial completed.
  public var trainingSource: TrainingSource?
  /// An epoch's figures are scaled up from a part of one.
  public var isExtrapolated: Bool
  /// Where a target was stated: how many of `seeds` reached it.
  public var reachedTarget: Int?
  /// The learning curve, a point for each epoch.
  public var curve: [CurvePoint]
  /// What its batch, rate and noise were; nil where the study has no schedule of batches, or no trial completed.
  public var stages: [Stage]?
  /// nil where distances were not measured.
  public var distances: DistanceCourse?
  /// nil where no way to another trial's weights was followed.
  public var interpolation: InterpolationCourse?

  /// nil where no completed trial has the measure.
  public subscript(measure: Measure) -> Estimate? { estimates[measure] }
}

extension StudyPoint {
  /// - Parameters:
  ///   - source: where its trials lie: at the base batch on the curve of no rule.
  ///   - records: its finished trials, diverged ones too.
  ///   - timing: of its work, where some trial completed it.
  init(
    _ place: Place, trialsAt source: Place, isShared: Bool, _ records: [TrialRecord], _ study: StudyConfiguration,
    _ timing: ExecutionPoint?
  ) {
    let completed = records.filter { $0.run.finalOutcome == .completed }
    let finishedSeeds = Set(records.map(\.trial.seed))
    self.place = place
    self.isShared = isShared
    let run = study.run(at: place.values, largestRankCount: max(1, study.rankCounts.first ?? 1))
    // A search may have chosen the rate.
    let configured = study.search == nil ? run : records.first?.run.configuration ?? run
    learningRate = configured.learningRate.scaledRate(globalBatch: place.globalBatch)
    microBatch = records.first?.run.configuration.microBatch ?? run.microBatch
    updatesPerEpoch = records.first?.run.stepsPerEpoch
    seeds = completed.map(\.trial.seed)
    diverged = records.compactMap(Divergence.init)
    missingSeeds = study.trials.filter { $0.place == source && !finishedSeeds.contains($0.seed) }.map(\.seed)
    let measures = completed.map {
      $0.measures(cost: study.cost, target: study.target, epochSeconds: timing?[.epochSeconds]?.value)
    }
    let timings = completed.isEmpty ? [:] : timing?.estimates.filter { $0.value.median != nil } ?? [:]
    estimates = Dictionary(over: measures).merging(timings) { $1 }
    isDisturbed = timing?.timing.isDisturbed ?? false
    let sources = Set(completed.map(\.trainingSource))
    trainingSource = sources.contains(.runningMean) ? .runningMean : sources.first
    isExtrapolated = completed.contains(where: \.isExtrapolated)
    reachedTarget = study.target == nil ? nil : estimates[.updatesToTarget]?.count ?? 0
    curve = Self.curve(completed)
    distances = DistanceCourse(completed.map(\.run))
    interpolation = InterpolationCourse(completed)
    guard study.schedulesBatches, let first = completed.first?.run else { return }
    stages = Self.stages(first)
    for (index, epoch) in zip(curve.indices, first.epochs) {
      curve[index].noiseScale = first.noiseScale(in: epoch)
      curve[index].globalBatch = first.globalBatch(in: epoch)
    }
  }

  /// A point for each epoch that some record has.
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
        validationAUC: estimate { $0.validation?.known?.areaUnderCurve },
        gradientNoise: estimate { $0.noise?.dense.noiseScale })
    }
  }
}

extension StudyPoint.Divergence {
  fileprivate init?(_ record: TrialRecord) {
    guard case .diverged(let step, let rank, let reason) = record.run.finalOutcome else { return nil }
    self.init(seed: record.trial.seed, step: step, rank: rank, reason: reason)
  }
}

extension StudyPoint.Place: Encodable {
  /// A value by each axis' key.
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}

extension Trial {
  /// Over all seeds.
  var place: StudyPoint.Place { StudyPoint.Place(values) }
}

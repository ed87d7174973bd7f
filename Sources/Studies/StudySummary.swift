import Configuration
import Training

/// All that a study found, as a pure function of its results.
public struct StudySummary: Codable, Equatable, Sendable {
  public static let currentVersion = 1

  public var version = Self.currentVersion
  public var study: StudyConfiguration
  public var provenance: Provenance
  /// By rank count (largest first), rule and global batch.
  public var points: [StudyPoint]
  /// By rank count (largest first) and global batch.
  public var execution: [ExecutionPoint]
  /// One for each rank count with two different global batches or more.
  public var stepTimeFits: [StepTimeFit]
  /// One for each global batch that ran on two different rank counts or more.
  public var rankScaling: [RankScaling]
  public var projection: Projection?
  public var recommendation: Recommendation?

  /// - Parameters:
  ///   - study: as stored, with its rank counts decided.
  ///   - records: its finished trials, in any order. Those that lie beside the study's axes (of an earlier, wider
  ///     version of it) count too.
  public init(_ study: StudyConfiguration, _ records: [TrialRecord]) {
    // Sums of floats depend on their order: a fixed one gives the same summary to the last bit.
    let records = records.sorted(by: Self.precedes)
    let completed = records.filter { $0.run.outcome == .completed }
    self.study = study
    provenance = Provenance(records)
    points = Self.points(study, records)
    execution = Self.execution(study, completed)
    stepTimeFits = Self.fits(completed)
    rankScaling = Self.scaling(execution)
    projection = Projection(completed)
    recommendation = Recommendation(points, study, validationSamples: records.first?.run.dataset.validationSamples)
  }

  /// The rank count that tables and figures show where they show only one: the largest.
  public var mainRanks: Int? { points.first?.place.ranks }

  public func points(ranks: Int, scaling: LearningRateConfiguration.Scaling) -> [StudyPoint] {
    points.filter { $0.place.ranks == ranks && $0.place.scaling == scaling }
  }

  /// Those of the axes, and those that only earlier results hold.
  public var scalings: [LearningRateConfiguration.Scaling] {
    points.reduce(into: []) { if !$0.contains($1.place.scaling) { $0.append($1.place.scaling) } }
  }

  public var finishedTrials: Int { ownPoints.reduce(0) { $0 + $1.seeds.count + $1.diverged.count } }
  public var divergedTrials: Int { ownPoints.reduce(0) { $0 + $1.diverged.count } }
  public var missingTrials: Int { ownPoints.reduce(0) { $0 + $1.missingSeeds.count } }

  /// Each trial once: of the curves that share the base batch, the first has it.
  private var ownPoints: [StudyPoint] {
    var seen: Set<StudyPoint.Place> = []
    return points.filter { point in
      var place = point.place
      place.scaling = study.canonical(place.scaling, globalBatch: place.globalBatch)
      return seen.insert(place).inserted
    }
  }
}

extension StudySummary {
  private static func points(_ study: StudyConfiguration, _ records: [TrialRecord]) -> [StudyPoint] {
    let trials = study.trials + records.map(\.trial)
    let batches = Set(trials.map(\.globalBatch)).sorted()
    let known = Set(trials.map { $0.place })
    let byPlace = Dictionary(grouping: records, by: \.trial.place)
    return Set(trials.map(\.ranks)).sorted(by: >).flatMap { ranks in
      scalings(study, records).flatMap { scaling in
        batches.compactMap { globalBatch in
          let place = StudyPoint.Place(globalBatch: globalBatch, scaling: scaling, ranks: ranks)
          var source = place
          source.scaling = study.canonical(scaling, globalBatch: globalBatch)
          guard known.contains(source) else { return nil }
          let own = (byPlace[source] ?? []).sorted { $0.trial.seed < $1.trial.seed }
          return StudyPoint(place, trialScaling: source.scaling, own, study)
        }
      }
    }
  }

  /// A trial at the base batch is stored as `none` and does not by itself make a curve of that rule.
  private static func scalings(
    _ study: StudyConfiguration, _ records: [TrialRecord]
  ) -> [LearningRateConfiguration.Scaling] {
    let recorded = records.map(\.trial).filter { $0.globalBatch != study.run.learningRate.baseBatch }.map(\.scaling)
    return LearningRateConfiguration.Scaling.allCases.filter { (study.axes.scaling + recorded).contains($0) }
  }

  private static func precedes(_ a: TrialRecord, _ b: TrialRecord) -> Bool {
    (a.trial.seed, a.trial.ranks, a.trial.scaling.rawValue, a.trial.globalBatch)
      < (b.trial.seed, b.trial.ranks, b.trial.scaling.rawValue, b.trial.globalBatch)
  }

  private static func execution(_ study: StudyConfiguration, _ completed: [TrialRecord]) -> [ExecutionPoint] {
    let groups = Dictionary(grouping: completed) { [$0.trial.ranks, $0.trial.globalBatch] }
    return groups.map { key, records in
      let measures = records.map { $0.measures(cost: study.cost, target: nil) }
      return ExecutionPoint(
        globalBatch: key[1], ranks: key[0], estimates: Dictionary(over: measures, only: Measure.ofExecution))
    }.sorted { ($1.ranks, $0.globalBatch) < ($0.ranks, $1.globalBatch) }
  }

  private static func fits(_ completed: [TrialRecord]) -> [StepTimeFit] {
    Dictionary(grouping: completed, by: \.trial.ranks).sorted { $0.key > $1.key }.compactMap { ranks, records in
      StepTimeFit(
        ranks: ranks,
        trials: records.compactMap { record in
          record.run.stepSeconds.map { (globalBatch: record.trial.globalBatch, seconds: $0) }
        })
    }
  }

  private static func scaling(_ execution: [ExecutionPoint]) -> [RankScaling] {
    Dictionary(grouping: execution, by: \.globalBatch).sorted { $0.key < $1.key }.compactMap { globalBatch, points in
      let seconds = points.compactMap { point in point[.epochSeconds].map { (point.ranks, $0.mean) } }
      return RankScaling(globalBatch: globalBatch, seconds: Dictionary(uniqueKeysWithValues: seconds))
    }
  }
}

extension Trial {
  var place: StudyPoint.Place { StudyPoint.Place(globalBatch: globalBatch, scaling: scaling, ranks: ranks) }
}

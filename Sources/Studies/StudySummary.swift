import Configuration
import Training

/// All that a study found, as a pure function of its results.
public struct StudySummary: Encodable, Equatable, Sendable {
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
  /// Of one variant only: another may compute something else.
  public var projection: Projection?
  /// Where calls were timed: one for each variant and kind.
  public var callCurves: [CallCurve]
  /// What points are judged by.
  public var judgedBy: JudgedQuality
  public var recommendation: Recommendation?
  /// In the file's order.
  public var claims: [ClaimFinding]

  /// Of a study without parts; for one with, see `StudyConfiguration.chapters`.
  ///
  /// - Parameters:
  ///   - study: as stored, with its rank counts decided.
  ///   - records: its finished trials, in any order. Those that lie beside the study's axes (of an earlier, wider
  ///     version of it) count too.
  public init(_ study: StudyConfiguration, _ records: [TrialRecord]) {
    // Sums of floats depend on their order: a fixed one gives the same summary to the last bit.
    let records = records.sorted(by: Self.precedes)
    let completed = records.filter { $0.run.finalOutcome == .completed }
    self.study = study
    provenance = Provenance(records)
    points = Self.points(study, records)
    execution = Self.execution(study, completed)
    stepTimeFits = Self.fits(completed, execution)
    rankScaling = Self.scaling(execution)
    projection = Set(completed.map(\.trial.variant)).count == 1 ? Projection(completed) : nil
    let points = points
    let curves = CallCurve.Kind.allCases.flatMap { kind in
      Self.variants(study, records).compactMap { CallCurve(kind, variant: $0, points, completed) }
    }
    callCurves = curves
    judgedBy = JudgedQuality(study, points)
    recommendation = Recommendation(
      points, study, judgedBy, validationSamples: records.first?.run.dataset.validationSamples)
    claims = (study.claims ?? []).map { ClaimFinding($0, points, curves) }
  }

  /// The rank count that tables and figures show where they show only one: the largest.
  public var mainRanks: Int? { points.first?.place.ranks }

  public func points(
    ranks: Int, scaling: LearningRateConfiguration.Scaling, variant: String? = nil
  ) -> [StudyPoint] {
    points.filter { $0.place.ranks == ranks && $0.place.scaling == scaling && $0.place.variant == variant }
  }

  /// What a line in a picture is drawn for: points of different global batches.
  public struct Curve: Hashable, Sendable {
    public var variant: String?
    public var scaling: LearningRateConfiguration.Scaling
  }

  /// Those of the axes, and those that only earlier results hold.
  public var curves: [Curve] {
    points.reduce(into: []) { curves, point in
      let curve = Curve(variant: point.place.variant, scaling: point.place.scaling)
      if !curves.contains(curve) { curves.append(curve) }
    }
  }

  /// nil alone where there are none.
  public var variants: [String?] {
    points.reduce(into: []) { if !$0.contains($1.place.variant) { $0.append($1.place.variant) } }
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
      place.scaling = study.canonical(place.scaling, globalBatch: place.globalBatch, variant: place.variant)
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
      variants(study, records).flatMap { variant in
        scalings(study, records).flatMap { scaling in
          batches.compactMap { globalBatch in
            let place = StudyPoint.Place(globalBatch: globalBatch, scaling: scaling, ranks: ranks, variant: variant)
            var source = place
            source.scaling = study.canonical(scaling, globalBatch: globalBatch, variant: variant)
            guard known.contains(source) else { return nil }
            let own = (byPlace[source] ?? []).sorted { $0.trial.seed < $1.trial.seed }
            return StudyPoint(place, trialScaling: source.scaling, own, study)
          }
        }
      }
    }
  }

  /// The study's, then those that only earlier results hold.
  private static func variants(_ study: StudyConfiguration, _ records: [TrialRecord]) -> [String?] {
    let own = study.variantNames
    let others = Set(records.map(\.trial.variant)).filter { !own.contains($0) }
    return own + others.sorted { ($0 ?? "") < ($1 ?? "") }
  }

  /// A trial at the base batch is stored as `none` and does not by itself make a curve of that rule.
  private static func scalings(
    _ study: StudyConfiguration, _ records: [TrialRecord]
  ) -> [LearningRateConfiguration.Scaling] {
    let recorded = records.map(\.trial).filter {
      $0.globalBatch != study.run(of: $0.variant).learningRate.baseBatch
    }.map(\.scaling)
    return LearningRateConfiguration.Scaling.allCases.filter { (study.axes.scaling + recorded).contains($0) }
  }

  private static func precedes(_ a: TrialRecord, _ b: TrialRecord) -> Bool {
    (a.trial.seed, a.trial.ranks, a.trial.variant ?? "", a.trial.scaling.rawValue, a.trial.globalBatch)
      < (b.trial.seed, b.trial.ranks, b.trial.variant ?? "", b.trial.scaling.rawValue, b.trial.globalBatch)
  }

  private static func execution(_ study: StudyConfiguration, _ completed: [TrialRecord]) -> [ExecutionPoint] {
    let order = variants(study, completed)
    let groups = Dictionary(grouping: completed.filter { $0.calls == nil }) { record in
      var place = record.trial.place
      place.scaling = .none
      return place
    }
    return groups.map { place, records in
      let measures = records.map { $0.measures(cost: study.cost, target: nil) }
      return ExecutionPoint(
        globalBatch: place.globalBatch, ranks: place.ranks, variant: place.variant,
        estimates: Dictionary(over: measures, only: Measure.ofExecution))
    }.sorted { a, b in
      let (first, second) = (order.firstIndex(of: a.variant) ?? 0, order.firstIndex(of: b.variant) ?? 0)
      return (b.ranks, first, a.globalBatch) < (a.ranks, second, b.globalBatch)
    }
  }

  private static func fits(_ completed: [TrialRecord], _ execution: [ExecutionPoint]) -> [StepTimeFit] {
    var curves: [(ranks: Int, variant: String?)] = []
    for point in execution where !curves.contains(where: { $0 == (point.ranks, point.variant) }) {
      curves.append((point.ranks, point.variant))
    }
    return curves.compactMap { curve in
      let records = completed.filter { $0.trial.ranks == curve.ranks && $0.trial.variant == curve.variant }
      return StepTimeFit(
        ranks: curve.ranks, variant: curve.variant,
        trials: records.compactMap { record in
          record.run.stepSeconds.map { (globalBatch: record.trial.globalBatch, seconds: $0) }
        })
    }
  }

  private static func scaling(_ execution: [ExecutionPoint]) -> [RankScaling] {
    let variants = execution.reduce(into: [String?]()) { if !$0.contains($1.variant) { $0.append($1.variant) } }
    return variants.flatMap { variant in
      let own = execution.filter { $0.variant == variant }
      return Dictionary(grouping: own, by: \.globalBatch).sorted { $0.key < $1.key }.compactMap { globalBatch, points in
        let seconds = points.compactMap { point in point[.epochSeconds].map { (point.ranks, $0.mean) } }
        return RankScaling(
          globalBatch: globalBatch, variant: variant, seconds: Dictionary(uniqueKeysWithValues: seconds))
      }
    }
  }
}

extension Trial {
  var place: StudyPoint.Place {
    StudyPoint.Place(globalBatch: globalBatch, scaling: scaling, ranks: ranks, variant: variant)
  }
}

import Configuration
import Training

/// All that a study found, as a pure function of its results.
public struct StudySummary: Encodable, Equatable, Sendable {
  /// Version of `results.json`.
  public static let currentVersion = 1

  /// Version of this summary's form.
  public var version = Self.currentVersion
  /// As stored.
  public var study: StudyConfiguration
  /// Where the figures come from.
  public var provenance: Provenance
  /// In the order of rank count (largest first), rule and global batch.
  public var points: [StudyPoint]
  /// In the order of rank count (largest first) and global batch.
  public var execution: [ExecutionPoint]
  /// Times that work was timed again.
  public var timingRounds: Int
  /// One for each rank count with two different global batches or more.
  public var stepTimeFits: [StepTimeFit]
  /// One for each global batch that ran on two different rank counts or more.
  public var rankScaling: [RankScaling]
  /// One for each batch a rank that ran on two different rank counts or more.
  public var weakScaling: [WeakScaling]
  /// A projection of one kind of trials only: others may compute something else.
  public var projection: Projection?
  /// Why there is none, where there is one kind of trials.
  public var projectionObstacle: String?
  /// Where calls were timed: one for each variant and kind.
  public var callCurves: [CallCurve]
  /// The quality that points are judged by.
  public var judgedBy: JudgedQuality
  /// nil where no completed trial has the quality that is judged.
  public var recommendation: Recommendation?
  /// Where the study searches: what was found at each place.
  public var searches: [SearchFinding]?
  /// Where the study states a target that two batches or more reached: steps to it against the batch, one for each curve.
  public var goals: [GoalCurve]?
  /// Of trials that start from saved models; nil where none do.
  public var criticalBatches: [CriticalBatch]?
  /// In the file's order.
  public var claims: [ClaimFinding]

  /// The summary of a study without parts; for one with, see `StudyConfiguration.chapters`.
  ///
  /// - Parameters:
  ///   - study: as stored, with its rank counts decided.
  ///   - records: its finished trials, in any order. Those that lie beside the study's axes (of an earlier, wider
  ///     version of it) count too.
  public init(_ study: StudyConfiguration, _ records: [TrialRecord]) {
    // Sums of floats depend on their order: a fixed one gives the same summary to the last bit.
    let all = records.sorted(by: Self.precedes)
    searches = SearchFinding.all(study, all)
    let records = study.results(all)
    let completed = records.filter { $0.run.finalOutcome == .completed }
    self.study = study
    provenance = Provenance(records.isEmpty ? all : records)
    execution = Self.execution(study, completed)
    timingRounds = records.filter { $0.round != nil }.count
    points = Self.withoutHopeless(Self.points(study, records.filter { $0.round == nil }, execution), searches)
    let calm = Self.calm(completed, study)
    stepTimeFits = Self.fits(calm, execution, study)
    rankScaling = Self.scaling(execution.filter { !$0.timing.isDisturbed })
    weakScaling = WeakScaling.all(execution.filter { !$0.timing.isDisturbed })
    let points = points
    let curves = CallCurve.Kind.allCases.flatMap { kind in
      points.map(\.place.callCurve).uniqued.compactMap { CallCurve(kind, $0, points, completed) }
    }
    callCurves = curves
    judgedBy = JudgedQuality(study, hasArea: points.contains { $0[.validationAUC] != nil })
    recommendation = Recommendation(
      points, records, study, judgedBy, validationSamples: records.first?.run.dataset.validationSamples)
    let (quality, figures) = (judgedBy, SeedFigures(study, records))
    let goals = GoalCurve.all(study, points, figures)
    self.goals = goals.isEmpty ? nil : goals
    let criticalBatches = CriticalBatch.all(study, points)
    self.criticalBatches = criticalBatches.isEmpty ? nil : criticalBatches
    claims = (study.claims ?? []).map {
      ClaimFinding($0, points, curves, goals, criticalBatches, quality, figures)
    }
    guard Set(completed.map(\.trial.executionKind)).count == 1 else { return }
    do { projection = try Projection(self, calm.isEmpty ? completed : calm) } catch { projectionObstacle = "\(error)" }
  }

  /// The rank count that tables and figures show where they show only one: the largest.
  public var mainRanks: Int? { points.first?.place.ranks }

  /// - Returns: those of different global batches.
  public func points(on curve: Curve, ranks: Int) -> [StudyPoint] {
    points.filter { $0.place.ranks == ranks && Curve($0.place) == curve }
  }

  /// Those of one curve of a study without further axes, by global batch.
  public func points(ranks: Int, scaling: LearningRateConfiguration.Scaling, variant: String? = nil) -> [StudyPoint] {
    points.filter { $0.place.ranks == ranks && $0.place.scaling == scaling && $0.place.variant == variant }
  }

  /// A line in a picture: points of different global batches.
  public struct Curve: OnAxes, Hashable, Sendable {
    /// Values on all axes but the batches', the ranks' and the seeds'.
    public var values: AxisValues

    /// The one that a place lies on.
    package init(_ place: StudyPoint.Place) { values = place.values.without(.globalBatch, .ranks) }
  }

  /// Those of the axes, and those that only earlier results hold.
  public var curves: [Curve] { points.map { Curve($0.place) }.uniqued }

  /// nil alone where there are none.
  public var variants: [String?] {
    points.map(\.place.variant).uniqued
  }

  /// Axes that the points lie on, besides those of every study and variants.
  public var furtherAxes: [Axis] { Axis.further.filter { axis in points.contains { $0.place.values[axis] != nil } } }

  /// Those of the axes, and those that only earlier results hold.
  public var scalings: [LearningRateConfiguration.Scaling] {
    points.map(\.place.scaling).uniqued
  }

  /// Diverged ones too.
  public var finishedTrials: Int { ownPoints.reduce(0) { $0 + $1.seeds.count + $1.diverged.count } }
  /// Diverged trials among the finished ones.
  public var divergedTrials: Int { ownPoints.reduce(0) { $0 + $1.diverged.count } }
  /// Asked for, not run yet.
  public var missingTrials: Int {
    ownPoints.reduce(0) { $0 + $1.missingSeeds.count } + (searches ?? []).reduce(0) { $0 + $1.missing }
  }

  /// Each trial once.
  private var ownPoints: [StudyPoint] { points.filter { !$0.isShared } }
}

extension StudySummary {
  /// Where every trial of a search diverged nothing is left to run.
  private static func withoutHopeless(_ points: [StudyPoint], _ searches: [SearchFinding]?) -> [StudyPoint] {
    let hopeless = Set((searches ?? []).filter { $0.choice == .nothing }.map(\.values))
    return points.map { point in
      var point = point
      if hopeless.contains(point.place.values.without(.ranks)) { point.missingSeeds = [] }
      return point
    }
  }

  private static func points(
    _ study: StudyConfiguration, _ records: [TrialRecord], _ execution: [ExecutionPoint]
  ) -> [StudyPoint] {
    let timings = Dictionary(uniqueKeysWithValues: execution.map { ($0.values, $0) })
    let sources = (study.trials + records.map(\.trial)).map(\.place).uniqued
    let byPlace = Dictionary(grouping: records, by: \.trial.place)
    let rules = scalings(study, records)
    let variants = variants(study, records)
    let places = sources.flatMap { source in
      let curves = onCurves(of: rules, source, study)
      return curves.map { (place: $0, source: source, isShared: $0 != curves[0], order: order($0, variants, rules)) }
    }
    return places.sorted { $0.order.lexicographicallyPrecedes($1.order) }.map { place, source, isShared, _ in
      let own = (byPlace[source] ?? []).sorted { $0.trial.seed < $1.trial.seed }
      return StudyPoint(place, trialsAt: source, isShared: isShared, own, study, timings[source.values.ofExecution])
    }
  }

  /// A base batch is on the curve of every rule.
  private static func onCurves(
    of rules: [LearningRateConfiguration.Scaling], _ source: StudyPoint.Place, _ study: StudyConfiguration
  ) -> [StudyPoint.Place] {
    guard study.isBase(source.values) else { return [source] }
    guard source.scaling == .none else { return [] }
    let places = rules.map { rule in
      var place = source
      place.scaling = rule
      return place
    }
    // Of a variant that is not run with every rule there is one curve, the trials' own.
    return places.allSatisfy { study.isRun(variant: $0.variant, at: $0.values) } ? places : [source]
  }

  /// Largest rank count first; within it by variant, further axes, rule and global batch.
  private static func order(
    _ place: StudyPoint.Place, _ variants: [String?], _ rules: [LearningRateConfiguration.Scaling]
  ) -> [AxisValue] {
    // The complement turns the order round, and is a number for each.
    [.whole(~place.ranks), .whole(variants.firstIndex(of: place.variant) ?? 0)]
      + Axis.further.map { place.values[$0] ?? .number(-.infinity) }
      + [.whole(rules.firstIndex(of: place.scaling) ?? 0), .whole(place.globalBatch)]
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
    let recorded = records.map(\.trial).filter { !study.isBase($0.values) }.map(\.scaling)
    return LearningRateConfiguration.Scaling.allCases.filter { (study.axes.scaling + recorded).contains($0) }
  }

  private static func precedes(_ a: TrialRecord, _ b: TrialRecord) -> Bool {
    func order(_ trial: Trial) -> [AxisValue] {
      [.seed(trial.seed), .whole(trial.ranks), .word(trial.variant ?? "")]
        + Axis.further.map { trial.values[$0] ?? .number(-.infinity) }
        + [.word(trial.scaling.rawValue), .whole(trial.globalBatch)]
    }
    return order(a.trial).lexicographicallyPrecedes(order(b.trial))
  }

  private static func execution(_ study: StudyConfiguration, _ completed: [TrialRecord]) -> [ExecutionPoint] {
    let variants = variants(study, completed)
    let groups = Dictionary(grouping: completed.filter { $0.calls == nil }, by: \.trial.values.ofExecution)
    return groups.map { values, records in
      ExecutionPoint(values, records, study)
    }.map { (point: $0, order: order(StudyPoint.Place($0.values), variants, [])) }
      .sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.point)
  }

  /// Those of which at least an epoch was left in peace.
  private static func calm(_ completed: [TrialRecord], _ study: StudyConfiguration) -> [TrialRecord] {
    completed.filter { TimedEpochs([$0], bound: study.measuring.disturbedAbove)?.isDisturbed != true }
  }

  private static func fits(
    _ completed: [TrialRecord], _ execution: [ExecutionPoint], _ study: StudyConfiguration
  ) -> [StepTimeFit] {
    execution.map { $0.values.without(.globalBatch) }.uniqued.compactMap { values in
      let records = completed.filter { $0.trial.values.ofExecution.without(.globalBatch) == values }
      return StepTimeFit(
        values,
        trials: records.compactMap { record in
          TimedEpochs([record], bound: study.measuring.disturbedAbove)?.stepSeconds.map {
            (globalBatch: record.trial.globalBatch, seconds: $0)
          }
        })
    }
  }

  /// Rank scaling of each global batch, in order, each variant's together.
  private static func scaling(_ execution: [ExecutionPoint]) -> [RankScaling] {
    execution.map { $0.values.without(.ranks, .globalBatch) }.uniqued.flatMap { line in
      let own = execution.filter { $0.values.without(.ranks, .globalBatch) == line }
      return Dictionary(grouping: own, by: \.globalBatch).sorted { $0.key < $1.key }.compactMap { _, points in
        let times = points.compactMap { point in point[.epochSeconds].map { (point.ranks, $0) } }
        return RankScaling(points[0].values.without(.ranks), times: Dictionary(uniqueKeysWithValues: times))
      }
    }
  }
}

extension Array where Element: Equatable {
  /// Each once, in the order in which they come first.
  package var uniqued: [Element] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}

import Configuration
import Training

/// A figure that is told beforehand, and where it may lie.
public struct AdvisedFigure: Encodable, Equatable, Sendable {
  /// What the model says.
  public var value: Double
  /// The lower end.
  public var low: Double
  /// The upper end.
  public var high: Double

  /// A figure and its ends.
  public init(_ value: Double, _ low: Double, _ high: Double) { (self.value, self.low, self.high) = (value, low, high) }

  /// Whether a figure lies between the ends, which belong to it.
  public func contains(_ figure: Double) -> Bool { figure >= low && figure <= high }

  /// The same in another unit, or a product with a figure of its own ends; factors are not below 0.
  func times(_ other: AdvisedFigure) -> AdvisedFigure {
    AdvisedFigure(value * other.value, low * other.low, high * other.high)
  }

  func times(_ factor: Double) -> AdvisedFigure { times(AdvisedFigure(factor, factor, factor)) }
}

/// What one run with its gradient noise, and one short timing of batches, say of other global batches before any of them is trained:
/// updates, samples, time and money to the run's goal.
public struct Advice: Encodable, Equatable, Sendable {
  /// What a step's time rests on.
  public enum Basis: String, Encodable, Sendable {
    /// The batch was timed.
    case timed
    /// A line through batches that were, on both sides of it.
    case line
    /// Beyond all of them.
    case extrapolated
  }

  /// A global batch.
  public struct Row: Encodable, Equatable, Sendable {
    /// Samples of an update.
    public var globalBatch: Int
    /// To the goal.
    public var updates: AdvisedFigure
    /// Samples of those.
    public var examples: AdvisedFigure
    /// One for each rank count that was timed.
    public var prices: [Price]
  }

  /// Time and money of a batch on so many ranks.
  public struct Price: Encodable, Equatable, Sendable {
    /// How many compute.
    public var ranks: Int
    /// Of a step.
    public var stepSeconds: AdvisedFigure
    /// What that rests on.
    public var basis: Basis
    /// Training to the goal.
    public var seconds: AdvisedFigure
    /// In the timing study's currency.
    public var cost: AdvisedFigure
  }

  /// A batch on a rank count that is best in something.
  public struct Choice: Encodable, Equatable, Sendable {
    /// Samples of an update.
    public var globalBatch: Int
    /// How many compute.
    public var ranks: Int
    /// Training to the goal.
    public var seconds: AdvisedFigure
    /// In the timing study's currency.
    public var cost: AdvisedFigure
    /// The best batches were the noise scale at the ends of its range: from the least of them, to the most.
    public var leastBatch: Int
    /// The largest of them.
    public var mostBatch: Int
  }

  /// A batch of a sweep beside what was told of it.
  public struct Comparison: Encodable, Equatable, Sendable {
    /// Samples of an update.
    public var globalBatch: Int
    /// To the goal, as told.
    public var updates: AdvisedFigure
    /// The geometric mean over seeds, at the batch's best rate.
    public var measured: Double

    /// Whether the measured figure lies where it was told to.
    public var isInside: Bool { updates.contains(measured) }
  }

  /// The noise scale of a run overestimates the critical batch: of McCandlish et al. 2018, table 1, classifiers of images and the
  /// language model have critical batches of an eighth to three quarters of it. The upper end leaves room for its own error.
  public static let noiseFactors = 0.125...2.0

  /// Samples of the run's first updates.
  public var globalBatch: Int
  /// Samples of the training set.
  public var trainingSamples: Int
  /// The goal; nil for as far as the run came.
  public var target: StudyConfiguration.Target?
  /// The run's way to it.
  public var course: NoiseCourse
  /// By batch.
  public var rows: [Row]
  /// nil where nothing was timed.
  public var quickest: Choice?
  /// nil where nothing was timed.
  public var cheapest: Choice?
  /// Empty where no sweep was given.
  public var comparisons: [Comparison]
  /// For money.
  public var cost: StudyConfiguration.Cost?
}

/// What is asked.
public struct AdviceQuestion: Sendable {
  /// nil for as far as the run came, or, with a sweep, the sweep's.
  public var target: StudyConfiguration.Target?
  /// nil for the run's times powers of two, and those of the studies.
  public var batches: [Int]?
  /// Timed batches; nil for none.
  public var timings: ProjectionSubject?
  /// A sweep of the same model and data, to stand beside the advice; nil for none.
  public var sweep: ProjectionSubject?

  /// As far as the run came, in updates and samples.
  public init() {}
}

extension Advice {
  /// - Parameter name: the run's, for errors.
  /// - Throws: `StudyError` where the run has no gradient noise, diverged, did not reach the target, or a study does not fit.
  public init(_ run: RunRecord, name: String, _ question: AdviceQuestion) throws {
    if case .diverged = run.finalOutcome { throw StudyError("\(name) diverged: there is nothing to go by") }
    try question.timings.map { try Self.requireSame($0, as: run, name, "timing study") }
    try question.sweep.map { try Self.requireSame($0, as: run, name, "sweep") }
    let curve = try question.sweep.map(Self.curve)
    target = try question.target ?? question.sweep.map(Self.target)
    course = try NoiseCourse(run, name: name, epochs: try Self.epochs(run, name, target))
    globalBatch = run.configuration.globalBatch
    trainingSamples = run.dataset.trainingSamples
    cost = question.timings?.summary.study.cost
    let steps = question.timings.map { TimedSteps.all($0.summary) } ?? []
    if question.timings != nil, steps.isEmpty {
      throw StudyError(
        "the timing study holds no two undisturbed batches on one rank count, as a step's time needs: time two or more batches while "
          + "nothing else computes, or raise its timing.disturbedAbove")
    }
    let measured = curve?.points ?? []
    let batches = try Self.batches(question, run, steps.flatMap(\.batches) + measured.map(\.globalBatch))
    let (course, cost) = (course, cost)
    let slack = target.map { _ in Slack(course, samples: run.dataset.trainingSamples) }
    rows = batches.map { Row($0, course, slack, steps, cost) }
    quickest = Choice(rows, course) { ($0.seconds.value, $0.cost.value) }
    cheapest = Choice(rows, course) { ($0.cost.value, $0.seconds.value) }
    comparisons = measured.map {
      Comparison(
        globalBatch: $0.globalBatch, updates: course.figure(atBatch: $0.globalBatch, slack), measured: $0.steps)
    }
  }

  private static func requireSame(_ study: ProjectionSubject, as run: RunRecord, _ name: String, _ what: String) throws
  {
    for other in study.records.map(\.run) {
      guard other.configuration.model == run.configuration.model else {
        throw StudyError("the \(what) is of another model than \(name): nothing of the one holds for the other")
      }
      guard let theirs = other.dataset.checksum, let ours = run.dataset.checksum, theirs != ours else { continue }
      throw StudyError(
        "the \(what) learned from other data (\(other.dataset.name), checksum \(theirs)) than \(name) (\(run.dataset.name), \(ours))"
      )
    }
  }

  private static func target(_ sweep: ProjectionSubject) throws -> StudyConfiguration.Target {
    guard let target = sweep.summary.study.target else {
      throw StudyError(
        "the sweep states no target, so it has no updates to it: give it one (target: {validationLoss: …})")
    }
    return target
  }

  /// The one curve of a sweep.
  private static func curve(_ sweep: ProjectionSubject) throws -> GoalCurve {
    _ = try target(sweep)
    let curves = (sweep.summary.goals ?? []).filter { !$0.points.isEmpty }
    guard let curve = curves.first else { throw StudyError("no batch of the sweep reached its target with every seed") }
    guard curves.count == 1 else {
      throw StudyError(
        "the sweep has \(curves.count) curves to its target, and one stands beside advice: take one with --only")
    }
    return curve
  }

  /// As many as the goal took.
  private static func epochs(_ run: RunRecord, _ name: String, _ target: StudyConfiguration.Target?) throws -> Int {
    guard let target else {
      guard run.updates > 0 else { throw StudyError("\(name) made no update") }
      return run.epochs.count
    }
    guard let first = run.epochs.firstIndex(where: { $0.validation?.known.map(target.isReached(by:)) ?? false }) else {
      throw StudyError(
        "\(name) did not reach the target, \(target.quality.measure.rawValue) \(target.value), and nothing is extrapolated: give a "
          + "target that it reached, or train it for longer")
    }
    return first + 1
  }

  /// Powers of two from an eighth of the run's to 64 times.
  private static func batches(_ question: AdviceQuestion, _ run: RunRecord, _ others: [Int]) throws -> [Int] {
    let (own, samples) = (run.configuration.globalBatch, run.dataset.trainingSamples)
    if let most = question.batches?.max(), most > samples {
      throw StudyError("a global batch of \(most) is more than the training set's \(samples) samples: ask for less")
    }
    let usual = (-3...6).map { $0 < 0 ? own >> -$0 : own << $0 }
    return Set(question.batches ?? usual + others).filter { 1...samples ~= $0 }.sorted()
  }
}

extension NoiseCourse {
  /// Updates to the goal, over all of `Advice.noiseFactors`: they change one way with the noise.
  ///
  /// - Parameter slack: nil where the goal is no quality.
  fileprivate func figure(atBatch globalBatch: Int, _ slack: Slack?) -> AdvisedFigure {
    let factors = Advice.noiseFactors
    let ends = [factors.lowerBound, factors.upperBound].map { updates(atBatch: globalBatch, noiseTimes: $0) }
    let epoch = slack.map { $0.samples / Double(globalBatch) } ?? 0
    return AdvisedFigure(
      updates(atBatch: globalBatch), min(ends[0], ends[1]) * (1 - (slack?.lastShare ?? 0)),
      max(ends[0], ends[1]) + epoch)
  }
}

/// Qualities are known at the ends of epochs: the run reached its goal somewhere in its last, and another batch would be seen to at the
/// end of one.
private struct Slack {
  /// Of the run's updates.
  let lastShare: Double
  /// Of an epoch.
  let samples: Double

  init(_ course: NoiseCourse, samples: Int) {
    lastShare = Double(course.stretches[course.stretches.count - 1].updates) / Double(max(1, course.updates))
    self.samples = Double(samples)
  }
}

extension Advice.Row {
  fileprivate init(
    _ globalBatch: Int, _ course: NoiseCourse, _ slack: Slack?, _ steps: [TimedSteps], _ cost: StudyConfiguration.Cost?
  ) {
    let updates = course.figure(atBatch: globalBatch, slack)
    self.globalBatch = globalBatch
    self.updates = updates
    examples = updates.times(Double(globalBatch))
    prices = steps.compactMap { steps in
      guard let (step, basis) = steps.seconds(atBatch: globalBatch), let cost else { return nil }
      let seconds = updates.times(step)
      return Advice.Price(
        ranks: steps.ranks, stepSeconds: step, basis: basis, seconds: seconds,
        cost: seconds.times(cost.money(seconds: 1, ranks: steps.ranks)))
    }
  }
}

extension Advice.Choice {
  private typealias Place = (row: Advice.Row, price: Advice.Price)

  /// The least by two figures; nil where nothing was timed.
  fileprivate init?(_ rows: [Advice.Row], _ course: NoiseCourse, by order: (Advice.Price) -> (Double, Double)) {
    let places = rows.flatMap { row in row.prices.map { (row: row, price: $0) } }
    guard let best = places.min(by: { order($0.price) < order($1.price) }) else { return nil }
    let factors = Advice.noiseFactors
    let ends = [factors.lowerBound, 1, factors.upperBound].compactMap { factor -> Int? in
      places.min { a, b in Self.key(a, course, factor, order) < Self.key(b, course, factor, order) }?.row.globalBatch
    }
    self.init(
      globalBatch: best.row.globalBatch, ranks: best.price.ranks, seconds: best.price.seconds, cost: best.price.cost,
      leastBatch: ends.min() ?? best.row.globalBatch, mostBatch: ends.max() ?? best.row.globalBatch)
  }

  /// Time and money both follow the updates.
  private static func key(
    _ place: Place, _ course: NoiseCourse, _ factor: Double, _ order: (Advice.Price) -> (Double, Double)
  ) -> (Double, Double) {
    let scale =
      course.updates(atBatch: place.row.globalBatch, noiseTimes: factor)
      / course.updates(atBatch: place.row.globalBatch)
    let (first, second) = order(place.price)
    return (first * scale, second * scale)
  }
}

import Configuration
import Foundation
import Statistics

/// Steps and examples to the study's target against the global batch, each batch at its best rate: Shallue et al. 2019, "Measuring
/// the effects of data parallelism on neural network training", McCandlish et al. 2018 and Golmant et al. 2018.
public struct GoalCurve: OnAxes, Equatable, Sendable {
  /// A batch at which every seed reached the target.
  public struct Point: Encodable, Equatable, Sendable {
    /// Samples of an update.
    public var globalBatch: Int
    /// After scaling, before the schedule: of the setting that takes the fewest updates.
    public var learningRate: Double
    /// To the end of the first epoch that reached it, of each seed.
    public var updates: [Double]
    /// The geometric mean.
    public var steps: Double

    /// Samples that those updates take.
    public var examples: Double { steps * Double(globalBatch) }
  }

  /// The time and money of a batch at its best rate, on some ranks.
  public struct Price: Encodable, Equatable, Sendable {
    /// Samples of an update.
    public var globalBatch: Int
    /// How many computed.
    public var ranks: Int
    /// Training time to the target.
    public var seconds: Double
    /// In the study's currency.
    public var cost: Double
  }

  /// A line through logarithms at one end of the batches.
  public struct Slope: Encodable, Equatable, Sendable {
    /// Of log₂ steps by log₂ batch: −1 is perfect scaling, 0 no gain.
    public var slope: Double
    /// Student's, over batches and seeds.
    public var interval: Interval?
    /// Those that it is taken over.
    public var batches: [Int]
  }

  /// On all axes but the batches', the ranks' and the rates'.
  public var values: AxisValues
  /// In the order of the batches.
  public var points: [Point]
  /// Batches at which no setting had every seed reach the target: in no figure, since the seeds that did would be the quick ones.
  public var unreached: [Int]
  /// Over the three smallest batches; nil for fewer than three.
  public var smallSlope: Slope?
  /// Over the three largest.
  public var largeSlope: Slope?
  /// nil for fewer than two batches.
  public var knee: ScalingKnee?
  /// nil for fewer than four batches, or where the bend is not among them.
  public var fit: HyperbolaFit?
  /// Of every batch and rank count.
  public var prices: [Price]

  /// The price that is least in money, of equal ones in time; nil where no time is known.
  public var cheapest: Price? { prices.min { ($0.cost, $0.seconds) < ($1.cost, $1.seconds) } }
  /// The price that is least in time.
  public var fastest: Price? { prices.min { ($0.seconds, $0.cost) < ($1.seconds, $1.cost) } }

  /// Batches of a slope.
  public static let batchesOfSlope = 3
}

extension GoalCurve {
  /// One for each curve of which a batch reached the target, and one where none did.
  static func all(_ study: StudyConfiguration, _ points: [StudyPoint], _ figures: SeedFigures) -> [GoalCurve] {
    guard study.target != nil, study.calls == nil else { return [] }
    let main = points.first?.place.ranks
    let trained = points.filter { !$0.seeds.isEmpty || !$0.diverged.isEmpty }
    return trained.map { curve($0.place) }.uniqued.map { values in
      let own = trained.filter { curve($0.place) == values }
      return GoalCurve(values, own.filter { $0.place.ranks == main }, prices: own, figures, seed: study.run.seed)
    }.filter { $0.points.count + $0.unreached.count > 1 }
  }

  /// Rates are what each batch is at its best of.
  private static func curve(_ place: StudyPoint.Place) -> AxisValues {
    place.values.without(.globalBatch, .ranks, .scaling, .learningRate, .tableRate)
  }

  /// - Parameters:
  ///   - main: points on one rank count.
  ///   - prices: points on all.
  private init(
    _ values: AxisValues, _ main: [StudyPoint], prices all: [StudyPoint], _ figures: SeedFigures, seed: UInt64
  ) {
    let byBatch = Dictionary(grouping: main, by: \.place.globalBatch).sorted { $0.key < $1.key }
    let best = byBatch.map { batch, points in (batch, Self.best(points, figures)) }
    self.values = values
    points = best.compactMap { $0.1?.point }
    unreached = best.filter { $0.1 == nil }.map(\.0)
    let chosen = Set(best.compactMap { $0.1?.place.values.without(.ranks) })
    prices = all.filter { chosen.contains($0.place.values.without(.ranks)) }.compactMap(Price.init)
    let (batches, steps) = (points.map { Double($0.globalBatch) }, points.map(\.updates))
    smallSlope = Slope(points.prefix(Self.batchesOfSlope))
    largeSlope = Slope(points.suffix(Self.batchesOfSlope))
    knee = ScalingKnee(batches: batches, steps: steps, seed: seed)
    fit = HyperbolaFit(batches: batches, steps: points.map(\.steps))
  }

  /// The setting with the fewest updates of those that every seed reached the target with.
  private static func best(
    _ points: [StudyPoint], _ figures: SeedFigures
  ) -> (place: StudyPoint.Place, point: Point)? {
    let reached = points.compactMap { point -> (place: StudyPoint.Place, point: Point)? in
      let updates = figures(.updatesToTarget, at: point.place).sorted { $0.key < $1.key }.map(\.value)
      guard point.diverged.isEmpty, !updates.isEmpty, updates.count == point.seeds.count, updates.allSatisfy({ $0 > 0 })
      else { return nil }
      return (
        point.place,
        Point(
          globalBatch: point.place.globalBatch, learningRate: point.learningRate, updates: updates,
          steps: updates.geometricMean)
      )
    }
    return reached.min { $0.point.steps < $1.point.steps }
  }
}

extension GoalCurve.Price {
  /// nil where no time is known.
  init?(_ point: StudyPoint) {
    guard let seconds = point[.secondsToTarget]?.value, let cost = point[.costToTarget]?.value,
      point.reachedTarget == point.seeds.count
    else { return nil }
    self.init(globalBatch: point.place.globalBatch, ranks: point.place.ranks, seconds: seconds, cost: cost)
  }
}

extension GoalCurve.Slope {
  /// nil for fewer batches than a slope is taken over.
  init?(_ points: ArraySlice<GoalCurve.Point>) {
    guard points.count == GoalCurve.batchesOfSlope else { return nil }
    let pairs = points.flatMap { point in point.updates.map { (log2(Double(point.globalBatch)), log2($0)) } }
    guard let line = LinearFit(x: pairs.map(\.0), y: pairs.map(\.1)) else { return nil }
    let reach = line.slopeError.map { StudentT(degrees: Double(pairs.count - 2)).quantile(0.975) * $0 }
    self.init(
      slope: line.slope,
      interval: reach.map { Interval(lower: line.slope - $0, upper: line.slope + $0, level: 0.95) },
      batches: points.map(\.globalBatch))
  }
}

extension GoalCurve {
  /// Whether a batch lies at or below the critical one, or above it, as far as its interval tells.
  public enum Side: String, Encodable, Sendable { case atOrBelow, above, undecided }

  /// nil where no critical batch is known.
  public func side(of batch: Int) -> Side? {
    fit.map { fit in
      if Double(batch) <= fit.interval.lower { return .atOrBelow }
      return Double(batch) > fit.interval.upper ? .above : .undecided
    }
  }
}

extension GoalCurve: Encodable {
  private enum CodingKeys: String, CodingKey {
    case points, unreached, smallSlope, largeSlope, knee, fit, prices
  }

  /// The values beside the figures.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(points, forKey: .points)
    try container.encode(unreached, forKey: .unreached)
    try container.encodeIfPresent(smallSlope, forKey: .smallSlope)
    try container.encodeIfPresent(largeSlope, forKey: .largeSlope)
    try container.encodeIfPresent(knee, forKey: .knee)
    try container.encodeIfPresent(fit, forKey: .fit)
    try container.encode(prices, forKey: .prices)
  }
}

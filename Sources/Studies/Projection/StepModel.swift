import Glibc
import Interconnect
import Statistics

/// A training step's time against samples of its busiest rank, ranks and nodes, as fitted to a study:
/// a + b · samples + what the exchange exposes + waiting.
struct StepModel {
  /// Seconds outside the exchange against samples of the busiest rank, threads alone on their cores.
  let compute: LinearFit
  /// The same of the backward pass.
  let backward: LinearFit
  /// How many times longer than by the line a step of each global batch that was run computes: a study cuts its batches into
  /// microbatches of different sizes, on which the rate of kernels depends.
  let paces: [Int: Double]
  let waiting: WaitingFit
  private(set) var exchange: ExchangeModel
  let range: MeasuredRange
  /// Trials that it was fitted to.
  let trials: Int
  /// Standard deviation of the fitted steps' misses, as a share of the step; nil where as many trials as coefficients leave
  /// nothing to tell it from.
  private(set) var missShare: Double?
  /// Trials, less the coefficients that they decide: one of each global batch, and how a rank's share of it matters.
  private let freedom: Int
  /// How many standard errors an interval reaches; nil as above.
  private let reach: Double?

  /// A place of the model.
  struct Place: Equatable {
    /// Whose pace counts, where the study has it; nil for none.
    var globalBatch: Int?
    /// Of the busiest rank, for which the others wait.
    var samples: Double
    /// Of a rank in the mean.
    var meanSamples: Double
    var ranks: Int
    var nodes: Int
    /// nil where every thread has a core.
    var crowd: Crowd?
  }

  /// A step there.
  struct Step {
    var terms: StepTerms
    /// Seconds of the exchange by itself, hidden too.
    var exchangeSeconds: Double
    /// Where the step's seconds lie; nil where that cannot be told.
    var interval: Interval?
  }

  /// - Parameter exchange: its model, of the figures and seconds of the backward pass of each.
  /// - Throws: `StudyError` where no line can be fitted, and what `exchange` throws.
  init(_ figures: [StepFigures], exchange: ([StepFigures], (StepFigures) -> Double) throws -> ExchangeModel) throws {
    let samples = figures.map(\.samples)
    let seconds = figures.map { $0.compute / $0.crowding }
    guard let compute = LinearFit.relative(x: samples, y: seconds), compute.slope > 0 else {
      throw StudyError(Self.noLine(samples))
    }
    // As compute, of which it is a part: small steps count as much as large ones.
    let backwardSeconds = figures.map { $0.backward / $0.crowding }
    let backward =
      LinearFit.relative(x: samples, y: backwardSeconds) ?? LinearFit(x: samples, y: backwardSeconds) ?? compute
    let paces = Self.paces(figures, compute)
    self.compute = compute
    self.backward = backward
    self.paces = paces
    waiting = WaitingFit(figures)
    self.exchange = try exchange(figures) {
      max(0, backward($0.samples)) * paces[$0.globalBatch, default: 1] * $0.crowding
    }
    range = MeasuredRange(figures)
    trials = figures.count
    freedom = trials - paces.count - 1
    reach = freedom > 0 ? StudentT(degrees: Double(freedom)).quantile((1 + Self.level) / 2) : nil
    missShare = try misses(of: figures)
  }

  /// The same with gradients of half the bytes.
  var narrowed: StepModel {
    var model = self
    model.exchange.load.halve()
    return model
  }

  private static func paces(_ figures: [StepFigures], _ line: LinearFit) -> [Int: Double] {
    Dictionary(grouping: figures, by: \.globalBatch).mapValues { figures in
      let pace = figures.map { $0.compute / $0.crowding / line($0.samples) }.geometricMean
      return pace.isFinite && pace > 0 ? pace : 1
    }
  }

  private static func noLine(_ samples: [Double]) -> String {
    guard Set(samples).count > 1 else {
      let rank = samples.first.map { "all its finished trials have \($0) samples a rank" } ?? "no trial has finished"
      return "a step's time a + b·B takes two batches, and \(rank): add a second value to axes.globalBatch, "
        + "and run the study again"
    }
    return "no line a + b·B fits the study's steps: their time does not grow with the samples of a rank; "
      + "add larger values to axes.globalBatch, and run the study again"
  }

  /// Throws `NetworkError` where the network's model says nothing of such ranks.
  func step(_ place: Place) throws -> Step {
    var found = try step(place, crowding: 1)
    guard let crowd = place.crowd, !crowd.isRoomy else { return found }
    // How long ranks compute and how many do so at once depend on each other.
    for _ in 0..<Self.rounds {
      let terms = found.terms
      let busy = (terms.overhead + terms.compute) / terms.seconds * place.meanSamples / place.samples
      found = try step(place, crowding: crowd.factor(busy: busy))
    }
    return found
  }

  private static let rounds = 20

  /// - Parameter crowding: how many times longer a rank computes than with cores of its own.
  private func step(_ place: Place, crowding: Double) throws -> Step {
    let pace = place.globalBatch.flatMap { paces[$0] } ?? 1
    let overhead = max(0, compute.intercept) * pace
    let growing = max(0, seconds(of: compute, samples: place.samples) * pace - overhead)
    let shown = try exchange.exposure(
      samples: place.meanSamples, backward: seconds(of: backward, samples: place.samples) * pace * crowding,
      ranks: place.ranks, nodes: place.nodes)
    let terms = StepTerms(
      overhead: overhead * crowding, compute: growing * crowding, latency: shown.latency,
      bandwidth: max(0, shown.exposed.seconds - shown.latency),
      waiting: waiting(compute: (overhead + growing) * crowding, ranks: place.ranks))
    return Step(
      terms: terms, exchangeSeconds: shown.exchange, interval: interval(place, terms, shown.exposed, crowding))
  }

  /// A line that would go below 0 is left at the fewest samples measured, for one through the origin: less work takes less
  /// time, but none takes none.
  private func seconds(of line: LinearFit, samples: Double) -> Double {
    let fewest = range.fewestSamples
    guard line.intercept < 0, samples < fewest else { return max(0, line(samples)) }
    return max(0, line(fewest)) * samples / fewest
  }

  private static let level = 0.95
  /// Two runs of the same differ by as much.
  private static let leastMiss = 0.02

  /// Squares of four errors add up: the line's; the misses seen, more with each doubling beyond what was measured; that waiting
  /// beyond it may grow not at all or twice as much; the exchange's own ends.
  private func interval(_ place: Place, _ terms: StepTerms, _ exposed: NetworkEstimate, _ crowding: Double)
    -> Interval?
  {
    guard let missShare, let reach, let line = compute.standardError(at: place.samples) else { return nil }
    let seen = waiting(compute: terms.overhead + terms.compute, ranks: min(place.ranks, range.mostRanks))
    let distance = range.distance(samples: place.samples, ranks: place.ranks, nodes: place.nodes)
    let errors = [
      reach * line * crowding, max(Self.leastMiss, reach * missShare) * (1 + distance) * terms.seconds,
      terms.waiting - seen,
    ]
    // As factors: a step takes some time, however far off it is.
    func factor(_ wire: Double) -> Double {
      1 + errors.reduce(wire * wire) { $0 + $1 * $1 }.squareRoot() / terms.seconds
    }
    let lower = terms.seconds / factor(exposed.seconds - exposed.low)
    let upper = terms.seconds * factor(exposed.high - exposed.seconds)
    return lower <= upper && upper.isFinite ? Interval(lower: lower, upper: upper, level: Self.level) : nil
  }

  private func misses(of figures: [StepFigures]) throws -> Double? {
    guard freedom > 0 else { return nil }
    let squares = try figures.reduce(0) { sum, figure in
      let step = try step(Place(figure))
      let miss = step.terms.seconds / figure.step - 1
      return sum + miss * miss
    }
    return (squares / Double(freedom)).squareRoot()
  }
}

extension StepModel.Place {
  /// A trial's.
  init(_ figures: StepFigures) {
    self.init(
      globalBatch: figures.globalBatch, samples: figures.samples, meanSamples: figures.meanSamples,
      ranks: figures.ranks, nodes: figures.nodes,
      crowd: figures.crowd)
  }
}

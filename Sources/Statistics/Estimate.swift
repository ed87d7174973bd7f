/// A figure over repetitions: of seeds, whose mean and spread are of interest, or of timings of equal work, whose median is.
public struct Estimate: Encodable, Equatable, Sendable {
  /// Arithmetic, in the values' unit.
  public var mean: Double
  /// With n − 1; nil for a single value, which says nothing about its spread, and of timings, which are no normal distribution.
  public var standardDeviation: Double?
  /// Of timings; nil for other figures.
  public private(set) var median: Double?
  /// Where the timings' true median lies, whatever their distribution; nil for five timings or fewer.
  public private(set) var medianInterval: Interval?
  /// How many values.
  public var count: Int

  /// - Returns: nil for no values.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.mean
    self.mean = mean
    count = values.count
    guard values.count > 1 else { return }
    // Figures so large that their squares are no numbers are scaled by the largest first.
    let plain = Self.deviation(of: values, from: mean)
    let scale = values.map(abs).max() ?? 1
    standardDeviation =
      plain.isFinite ? plain : scale * Self.deviation(of: values.map { $0 / scale }, from: mean / scale)
  }

  /// - Returns: nil for no values.
  public static func ofTimings(_ values: [Double]) -> Estimate? {
    guard var estimate = Estimate(values) else { return nil }
    estimate.standardDeviation = nil
    estimate.median = values.median
    estimate.medianInterval = values.medianInterval()
    return estimate
  }

  /// The figure to show: the median of timings, the mean of all else.
  public var value: Double { median ?? mean }

  /// The timings as another figure that follows from each: money, which rises with them, or a rate, which falls, and whose mean
  /// is then that of all work over all time.
  public func ofTimings(_ figure: (Double) -> Double) -> Estimate {
    var other = self
    other.mean = figure(mean)
    other.median = median.map(figure)
    other.medianInterval = medianInterval.map {
      let ends = [figure($0.lower), figure($0.upper)]
      return Interval(lower: ends.min()!, upper: ends.max()!, level: $0.level)
    }
    return other
  }

  private static func deviation(of values: [Double], from mean: Double) -> Double {
    (values.squares(around: mean) / Double(values.count - 1)).squareRoot()
  }

  /// Standard error of the mean: standard deviation ÷ √n; nil for a single value.
  public var standardError: Double? { standardDeviation.map { $0 / Double(count).squareRoot() } }

  /// Student's interval of the mean: mean ± t · standard error, with n − 1 degrees of freedom. It supposes values from a
  /// normal distribution; over a few seeds nothing can show that they are.
  ///
  /// - Parameter level: in 0 < level < 1.
  /// - Returns: nil for a single value.
  public func interval(level: Double = 0.95) -> Interval? {
    standardError.map { error in
      let reach = StudentT(degrees: Double(count - 1)).quantile((1 + level) / 2) * error
      return Interval(lower: mean - reach, upper: mean + reach, level: level)
    }
  }
}

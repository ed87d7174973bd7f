import Buffers

/// An interval of any figure of a sample, by drawing the sample again and again from itself: Efron 1979, "Bootstrap methods:
/// another look at the jackknife".
public struct Bootstrap: Sendable {
  /// Whose draws are the same on every machine.
  public var seed: UInt64
  /// How many samples are drawn.
  public var resamples: Int

  /// - Parameter resamples: how many; at least one.
  public init(seed: UInt64, resamples: Int = 10_000) {
    precondition(resamples > 0, "a bootstrap of \(resamples) resamples")
    self.seed = seed
    self.resamples = resamples
  }

  /// Between quantiles of the resamples' figures, moved by their bias and by how the figure's error changes with the figure:
  /// Efron 1987, "Better bootstrap confidence intervals" (BCa).
  ///
  /// - Parameters:
  ///   - level: in 0 < level < 1.
  ///   - figure: of a sample of as many values.
  /// - Returns: nil for fewer than two values, or where a resample's figure is not finite.
  public func interval(
    of values: [Double], level: Double = 0.95, _ figure: ([Double]) -> Double
  ) -> Interval? {
    guard values.count > 1 else { return nil }
    let drawn = (0..<resamples).map { figure(resample(values, $0)) }.sorted()
    guard drawn.allSatisfy(\.isFinite) else { return nil }
    let whole = figure(values)
    guard let first = drawn.first, let last = drawn.last, first < last else {
      return Interval(lower: whole, upper: whole, level: level)
    }
    let acceleration = Self.acceleration(values, figure)
    let bias = Self.bias(drawn, whole)
    func end(_ share: Double) -> Double {
      let z = bias + Normal.quantile(share)
      return drawn.sortedQuantile(Normal.cumulative(bias + z / (1 - acceleration * z)))
    }
    return Interval(lower: end((1 - level) / 2), upper: end((1 + level) / 2), level: level)
  }

  /// Where the sample's figure lies among the resamples', as a normal quantile; equal ones count half.
  private static func bias(_ drawn: [Double], _ whole: Double) -> Double {
    let below = drawn.reduce(0.0) { $0 + ($1 < whole ? 1 : $1 == whole ? 0.5 : 0) }
    // A figure beyond all resamples counts as beyond all but half of one.
    return Normal.quantile(min(max(below, 0.5), Double(drawn.count) - 0.5) / Double(drawn.count))
  }

  /// From the figures of the samples that lack one value (the jackknife).
  private static func acceleration(_ values: [Double], _ figure: ([Double]) -> Double) -> Double {
    let lacking = values.indices.map { index in
      var rest = values
      rest.remove(at: index)
      return figure(rest)
    }
    let mean = lacking.mean
    let (squares, cubes) = lacking.reduce((0.0, 0.0)) {
      let miss = mean - $1
      return ($0.0 + miss * miss, $0.1 + miss * miss * miss)
    }
    return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
  }

  /// Value i of resample r follows from the seed, r and i alone.
  private func resample(_ values: [Double], _ number: Int) -> [Double] {
    let philox = Philox(key: seed)
    return values.indices.map { index in
      let word = philox.block(UInt64(index / 4), UInt64(number))[index % 4]
      return values[Int((UInt64(word) * UInt64(values.count)) >> 32)]
    }
  }
}

import Buffers
import Glibc

/// The batch up to which more samples in a batch save as many steps to a goal, read off the measurements without a law: there the
/// examples to the goal, batch × steps, have come to twice the fewest of any batch, on straight lines between the batches in log
/// and log.
public struct ScalingKnee: Encodable, Equatable, Sendable {
  /// In samples; nil where no batch takes twice the examples.
  public var batch: Double?
  /// Where 95 % of such intervals hold it; nil where no batch was repeated. An infinite end: not bounded by these batches.
  public var interval: Interval?

  /// How many times as many examples as the fewest.
  public static let factor = 2.0
  private static let resamples = 2000

  /// Repetitions scatter alike at all batches, in logarithms: so much is drawn around each batch's mean, with the larger spread of
  /// Student's distribution for what few repetitions tell of it, and the knee read off each time (a parametric bootstrap).
  ///
  /// - Parameters:
  ///   - batches: in samples, rising, each once.
  ///   - steps: to the goal, of each batch's repetitions.
  ///   - seed: of the draws.
  /// - Returns: nil for fewer than two batches, one without repetitions, or figures that are not positive.
  public init?(batches: [Double], steps: [[Double]], seed: UInt64) {
    precondition(batches.count == steps.count, "\(batches.count) batches for \(steps.count) numbers of steps")
    let logs = steps.map { $0.map { log($0) } }
    guard batches.count > 1, batches.allSatisfy({ $0 > 0 && $0.isFinite }),
      zip(batches, batches.dropFirst()).allSatisfy(<),
      logs.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isFinite) })
    else { return nil }
    let (logBatches, means) = (batches.map { log($0) }, logs.map(\.mean))
    let knee = Self.knee(logBatches, means)
    batch = knee.isFinite ? exp(knee) : nil
    guard let spread = PooledSpread(logs) else { return }
    let wider = StudentT(degrees: Double(spread.degrees)).quantile(0.975) / Normal.quantile(0.975)
    let errors = logs.map { spread.deviation * wider / Double($0.count).squareRoot() }
    let drawn = (0..<Self.resamples).map { Self.knee(logBatches, Self.draw(means, errors, seed, $0)) }.sorted()
    interval = Interval(
      lower: exp(drawn[Self.resamples / 40]), upper: exp(drawn[Self.resamples - 1 - Self.resamples / 40]), level: 0.95)
  }

  /// Its logarithm; infinite where there is none.
  private static func knee(_ logBatches: [Double], _ logSteps: [Double]) -> Double {
    let examples = zip(logBatches, logSteps).map(+)
    guard let fewest = examples.indices.min(by: { examples[$0] < examples[$1] }) else { return .infinity }
    let bound = examples[fewest] + log(factor)
    guard let above = examples.indices.dropFirst(fewest + 1).first(where: { examples[$0] >= bound }) else {
      return .infinity
    }
    let share = (bound - examples[above - 1]) / (examples[above] - examples[above - 1])
    return logBatches[above - 1] + share * (logBatches[above] - logBatches[above - 1])
  }

  /// Follows from the seed and the number alone.
  private static func draw(_ means: [Double], _ errors: [Double], _ seed: UInt64, _ number: Int) -> [Double] {
    let random = Philox(seed, 0x6B6E_6565)
    return zip(means, errors).enumerated().map { index, value in
      let words = random.block(UInt64(index), UInt64(number))
      return value.0 + value.1 * Double(Philox.normals(words.x, words.y, deviation: 1).0)
    }
  }
}

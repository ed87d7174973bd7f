import Buffers
import Statistics
import Testing

/// tr Σ and ‖G‖² from the norms of microbatches.
@Suite("Noise estimates")
struct NoiseEstimateTests {
  /// The two norms that an estimate is made from, of mean gradients of microbatches of these sizes.
  private static func estimate(
    _ gradients: [[Double]], sizes: [Int], population: Int? = nil
  ) -> NoiseEstimate {
    let batch = sizes.reduce(0, +)
    let parts = zip(gradients, sizes).map { gradient, size in gradient.map { $0 * Double(size) / Double(batch) } }
    let sum = parts[0].indices.map { index in parts.reduce(0) { $0 + $1[index] } }
    return NoiseEstimate(
      squares: zip(parts, sizes).reduce(0) { $0 + square($1.0) / Double($1.1) }, squaredNorm: square(sum),
      microbatches: sizes.count, globalBatch: batch, population: population)
  }

  private static func square(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 } }

  private static func mean(_ estimates: [NoiseEstimate]) -> NoiseEstimate {
    var sum = NoiseEstimate()
    for estimate in estimates { sum += estimate }
    let count = Double(estimates.count)
    return NoiseEstimate(trace: sum.trace / count, squaredNorm: sum.squaredNorm / count)
  }

  /// A mean of normal gradients has G and Σ ÷ size. B_simple is 37.5, and the global batch 32 or 29: ‖g‖² is noise as much as gradient.
  @Test(
    "Made-up gradients of known tr Σ and ‖G‖² come back within 5 % from 10,000 batches",
    arguments: [[8, 8, 8, 8], [8, 8, 8, 5], [1, 31]])
  func knownNoise(sizes: [Int]) throws {
    let (dimensions, deviation, signal) = (24, 1.25, 1 / 24.0.squareRoot())
    let trace = Double(dimensions) * deviation * deviation
    let random = Philox(4, 11)
    let estimates = (0..<10_000).map { batch in
      Self.estimate(
        sizes.enumerated().map { microbatch, size in
          (0..<dimensions).map { dimension in
            let block = random.block(UInt64(batch), UInt64(microbatch * dimensions + dimension))
            let noise = Philox.normals(block.x, block.y, deviation: 1).0
            return signal + deviation / Double(size).squareRoot() * Double(noise)
          }
        }, sizes: sizes)
    }
    let mean = Self.mean(estimates)
    #expect(abs(mean.trace / trace - 1) < 0.05, "tr Σ is \(mean.trace), not \(trace)")
    #expect(abs(mean.squaredNorm - 1) < 0.05, "‖G‖² is \(mean.squaredNorm), not 1")
    let scale = try #require(mean.noiseScale)
    #expect(abs(scale / trace - 1) < 0.05)
  }

  /// A handful of gradients, their mean and the trace of their covariance with this divisor.
  private static let few: [[Double]] = [[1, 0], [3, -2], [-1, 4], [2, 2], [0.5, -3], [-4, 1]]

  private static func truth(_ gradients: [[Double]], divisor: Int) -> NoiseEstimate {
    let count = Double(gradients.count)
    let mean = gradients[0].indices.map { index in gradients.reduce(0) { $0 + $1[index] } / count }
    let trace = gradients.reduce(0) { $0 + square(zip($1, mean).map { $0 - $1 }) } / Double(divisor)
    return NoiseEstimate(trace: trace, squaredNorm: square(mean))
  }

  private static func estimate(drawn: [Int], sizes: [Int], population: Int?) -> NoiseEstimate {
    var start = 0
    let gradients = sizes.map { size in
      let own = drawn[start..<start + size].map { few[$0] }
      start += size
      return own[0].indices.map { index in own.reduce(0) { $0 + $1[index] } / Double(size) }
    }
    return estimate(gradients, sizes: sizes, population: population)
  }

  private func expect(_ mean: NoiseEstimate, _ truth: NoiseEstimate) {
    #expect(abs(mean.trace - truth.trace) < 1e-12 * truth.trace)
    #expect(abs(mean.squaredNorm - truth.squaredNorm) < 1e-12 * max(truth.squaredNorm, truth.trace))
  }

  @Test(
    "Over all draws without replacement the mean is exact, of microbatches of any sizes, up to the whole set",
    arguments: [[1, 1], [2, 1], [1, 3], [2, 2, 1], [2, 2, 2], [1, 5]])
  func withoutReplacement(sizes: [Int]) {
    let draws = Self.draws(of: sizes.reduce(0, +), from: Self.few.count, repeating: false)
    let estimates = draws.map { Self.estimate(drawn: $0, sizes: sizes, population: Self.few.count) }
    expect(Self.mean(estimates), Self.truth(Self.few, divisor: Self.few.count - 1))
    // Without the correction ‖G‖² is too small by tr Σ ÷ N.
    let plain = Self.mean(draws.map { Self.estimate(drawn: $0, sizes: sizes, population: nil) })
    let truth = Self.truth(Self.few, divisor: Self.few.count - 1)
    #expect(abs(plain.squaredNorm - (truth.squaredNorm - truth.trace / 6)) < 1e-12 * truth.trace)
  }

  @Test(
    "Over all draws with replacement it is exact with an endless population", arguments: [[1, 1], [2, 1], [1, 2, 1]])
  func withReplacement(sizes: [Int]) {
    let draws = Self.draws(of: sizes.reduce(0, +), from: Self.few.count, repeating: true)
    let estimates = draws.map { Self.estimate(drawn: $0, sizes: sizes, population: nil) }
    expect(Self.mean(estimates), Self.truth(Self.few, divisor: Self.few.count))
  }

  /// All ordered draws.
  private static func draws(of count: Int, from all: Int, repeating: Bool) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return draws(of: count - 1, from: all, repeating: repeating).flatMap { drawn in
      (0..<all).filter { repeating || !drawn.contains($0) }.map { drawn + [$0] }
    }
  }

  @Test("Parts of the two norms give parts of the estimate")
  func linear() {
    let whole = NoiseEstimate(squares: 3, squaredNorm: 0.5, microbatches: 3, globalBatch: 12, population: 40)
    var sum = NoiseEstimate(squares: 1, squaredNorm: 0.5, microbatches: 3, globalBatch: 12, population: 40)
    sum += NoiseEstimate(squares: 2, squaredNorm: 0, microbatches: 3, globalBatch: 12, population: 40)
    #expect(abs(whole.trace - sum.trace) < 1e-12 && abs(whole.squaredNorm - sum.squaredNorm) < 1e-12)
  }

  @Test("A scale that cannot be told is none")
  func untold() {
    #expect(NoiseEstimate(trace: 6, squaredNorm: 3).noiseScale == 2)
    for (trace, squaredNorm) in [(1, 0), (1, -1), (.nan, 1), (1, .nan), (.infinity, 1), (1e300, 1e-300), (-1, 1)]
      as [(Double, Double)]
    {
      #expect(NoiseEstimate(trace: trace, squaredNorm: squaredNorm).noiseScale == nil, "\(trace) ÷ \(squaredNorm)")
    }
  }

  @Test("A law of one constant has the least squares' factor and the R² of y")
  func proportional() throws {
    let fit = try #require(ProportionalFit([1, 2, 3], y: [2, 4, 6]))
    #expect(fit.factor == 2 && fit.rSquared == 1 && fit(5) == 10)
    // Σuy ÷ Σu² = 8 ÷ 5, misses 0.4 and −0.2 around a mean of 2.5.
    let rough = try #require(ProportionalFit([1, 2], y: [2, 3]))
    #expect(abs(rough.factor - 1.6) < 1e-15 && abs(rough.rSquared - (1 - 0.2 / 0.5)) < 1e-14)
    #expect(ProportionalFit([0, 0], y: [1, 2]) == nil && ProportionalFit([1, 2], y: [1, .nan]) == nil)
  }
}

/// Estimates of tr Σ, the summed variances of one sample's gradient, and of ‖G‖², the squared norm of the mean gradient
/// (McCandlish et al. 2018, "An empirical model of large-batch training", appendix A.1): each without bias, so means over
/// many batches are too. Their ratio is biased where they are not averaged first.
public struct NoiseEstimate: Encodable, Equatable, Sendable {
  /// tr Σ.
  public var trace: Double
  /// ‖G‖²; of one batch it may come out below 0.
  public var squaredNorm: Double

  /// Known figures, or sums and means of such.
  public init(trace: Double = 0, squaredNorm: Double = 0) {
    self.trace = trace
    self.squaredNorm = squaredNorm
  }

  /// From one global batch of B samples, cut into m microbatches of any sizes bᵢ, with gᵢ the mean gradient of each and g that of
  /// all: E‖gᵢ‖² = ‖G‖² + (1/bᵢ − 1/N) tr Σ where samples are drawn without replacement from N (footnote 6 there; Cochran,
  /// Sampling Techniques, theorem 2.2, with Σ over N − 1), and the same of g and B. So
  ///
  ///     tr Σ = (Σ bᵢ ‖gᵢ‖² − B ‖g‖²) ÷ (m − 1)        ‖G‖² = ‖g‖² − (1/B − 1/N) tr Σ
  ///
  /// For equal sizes this is the paper's pair with B_small = b and B_big = B. It is linear in the two figures: parts of them, as
  /// ranks have them, give parts of the estimate.
  ///
  /// - Parameters:
  ///   - squares: Σ ‖aᵢ‖² ÷ bᵢ, with aᵢ = gᵢ bᵢ ÷ B what each microbatch adds to g, so that Σ bᵢ ‖gᵢ‖² = B² · squares.
  ///   - squaredNorm: ‖g‖².
  ///   - population: N; nil for draws with replacement, or from a distribution.
  /// - Precondition: at least two microbatches.
  public init(
    squares: Double, squaredNorm: Double, microbatches: Int, globalBatch: Int, population: Int? = nil
  ) {
    precondition(microbatches > 1 && globalBatch >= microbatches, "\(microbatches) microbatches of \(globalBatch)")
    let batch = Double(globalBatch)
    trace = batch * (batch * squares - squaredNorm) / Double(microbatches - 1)
    self.squaredNorm = squaredNorm - trace * (1 / batch - (population.map { 1 / Double($0) } ?? 0))
  }

  /// B_simple = tr Σ ÷ ‖G‖²: the global batch at which noise and gradient are of one size. Of means, not of one batch.
  ///
  /// - Returns: nil where ‖G‖² cannot be told from 0, or figures are no numbers.
  public var noiseScale: Double? {
    guard trace >= 0, squaredNorm > 0 else { return nil }
    let scale = trace / squaredNorm
    return scale.isFinite ? scale : nil
  }

  /// Adds one to the other.
  public static func += (sum: inout NoiseEstimate, other: NoiseEstimate) {
    sum.trace += other.trace
    sum.squaredNorm += other.squaredNorm
  }
}

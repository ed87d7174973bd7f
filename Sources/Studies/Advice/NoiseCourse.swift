import Statistics
import Training

/// The noise of a run's gradients on its way to a goal, and what it says of other global batches.
///
/// Where each batch has its best rate, an update of B samples brings 1 ÷ (1 + b ÷ B) of what one without noise would, b the noise
/// scale then (McCandlish et al. 2018, "An empirical model of large-batch training", equation 2.7). The way of a run, gone with
/// another batch, so takes
///
///     S(B) = Σ n (1 + b ÷ B) ÷ (1 + b ÷ B₀)
///
/// updates, summed over stretches of n updates of B₀ samples at a noise scale of b: where b stays the same, the hyperbola
/// (S ÷ S_min − 1)(E ÷ E_min − 1) = 1 through the run.
public struct NoiseCourse: Encodable, Equatable, Sendable {
  /// An epoch, or what was trained of it.
  public struct Stretch: Encodable, Equatable, Sendable {
    /// From 1.
    public var epoch: Int
    /// Made in it.
    public var updates: Int
    /// Samples of each.
    public var globalBatch: Int
    /// In samples.
    public var noiseScale: Double
    /// The epoch's own estimate was none: this is that of all epochs together.
    public var isPooled: Bool

    /// Figures of an epoch.
    public init(epoch: Int, updates: Int, globalBatch: Int, noiseScale: Double, isPooled: Bool = false) {
      self.epoch = epoch
      self.updates = updates
      self.globalBatch = globalBatch
      self.noiseScale = noiseScale
      self.isPooled = isPooled
    }
  }

  /// In the order of the run; at least one.
  public var stretches: [Stretch]

  /// - Precondition: at least one.
  public init(_ stretches: [Stretch]) {
    precondition(!stretches.isEmpty, "a way of no updates")
    self.stretches = stretches
  }

  /// Of a run's first epochs.
  ///
  /// - Parameters:
  ///   - name: the run's, for errors.
  ///   - epochs: how many.
  /// - Throws: `StudyError` where the run did not look at gradient noise, or the noise hides the gradient.
  public init(_ run: RunRecord, name: String, epochs count: Int) throws {
    let epochs = run.epochs.prefix(count)
    let measured = epochs.compactMap(\.noise)
    guard !measured.isEmpty else {
      throw StudyError(
        "\(name) holds no gradient noise: train it with --set 'measure={noiseScale: {}}' and at least two microbatches an update"
      )
    }
    guard let pooled = Self.scale(GradientNoise.pooled(measured)) else {
      throw StudyError(
        "\(name): noise hides the mean gradient, so its noise scale is not known: measure more updates "
          + "(measure.noiseScale.everySteps: 1) or train with a larger global batch")
    }
    var before = 0
    stretches = epochs.map { epoch in
      defer { before = epoch.updates }
      let own = epoch.noise.flatMap { Self.scale($0.whole) }
      return Stretch(
        epoch: epoch.epoch, updates: epoch.updates - before, globalBatch: run.globalBatch(in: epoch),
        noiseScale: own ?? pooled, isPooled: own == nil)
    }
  }

  /// Nil where noise hides the gradient: no training set has as many samples.
  private static func scale(_ estimate: NoiseEstimate) -> Double? {
    estimate.noiseScale.flatMap { $0 < 1e15 ? $0 : nil }
  }

  /// Updates made.
  public var updates: Int { stretches.reduce(0) { $0 + $1.updates } }

  /// S(B).
  ///
  /// - Parameter factor: as if the noise scale were so many times what was measured.
  public func updates(atBatch globalBatch: Int, noiseTimes factor: Double = 1) -> Double {
    stretches.reduce(0) { sum, stretch in
      let noise = stretch.noiseScale * factor
      return sum + Double(stretch.updates) * (1 + noise / Double(globalBatch))
        / (1 + noise / Double(stretch.globalBatch))
    }
  }

  /// E_min ÷ S_min: the batch at which updates are twice as many as without noise, and samples twice as many as with updates of one.
  public var criticalBatch: Double {
    let (least, examples) = stretches.reduce((0.0, 0.0)) { sums, stretch in
      let least = Double(stretch.updates) / (1 + stretch.noiseScale / Double(stretch.globalBatch))
      return (sums.0 + least, sums.1 + least * stretch.noiseScale)
    }
    return examples / least
  }
}

extension GradientNoise {
  /// Of dense weights and tables together: the gradient is one.
  package var whole: NoiseEstimate {
    var sum = dense
    if let tables { sum += tables }
    return sum
  }

  /// Of several stretches together.
  fileprivate static func pooled(_ stretches: [GradientNoise]) -> NoiseEstimate {
    stretches.reduce(into: NoiseEstimate()) { sum, stretch in
      let (whole, steps) = (stretch.whole, Double(stretch.steps))
      sum += NoiseEstimate(trace: whole.trace * steps, squaredNorm: whole.squaredNorm * steps)
    }
  }
}

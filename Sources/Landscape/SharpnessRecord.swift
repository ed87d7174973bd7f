import Configuration
import Training

/// What `lockstep sharpness` found: `sharpness.json`.
public struct SharpnessRecord: Encodable, Sendable {
  /// Version of the form.
  public var version = 1
  /// Version of Lockstep that wrote it.
  public var lockstep = Lockstep.version
  /// As typed.
  public var command: String
  /// Of the subspace, first directions and the order of samples.
  public var seed: UInt64
  /// Ranks that computed it.
  public var ranks: Int
  /// In the order in which they were given.
  public var runs: [Run]

  /// One run's figures, and the function that they are of.
  public struct Run: Encodable, Sendable {
    /// The folder, as given.
    public var run: String
    /// As the run's record has it.
    public var weightsSHA256: String
    /// Numbers that are learnt.
    public var weights: Int
    /// Of the training set.
    public var samples: Int
    /// Of batch norm; nil for a model without.
    public var statistics: BatchNormStatistics?
    /// Samples whose statistics are taken together; nil unless they are the batch's.
    public var batch: Int?
    /// How sharp the loss is there.
    public var figures: SharpnessFigures
    /// Values and gradients of the whole set.
    public var evaluations: Int
    /// Wall-clock of them and of the searches.
    public var seconds: Double

    package init(
      run: String, weightsSHA256: String, weights: Int, samples: Int, statistics: BatchNormStatistics?, batch: Int?,
      figures: SharpnessFigures, evaluations: Int, seconds: Double
    ) {
      (self.run, self.weightsSHA256, self.weights, self.samples) = (run, weightsSHA256, weights, samples)
      (self.statistics, self.batch, self.figures) = (statistics, batch, figures)
      (self.evaluations, self.seconds) = (evaluations, seconds)
    }

    /// - Parameter saved: whose figures they are.
    public init(
      _ saved: SavedObjective, weights: Int, figures: SharpnessFigures, evaluations: Int, seconds: Double
    ) {
      self.init(
        run: saved.path, weightsSHA256: saved.weightsSHA256, weights: weights, samples: saved.objective.samples,
        statistics: saved.statistics, batch: saved.batch, figures: figures, evaluations: evaluations, seconds: seconds)
    }
  }

  /// A record of runs.
  public init(command: String, seed: UInt64, ranks: Int, runs: [Run]) {
    self.command = command
    self.seed = seed
    self.ranks = ranks
    self.runs = runs
  }
}

import Configuration
import Training

/// What `lockstep interpolate` found: `interpolation.json`.
public struct InterpolationRecord: Encodable, Sendable {
  /// Version of the form.
  public var version = 1
  /// Version of Lockstep that wrote it.
  public var lockstep = Lockstep.version
  /// As typed.
  public var command: String
  /// Of the order of samples.
  public var seed: UInt64
  /// Ranks that computed it.
  public var ranks: Int
  /// At α = 1.
  public var first: End
  /// At α = 0.
  public var second: End
  /// ‖x₁ − x₂‖₂ of what is learnt.
  public var distance: Double
  /// Of batch norm; nil for a model without.
  public var statistics: BatchNormStatistics?
  /// Samples whose statistics are taken together; nil unless they are the batch's.
  public var batch: Int?
  /// The split beside the training set.
  public var heldOut: String
  /// Of the training set and of the other.
  public var samples: [Int]
  /// Straight, then curved where it was asked for.
  public var paths: [InterpolationFigures]

  /// One end of the way.
  public struct End: Encodable, Sendable {
    /// The folder, as given.
    public var run: String
    /// As the run's record has it.
    public var weightsSHA256: String

    /// A run by its folder and its weights.
    public init(run: String, weightsSHA256: String) {
      self.run = run
      self.weightsSHA256 = weightsSHA256
    }
  }

  /// A record of one pair of runs.
  public init(
    command: String, seed: UInt64, ranks: Int, first: End, second: End, distance: Double,
    statistics: BatchNormStatistics?, batch: Int?, heldOut: String, samples: [Int], paths: [InterpolationFigures]
  ) {
    self.command = command
    self.seed = seed
    self.ranks = ranks
    self.first = first
    self.second = second
    self.distance = distance
    self.statistics = statistics
    self.batch = batch
    self.heldOut = heldOut
    self.samples = samples
    self.paths = paths
  }
}

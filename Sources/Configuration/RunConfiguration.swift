/// One training run: the experiment (what is computed) and its execution (how). A study embeds one of these.
///
/// Every field is a key of the run file, with the same name and nesting; `docs/configuration.md` is the reference.
public struct RunConfiguration: Codable, Equatable, Sendable {
  public var model: ModelConfiguration
  public var data: DataConfiguration
  /// Samples per update, over all ranks. The experiment's main variable.
  public var globalBatch: Int
  /// Samples per unit of work; the last of a global batch may be shorter.
  public var microBatch: Int
  public var epochs: Int
  /// Stop after this many updates, wherever that is in an epoch; nil runs all epochs.
  public var steps: Int?
  public var seed: UInt64
  /// Samples that batch norm normalises together; nil means the microbatch. Must divide the microbatch.
  public var ghostBatch: Int?
  public var optimizer: OptimizerConfiguration
  public var learningRate: LearningRateConfiguration
  public var evaluation: EvaluationConfiguration
  public var execution: ExecutionConfiguration
}

/// Which model; keys that a kind does not use are errors in the file.
public enum ModelConfiguration: Codable, Equatable, Sendable {
  /// Dense layers with ReLU between them.
  case mlp(widths: [Int], batchNorm: Bool, dropout: Double)
  /// The simple CNN: 5×5 convolutions, each with ReLU and 2×2 max pooling, then a dense hidden layer.
  case cnn(filters: [Int], hidden: Int, batchNorm: Bool, dropout: Double)
  /// One dense layer.
  case logistic
}

public struct DataConfiguration: Codable, Equatable, Sendable {
  /// A folder with the four canonical IDX files (plain or .gz), or a folder with `train.lockstep` and `test.lockstep`.
  /// Absolute, or relative to the run file's folder; absolute once loaded.
  public var path: String
  /// Used, and said, where `path` does not exist.
  public var fallback: String?
  /// Use only the first so many training samples.
  public var limit: Int?
  public var normalization: Normalization

  public enum Normalization: String, Codable, CaseIterable, Sendable {
    /// Pixels / 255.
    case unit
    /// Mean 0 and standard deviation 1 over all pixels of the training set.
    case standard
  }
}

public struct OptimizerConfiguration: Codable, Equatable, Sendable {
  public enum Kind: String, Codable, CaseIterable, Sendable { case sgd, adam, adamw }
  public var kind: Kind
  /// SGD only.
  public var momentum: Double
  /// SGD only.
  public var nesterov: Bool
  /// Adam and AdamW only.
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  /// L2 in SGD and Adam (added to the gradient), decoupled in AdamW.
  public var weightDecay: Double
  /// Clip the global gradient norm to this, after averaging.
  public var clipNorm: Double?
}

public struct LearningRateConfiguration: Codable, Equatable, Sendable {
  public enum Schedule: String, Codable, CaseIterable, Sendable { case constant, steps, cosine }
  public enum Scaling: String, Codable, CaseIterable, Sendable {
    case none, linear
    case squareRoot = "sqrt"
  }
  /// At `baseBatch`.
  public var base: Double
  public var scaling: Scaling
  public var baseBatch: Int
  public var schedule: Schedule
  /// Epochs (fractions allowed) of linear warm-up from `base` (unscaled) to the scaled rate; Goyal et al. 2017.
  public var warmUpEpochs: Double
  /// `steps` only: the epochs at which the rate is multiplied by `factor`.
  public var milestones: [Double]
  public var factor: Double
}

public struct EvaluationConfiguration: Codable, Equatable, Sendable {
  /// Evaluate on the validation set after every so many epochs, and always after the last.
  public var everyEpochs: Int
  /// Also evaluate the final weights on the whole training set (for the generalisation gap).
  public var trainingSet: Bool
}

public struct ExecutionConfiguration: Codable, Equatable, Sendable {
  /// Threads per rank; nil means one per core given to the rank.
  public var threads: Int?
  public var bucketBytes: Int
  public var overlap: Overlap
  /// Microbatches read ahead.
  public var prefetch: Int

  public enum Overlap: String, Codable, CaseIterable, Sendable {
    /// One exchange after the backward pass.
    case none
    /// Buckets start as they complete; MPI progresses when waited for.
    case start
    /// As `start`, and MPI is also given the chance to progress after every layer.
    case progress
  }
}

/// One training run: the experiment (what is computed) and its execution (how). A study embeds one of these.
///
/// Every field is a key of the run file, with the same name and nesting; `docs/configuration.md` is the reference.
public struct RunConfiguration: Encodable, Equatable, Sendable {
  /// The network.
  public var model: ModelConfiguration
  /// The training and validation data.
  public var data: DataConfiguration
  /// The folder of a saved model that training starts from, with its optimiser's state; nil for the seed's starting weights, so
  /// that what was stored before stays as it was.
  public var from: String?
  /// Samples per update, over all ranks. The experiment's main variable.
  public var globalBatch: Int
  /// How the global batch changes from one epoch to another, `globalBatch` being the first; nil where it does not.
  public var batchSchedule: BatchScheduleConfiguration?
  /// The global batch that everything that counts epochs is stated for: a run of another one is stretched to as many updates.
  /// nil where epochs are epochs at any batch.
  public var regimeBatch: Int?
  /// Samples per unit of work; the last of a global batch may be shorter.
  public var microBatch: Int
  /// Passes over the training set.
  public var epochs: Int
  /// Stop after this many updates, wherever that is in an epoch; nil runs all epochs.
  public var steps: Int?
  /// Seed of starting weights, sample order, dropout.
  public var seed: UInt64
  /// Samples that batch norm normalises together; nil means the microbatch. Must divide the microbatch.
  public var ghostBatch: Int?
  /// Samples that batch norm normalises together.
  public var normalizedTogether: Int { ghostBatch ?? microBatch }
  /// Of the numbers that products and convolutions multiply; nil for floats, so that what was stored before stays as it was.
  public var precision: ComputePrecision?
  /// Of dense gradients on their way between ranks; nil for floats, so that what was stored before stays as it was. Rounded
  /// sums depend on how many ranks add: this one key of the experiment makes its results depend on them.
  public var exchangePrecision: ExchangePrecision?
  /// What rounding takes from a rank's gradient is added to its next one; nil where nothing is.
  public var exchangeErrorFeedback: Bool?
  /// Who makes a step's gradient, where that is not the global batch as one; nil where it is.
  public var workers: WorkersConfiguration?
  /// The rule for dense weights.
  public var optimizer: OptimizerConfiguration
  /// The rate of every step.
  public var learningRate: LearningRateConfiguration
  /// Means nothing for a model without embedding tables.
  public var tables: TablesConfiguration
  /// What becomes of a step whose loss or gradient is not finite; nil: the run ends, so that what was stored before stays as it was.
  public var divergence: DivergenceConfiguration?
  /// When quality is looked at.
  public var evaluation: EvaluationConfiguration
  /// Learning from two views of each sample instead of from labels; nil where labels are learnt.
  public var contrastive: ContrastiveConfiguration?
  /// What is looked at besides; nil, so that what was stored before stays as it was: nothing.
  public var measure: MeasureConfiguration?
  /// How it is computed.
  public var execution: ExecutionConfiguration
  /// When checkpoints are written; nil: never.
  public var checkpoint: CheckpointConfiguration?

  /// A run with the defaults of a run file for all that is not said; set the other fields afterwards.
  public init(
    model: ModelConfiguration, data: DataConfiguration, globalBatch: Int, microBatch: Int? = nil, epochs: Int,
    seed: UInt64 = 1
  ) {
    self.model = model
    self.data = data
    self.globalBatch = globalBatch
    self.microBatch = microBatch ?? Self.defaultMicroBatch(globalBatch: globalBatch)
    self.epochs = epochs
    self.seed = seed
    optimizer = OptimizerConfiguration()
    learningRate = LearningRateConfiguration(baseBatch: globalBatch)
    tables = TablesConfiguration()
    evaluation = EvaluationConfiguration()
    execution = ExecutionConfiguration()
  }

  /// A quarter of the global batch, so that up to four ranks have work, but at most 256 samples. It may not depend on
  /// the ranks of the job: the microbatch is part of the experiment.
  public static func defaultMicroBatch(globalBatch: Int) -> Int { min((globalBatch + 3) / 4, 256) }
}

extension RunConfiguration {
  /// As `exchangePrecision`, and floats where that says nothing.
  public var travellingPrecision: ExchangePrecision {
    get { exchangePrecision ?? .float32 }
    set { exchangePrecision = newValue == .float32 ? nil : newValue }
  }

  /// As `precision`, and floats where that says nothing.
  public var computePrecision: ComputePrecision {
    get { precision ?? .float32 }
    set { precision = newValue == .float32 ? nil : newValue }
  }

  /// The numbers that products and convolutions multiply; their sums, and all else, are floats.
  public enum ComputePrecision: String, Encodable, CaseIterable, Sendable {
    /// As they are.
    case float32
    /// Rounded to eight bits of precision.
    case bfloat16
  }

  /// Whether its gradients travel as floats, and need not.
  package var mayTravelNarrow: Bool { travellingPrecision == .float32 && execution.summation == .fast }

  /// The numbers that travel.
  public enum ExchangePrecision: String, Encodable, CaseIterable, Sendable {
    /// As they are computed.
    case float32
    /// Half the bytes: eight bits of precision, rounded when they leave and wherever two ranks' sums meet.
    case bfloat16
    /// Half the bytes: eleven bits of precision, of values up to 1,023.
    case float16
  }
}

enum RunKey: String, SectionKey {
  case model, data, globalBatch, batchSchedule, regimeBatch, microBatch, epochs, steps, seed, ghostBatch,
    precision, exchangePrecision, exchangeErrorFeedback,
    workers, optimizer, learningRate, tables, divergence, evaluation, contrastive, measure
  case execution, checkpoint, from
}

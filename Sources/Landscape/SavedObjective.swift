import Buffers
import Configuration
import Layers
import MessagePassing
import Training

/// A saved model's weights, and the loss of its training set as a function of them: opened by all ranks.
public struct SavedObjective {
  /// The folder.
  public let path: String
  /// Of the training set.
  public let objective: WholeSetObjective
  /// As they were saved, in the objective's layout and in memory of their own.
  public let weights: Tensor
  /// As `RunRecord.weightsSHA256`.
  public let weightsSHA256: String
  /// Nil for a model without batch norm.
  public let statistics: BatchNormStatistics?
  /// Samples whose statistics are taken together; nil unless batch norm takes those of the batch.
  public let batch: Int?
  /// Of the order of samples.
  public let seed: UInt64
  /// For the user, about data and threads.
  public let notices: [String]
  private let trainer: Trainer

  /// How batch norm is to be evaluated, and in what order samples come.
  public struct Choice: Sendable {
    /// Of batch norm.
    public var statistics: BatchNormStatistics
    /// Samples whose statistics are taken together, at most.
    public var rows: Int
    /// Of the order, which says what stands in a batch.
    public var seed: UInt64

    /// Keskar's code evaluates with batches of 5,000 and their own statistics.
    public init(statistics: BatchNormStatistics = .batch, rows: Int = StudySharpness.usualBatch, seed: UInt64 = 0) {
      self.statistics = statistics
      self.rows = rows
      self.seed = seed
    }
  }

  /// Collective.
  ///
  /// - Parameters:
  ///   - saved: a run's folder or, with data, an exported model.
  ///   - data: other data than the run's; nil for those.
  /// - Throws: `CollectiveError` with what reading threw, `InsufficientMemory`.
  public init(_ saved: SavedModel, _ choice: Choice, data: String? = nil, _ world: Communicator) throws {
    let (run, model) = try world.agree { (try saved.configuration(data: data), try saved.modelFile()) }
    let session = try TrainingSession(run, world)
    let statistics = try world.agree {
      try Model(model).layout.entries.contains { $0.parameter.isStatistic } ? choice.statistics : nil
    }
    let whole = run.ofWholeSet(
      samples: session.data.training.count, statistics: statistics, rows: choice.rows, ghostBatch: model.ghostBatch,
      seed: choice.seed)
    trainer = try Trainer(whole, session)
    try trainer.start(from: saved.path, withFreshOptimizer: true)
    path = saved.path
    objective = WholeSetObjective(trainer.crew, statistics: statistics ?? .running)
    weights = Tensor(trainer.parameters.shape)
    weights.copy(from: trainer.parameters)
    weightsSHA256 = trainer.weightsSHA256
    self.statistics = statistics
    batch = statistics == .batch ? objective.rows : nil
    seed = choice.seed
    notices = session.notices + [model.correctionNotice].compactMap { $0 }
  }

  /// The weights of another saved model of the same layers, with their hash. Collective.
  public func weights(of saved: SavedModel) throws -> (weights: Tensor, sha256: String) {
    try trainer.weights(of: saved)
  }
}

extension SavedModel {
  /// The settings that the run was made with, or what a model without its run says of itself.
  fileprivate func configuration(data: String?) throws -> RunConfiguration {
    guard has(.run) || data != nil else {
      throw WholeSetFunction.Failure(
        description: "\(path) is an exported model, which does not say where its data lie: give --data")
    }
    var configuration = try has(.run) ? record().configuration : modelFile().evaluation(of: "")
    if let data { configuration.data.path = data }
    return configuration
  }
}

import Batches
import Configuration
import Datasets
import Layers
import Models
import Optimizers

/// The computation of a run, and nothing of the ranks that do it: a pure value, the same on every rank and on any
/// number of them.
public struct Experiment: Sendable {
  /// The run file's settings, with every default filled in.
  public let configuration: RunConfiguration
  /// The network as a plain value; weights are in `RunState`.
  public let model: Model
  /// The steps of every epoch, and their global batches.
  public let batches: BatchPlan
  private let rate: LearningRateSchedule
  private let tableRate: LearningRateSchedule

  /// - Parameters:
  ///   - model: nil makes the one that the configuration describes.
  ///   - batches: nil for the configuration's global batches.
  /// - Throws: `LayerError`, `BatchError`, `DatasetError` where the configuration does not fit the data.
  public init(
    _ configuration: RunConfiguration, _ data: DatasetPair, model: Model? = nil, batches: BatchPlan? = nil
  ) throws {
    self.configuration = configuration
    self.batches =
      try batches
      ?? BatchPlan(
        samples: data.training.count,
        stages: configuration.batchStages.map {
          BatchPlan.Stage(firstEpoch: $0.firstEpoch, globalBatch: $0.globalBatch)
        },
        microBatch: configuration.microBatch)
    var model = try model ?? Model(configuration, data)
    model.precision = try configuration.productPrecision
    self.model = model
    try Self.requireFigures(configuration, data, hasBinaryScores: self.model.hasBinaryScores(for: data.training))
    try Self.requireWorkersAndAscent(configuration, self.model, self.batches)
    rate = LearningRateSchedule(configuration.learningRate, configuration)
    tableRate = LearningRateSchedule(configuration.tableRate, configuration)
    try requireContrast(data)
  }

  /// Keys the starting weights, the order of samples, dropout and augmentation.
  public var seed: UInt64 { configuration.seed }

  /// All updates of a run.
  public var totalUpdates: Int {
    min(configuration.steps ?? .max, batches.steps(beforeEpoch: configuration.epochs))
  }

  /// The step that follows `updates` updates.
  public func step(_ updates: Int) -> StepPlan { batches.step(updates) }

  /// Steps of the run before it.
  func number(of step: StepPlan) -> Int { batches.steps(beforeEpoch: step.epoch) + step.step }

  /// The dense parameters' rate for this step; a pure function of its place in the run and of the evaluations before it.
  func learningRate(of step: StepPlan, _ plateaus: Plateaus) -> Double {
    rate.rate(of: step, plateaus: plateaus.ofDense) * configuration.rateFactor(inEpoch: step.epoch)
  }

  /// The rate of the tables' rows.
  func tableLearningRate(of step: StepPlan, _ plateaus: Plateaus) -> Double {
    tableRate.rate(of: step, plateaus: plateaus.ofTables) * configuration.rateFactor(inEpoch: step.epoch)
  }

  /// How far the step ages what the optimiser remembers, where half-lives are of samples: each step counts those of its own batch,
  /// the short last one of an epoch too, and a worker's those of all. nil where they are of updates.
  ///
  /// - Parameter skipped: steps before it that aged nothing.
  func aging(of step: StepPlan, without skipped: [SkippedStep]) -> Aging? {
    guard configuration.optimizer.halfLife == .samples else { return nil }
    let base = Double(configuration.learningRate.baseBatch)
    let skippedSamples = skipped.reduce(0) { $0 + self.step($1.update - 1).globalBatch }
    let seen = Double(step.epoch) * Double(batches.samples) + Double(step.positions.upperBound - skippedSamples)
    return Aging(step: Double(step.globalBatch) / base, total: seen / base)
  }

  /// Whether the validation set is looked at after a step, which is a run's last or an epoch's.
  func isEvaluated(after step: StepPlan, isLast: Bool) -> Bool {
    isLast || step.epoch == configuration.epochs - 1 || (step.epoch + 1) % configuration.evaluation.everyEpochs == 0
  }

  /// Rows of a compute call, in training and evaluation.
  func evaluationRows(_ data: DatasetPair) -> Int {
    max(batches.microBatch, min(Evaluation.leastRows, max(data.training.count, data.validation.count)))
  }
}

extension LearningRateSchedule {
  fileprivate init(_ rate: LearningRateConfiguration, _ configuration: RunConfiguration) {
    self.init(rate, globalBatch: configuration.globalBatch, epochs: configuration.epochs)
  }

  func rate(of step: StepPlan, plateaus: Int) -> Double {
    rate(epoch: step.epoch, step: step.step, stepsInEpoch: step.stepsInEpoch, plateaus: plateaus)
  }
}

extension Model {
  /// The model that the configuration describes, for this data.
  init(_ configuration: RunConfiguration, _ data: DatasetPair) throws {
    try self.init(
      configuration.model, input: data.training.inputShape, classes: data.training.classes,
      idFields: data.training.idFields,
      ghostBatch: configuration.normalizedTogether, contrastive: configuration.contrastive)
    precision = try configuration.productPrecision
  }
}

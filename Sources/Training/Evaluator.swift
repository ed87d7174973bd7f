import Batches
import Buffers
import Configuration
import Datasets
import Layers
import MessagePassing
import Models

/// A saved model that is only evaluated, as the run that made it evaluates: weights and activations, no gradients and no
/// optimiser. Every rank makes one and calls the same methods in the same order.
public final class Evaluator {
  /// Built from the configuration and the data, with the saved weights.
  public let model: Model
  /// Flat, in the layout's order; of ranks of a host one array, where they can share memory.
  public var parameters: Tensor { weights.tensor }
  private let weights: SavedWeights
  private let evaluation: Evaluation

  /// Collective: all ranks must bring the same configuration and data.
  ///
  /// - Parameters:
  ///   - saved: whose weights are evaluated.
  ///   - description: its `model.json`.
  /// - Throws: `CollectiveError`, with `SafeTensors.Failure` or `InsufficientMemory` before anything is allocated.
  public init(
    _ configuration: RunConfiguration, _ session: TrainingSession, of saved: SavedModel, _ description: ModelFile
  ) throws {
    let (communicator, data) = (session.communicator, session.data)
    try communicator.agree { try description.requireScores(at: saved.path) }
    try communicator.requireEqual(try Trainer.fingerprints(configuration, data))
    let memory = try NodeMemory(communicator)
    let rows = Self.rows(configuration, data)
    let model = try communicator.agree {
      let model = try Model(configuration, data)
      try saved.requireWeights(fit: model)
      return model
    }
    let weights = try SavedWeights(model, memory, sharedBy: communicator) { ranksOfCopy in
      try memory.require(Self.memoryParts(model, data.training, rows: rows, ranksOfCopy: ranksOfCopy))
    } read: { weights in
      _ = try saved.readWeights(into: model.layout.namedViews(of: weights), of: description)
    }
    evaluation = try communicator.agree {
      let network = try Network(
        model, parameters: weights.tensor, gradients: nil, maximumRows: rows, seed: configuration.seed,
        parametersAreFixed: true)
      return Evaluation(
        network: network, objective: try Objective(model, maximumRows: rows, goesBackward: false), rows: rows,
        communicator: communicator,
        hasBinaryScores: model.hasBinaryScores(for: data.training),
        correction: NegativeCorrection(kept: description.keptNegatives))
    }
    self.model = model
    self.weights = weights
  }

  /// As in training: the same rows in a call give the same bits.
  private static func rows(_ configuration: RunConfiguration, _ data: DatasetPair) -> Int {
    let samples = max(data.training.count, data.validation.count, 1)
    return min(max(min(configuration.microBatch, configuration.globalBatch), Evaluation.leastRows), samples)
  }

  private static func memoryParts(
    _ model: Model, _ data: any Dataset, rows: Int, ranksOfCopy: Int
  ) -> [MemoryPart] {
    [
      .weights(of: model, ranksOfCopy: ranksOfCopy),
      MemoryPart("activations", model.workingBytes(rows: rows, goesBackward: false)),
      MemoryPart("batches", Double(Evaluation.batches) * data.bytes(ofRows: rows)),
    ]
  }

  /// Whether quality includes area under the curve, normalised entropy and calibration: one score a sample, two
  /// classes.
  public var hasBinaryScores: Bool { evaluation.hasBinaryScores }

  /// The quality of the weights on a whole data set. Collective. Throws `Interruption.Asked` where a rank was asked to
  /// stop, `DatasetError` where the data cannot be read, `MPIError`.
  public func evaluate(_ dataset: any Dataset) throws -> Quality { try evaluation(dataset) }
}

import Batches
import Buffers
import Datasets
import Layers
import MessagePassing
import Models

/// A saved model that only predicts: weights and activations, no gradients and no optimiser.
public final class Predictor {
  /// The description that lies beside the weights.
  public let file: ModelFile
  /// Built from `file`, with the saved weights.
  public let model: Model
  /// Samples of one compute call.
  public let batch: Int
  /// Flat, in the layout's order; of ranks of a host one array, where they can share memory.
  public var parameters: Tensor { weights.tensor }
  private let weights: SavedWeights
  /// The numbers of a row.
  public let form: PredictionForm
  private let network: Network

  /// - Parameter communicator: of all ranks that predict, which then is collective; nil for a process by itself.
  /// - Throws: `ModelFile.Failure`, `SafeTensors.Failure`, `FileError`, `LayerError`; `InsufficientMemory` before weights are allocated
  ///   for which `memory` has no room.
  public init(
    _ saved: SavedModel, batch: Int, form: PredictionForm = PredictionForm(), memory: NodeMemory,
    sharedBy communicator: Communicator? = nil
  ) throws {
    func described() throws -> (ModelFile, Model) { try Self.described(saved) }
    let (file, model) = try communicator?.agree(described) ?? described()
    let weights = try SavedWeights(model, memory, sharedBy: communicator) { ranksOfCopy in
      try memory.require(Self.memoryParts(file, model, form, batch: batch, ranksOfCopy: ranksOfCopy))
    } read: { weights in
      _ = try saved.readWeights(into: model.layout.namedViews(of: weights), of: file)
    }
    func bound() throws -> Network {
      try Network(
        model, parameters: weights.tensor, gradients: nil, maximumRows: batch, seed: 0, parametersAreFixed: true)
    }
    network = try communicator?.agree(bound) ?? bound()
    self.file = file
    self.model = model
    self.weights = weights
    self.batch = batch
    self.form = form
  }

  private static func described(_ saved: SavedModel) throws -> (ModelFile, Model) {
    let file = try saved.modelFile()
    try file.requireScores(at: saved.path)
    do {
      let model = try Model(file)
      try saved.requireWeights(fit: model)
      return (file, model)
    } catch let error as LayerError {
      throw ModelFile.Failure(description: "\(saved.url(.model).path): \(error)")
    }
  }

  private static func memoryParts(
    _ file: ModelFile, _ model: Model, _ form: PredictionForm, batch: Int, ranksOfCopy: Int
  ) -> [MemoryPart] {
    let floats = Double(MemoryLayout<Float>.stride)
    let sample = Batch.bytes(inputShape: file.inputShape, fields: file.idFields?.columns ?? 0)
    let columns = form.columns(scores: model.output.count).count
    let results = Double(max(batch, PredictionOrder.samplesPerRound)) * Double(columns) * floats
    return [
      .weights(of: model, ranksOfCopy: ranksOfCopy),
      MemoryPart(
        "activations", model.workingBytes(rows: batch, goesBackward: false), remedy: "give a smaller --batch"),
      MemoryPart(
        "batches and scores", Double(readers) * Double(batch) * sample + results, remedy: "give a smaller --batch"),
    ]
  }

  /// Batches read ahead.
  static let depth = 2
  private static var readers: Int { depth + 1 }

  /// Names of the numbers that each sample gets: for class 1 where the model gives one score, else for every class; then
  /// its label, where that is asked for.
  public var columnNames: [String] { form.columns(scores: model.output.count) }
  /// Numbers that each sample gets.
  public var columns: Int { model.output.count + (form.hasLabel ? 1 : 0) }

  /// One compute call.
  /// - Parameter result: `[batch.rows, columns]`.
  /// - Throws: `OneDNNError` where oneDNN fails.
  public func predict(_ batch: Batch, into result: UnsafeMutableBufferPointer<Float>) throws {
    precondition(result.count == batch.rows * columns, "\(result.count) numbers for \(batch.rows) × \(columns)")
    let scores = try network.forward(batch.filledInputs, Pass(evaluating: batch)).buffer
    NegativeCorrection(kept: file.keptNegatives).apply(to: scores)
    let count = model.output.count
    for row in 0..<batch.rows {
      let mine = scores.extracting(row * count..<(row + 1) * count)
      let target = result.extracting(row * columns..<row * columns + count)
      if form.areLogits { _ = target.update(from: mine) } else { Probability.write(mine, to: target) }
      if form.hasLabel { result[row * columns + count] = Float(batch.labels[row]) }
    }
  }
}

import Buffers
import Foundation
import MessagePassing
import Optimizers

extension Trainer {
  private static let conventions =
    "dense weights are [inputs, outputs]; convolution weights are [height, width, inputs, outputs]; "
    + "images are [height, width, channels]"

  /// Writes the weights with their names and shapes. On one rank. Throws `FileError`.
  public func saveWeights(to file: URL) throws {
    try SafeTensors.write(namedParameters, metadata: weightsMetadata(), to: file)
  }

  func weightsMetadata() throws -> [String: String] {
    let encoder = RecordFile.encoder()
    var metadata = [
      "format": "lockstep \(Lockstep.version)", "model": model.name, "layout": Self.conventions,
      "modelConfiguration": String(decoding: try encoder.encode(configuration.model), as: UTF8.self),
    ]
    if let idFields = data.training.idFields {
      metadata["idFields"] = String(decoding: try encoder.encode(idFields), as: UTF8.self)
    }
    return metadata
  }

  /// Replaces the weights by a file's. On every rank, from the same file. Throws `SafeTensors.Failure` where the file
  /// is damaged or of another model, `FileError` where it cannot be read.
  public func loadWeights(from file: URL) throws {
    try SafeTensors.read(file, into: namedParameters)
    state.startFromHere()
  }

  /// As `loadWeights(from:)`, of a saved model: no other weights than its own.
  ///
  /// - Returns: their SHA-256.
  private func loadWeights(of saved: SavedModel, _ description: ModelFile) throws -> String {
    let hash = try saved.readWeights(into: namedParameters, of: description)
    state.startFromHere()
    return hash
  }

  /// Starts from a saved model instead of from the seed's values: the next day's data, another rate. The schedule starts
  /// anew, the optimiser does not unless asked to. Collective.
  ///
  /// - Throws: `CollectiveError`, with the first key of the model, field of the data, name or shape that does not fit.
  public func start(from path: String, withFreshOptimizer: Bool) throws {
    let hash = try communicator.agree {
      let saved = try SavedModel(path)
      let description = try saved.modelFile()
      try description.requireContinued(by: configuration, at: path)
      try description.requireFits(data.training, at: data.path)
      let hash = try loadWeights(of: saved, description)
      if !withFreshOptimizer { try loadOptimizer(of: saved) }
      return hash
    }
    try communicator.requireEqual([("set of starting weights", hash)])
  }

  private func loadOptimizer(of saved: SavedModel) throws {
    guard saved.has(.optimizer) else {
      throw ModelFile.Failure(
        description: "\(saved.path): no optimizer.safetensors to continue with (exported, or trained with "
          + "--without-optimizer); add --fresh-optimizer to start the optimiser anew")
    }
    try saved.readOptimizer(optimizerFile)
  }

  var optimizerFile: OptimizerFile { OptimizerFile(state.optimizer, state.tableOptimizer, layout: layout) }

  var namedParameters: [(name: String, tensor: Tensor)] { layout.namedViews(of: parameters) }
}

extension ParameterLayout {
  /// Each parameter's name and its view into a parameter arena, as they are listed.
  package func namedViews(of parameters: Tensor) -> [(name: String, tensor: Tensor)] {
    listedEntries.map { entry in
      (entry.parameter.name, parameters.slice(entry.range).reshaped(entry.parameter.shape))
    }
  }
}

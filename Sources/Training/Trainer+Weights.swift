import Buffers
import Files
import Foundation
import MessagePassing
import Optimizers

extension Trainer {
  private static let conventions =
    "dense weights are [inputs, outputs]; convolution weights are [height, width, inputs, outputs]; "
    + "images are [height, width, channels]"

  /// Writes the weights with their names and shapes. On one rank.
  public func saveWeights(to file: URL) throws {
    let encoder = RecordFile.encoder()
    var metadata = [
      "format": "lockstep \(Lockstep.version)", "model": model.name, "layout": Self.conventions,
      "modelConfiguration": String(decoding: try encoder.encode(configuration.model), as: UTF8.self),
    ]
    if let idFields = data.training.idFields {
      metadata["idFields"] = String(decoding: try encoder.encode(idFields), as: UTF8.self)
    }
    try SafeTensors.write(namedParameters, metadata: metadata, to: file)
  }

  /// Replaces the weights by a file's. On every rank, from the same file.
  public func loadWeights(from file: URL) throws {
    try SafeTensors.read(file, into: namedParameters)
    startingParameters.copy(from: parameters.slice(0..<layout.denseCount))
  }

  /// As `loadWeights(from:)`, and no other weights than those of which the folder's `model.json` speaks.
  public func loadWeights(of folder: ModelFolder, _ description: ModelFile) throws {
    try loadWeights(from: folder.weights)
    try description.requireWeights(weightsSHA256, from: folder.weights)
  }

  /// Writes what other commands need of this model: weights, what they belong to, and where asked for the optimisers'
  /// state. Arenas are written as they lie in memory. On one rank.
  ///
  /// - Parameter weightsSHA256: of the weights as they are now.
  /// - Returns: the names of the files.
  public func saveModel(in folder: OutputFolder, weightsSHA256: String, withOptimizer: Bool) throws -> [String] {
    let files = ModelFolder(folder.path)
    try saveWeights(to: files.weights)
    let description = ModelFile(configuration, data.training, weightsSHA256: weightsSHA256)
    try AtomicFile.write(description.encoded(), to: files.model.path)
    guard withOptimizer else {
      // Of an earlier run in this folder: it would belong to other weights.
      try? FileManager.default.removeItem(at: files.optimizer)
      return [files.weights, files.model].map(\.lastPathComponent)
    }
    try optimizerFile.write(to: files.optimizer)
    return [files.weights, files.model, files.optimizer].map(\.lastPathComponent)
  }

  /// Starts from a saved model instead of from the seed's values: the next day's data, another rate. The schedule starts
  /// anew, the optimiser does not unless asked to. Collective.
  ///
  /// - Throws: `CollectiveError`, with the first field of the data, name or shape that does not fit.
  public func start(from folder: ModelFolder, withFreshOptimizer: Bool) throws {
    try communicator.agree {
      let description = try ModelFile.read(folder.model)
      try description.requireFits(data.training, at: data.path)
      try loadWeights(of: folder, description)
      if !withFreshOptimizer { try loadOptimizer(from: folder) }
    }
    try communicator.requireEqual([("set of starting weights", weightsSHA256)])
  }

  private func loadOptimizer(from folder: ModelFolder) throws {
    guard folder.hasOptimizer else {
      throw ModelFile.Failure(
        description: "\(folder.path): no optimizer.safetensors to continue with (exported, or trained with "
          + "--without-optimizer); add --fresh-optimizer to start the optimiser anew")
    }
    try optimizerFile.read(folder.optimizer)
  }

  private var optimizerFile: OptimizerFile { OptimizerFile(optimizer, tableOptimizer, layout: layout) }

  private var namedParameters: [(name: String, tensor: Tensor)] { layout.namedViews(of: parameters) }
}

extension ParameterLayout {
  /// Each parameter's name and its view into a parameter arena, in forward order.
  package func namedViews(of parameters: Tensor) -> [(name: String, tensor: Tensor)] {
    forwardEntries.map { entry in
      (entry.parameter.name, parameters.slice(entry.range).reshaped(entry.parameter.shape))
    }
  }
}

import Buffers
import Configuration
import Datasets
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
  /// - Returns: the SHA-256 of what the weights are then.
  private func loadWeights(of saved: SavedModel, _ description: ModelFile, _ grown: GrownTables?) throws -> String {
    let hash =
      try grown.map { try saved.readWeights(into: namedParameters, of: description, $0) }
      ?? saved.readWeights(into: namedParameters, of: description)
    state.startFromHere()
    return hash
  }

  /// Starts from a saved model instead of from the seed's values: the next day's data, another rate. The schedule starts
  /// anew, the optimiser does not unless asked to. Collective.
  ///
  /// - Parameter mayGrow: texts of the data that the model's vocabularies lack get rows of their own, which start from the
  ///   seed's values and an optimiser's fresh state.
  /// - Returns: the vocabularies that grew.
  /// - Throws: `CollectiveError`, with the first key of the model, field of the data, name or shape that does not fit.
  @discardableResult
  public func start(from path: String, withFreshOptimizer: Bool, mayGrow: Bool = false) throws -> VocabularyGrowth? {
    let (hash, growth) = try communicator.agree {
      let saved = try SavedModel(path)
      let description = try saved.modelFile()
      try description.requireContinued(by: configuration, at: path)
      let growth = try vocabularyGrowth(of: description, isAllowed: mayGrow)
      let grown = growth.map { GrownTables($0, layout) }
      let hash = try loadWeights(of: saved, description, grown)
      if !withFreshOptimizer { try loadOptimizer(of: saved, description, grown) }
      return (hash, growth)
    }
    try communicator.requireEqual([("set of starting weights", hash)])
    return growth
  }

  /// Before anything runs: a run that starts from a saved model goes on with that model. Throws what opening it throws, and
  /// `ModelFile.Failure` where the run's is another.
  package static func requireStart(of run: RunConfiguration) throws {
    guard let from = run.from else { return }
    try SavedModel(from).modelFile().requireContinued(by: run, at: from)
  }

  private func vocabularyGrowth(of model: ModelFile, isAllowed: Bool) throws -> VocabularyGrowth? {
    if isAllowed { return try model.growth(to: data.training, at: data.path) }
    let mayGrow = (try? model.growth(to: data.training, at: data.path)) != nil
    try model.requireFits(data.training, at: data.path, remedy: mayGrow ? ", or give its new ids rows with --grow" : "")
    return nil
  }

  private func loadOptimizer(of saved: SavedModel, _ description: ModelFile, _ grown: GrownTables?) throws {
    guard saved.has(.optimizer) else {
      throw ModelFile.Failure(
        description: "\(saved.path): no optimizer.safetensors to continue with (exported, or trained with "
          + "--without-optimizer); add --fresh-optimizer to start the optimiser anew")
    }
    try saved.readOptimizer(optimizerFile, of: description, grown: grown)
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

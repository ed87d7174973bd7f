import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import Models

/// The model that `weights.safetensors` belongs to, as `model.json` beside it holds it: enough to build the model, and
/// to encode data as the model's were.
public struct ModelFile: Encodable, Equatable, Sendable {
  /// A saved model is damaged, or does not fit what is asked of it.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence with file and remedy.
    public let description: String
  }

  /// Version of the form that the file has; older ones are still read.
  public var version = Self.stored.version
  /// Version of Lockstep that wrote it.
  public var lockstep = Lockstep.version
  /// Name and settings, or the list of layers, as in a run file.
  public var model: ModelConfiguration
  /// The model ends in a projection head, and gives no scores; nil for one that learnt labels.
  public var contrastive: ContrastiveConfiguration?
  /// Samples that batch norm normalised together.
  public var ghostBatch: Int
  /// Shape of one sample; the dense values of click data.
  public var inputShape: Shape
  /// Outputs of the model are one score for each; click data have 2 and one score.
  public var classes: Int
  /// Nil where samples have no ids.
  public var idFields: IDFields?
  /// Schema of click data: how text became these values and ids, with all that was learnt for it.
  public var schema: ClickSchema?
  /// The text of the schema file of the data; nil where they were no text, and in models from before it was kept.
  public var schemaFile: String?
  /// The part of the samples of class 0 that the model learnt from: predictions are corrected for it. Nil for all.
  public var keptNegatives: Double?
  /// Images only: how pixels became floats.
  public var normalization: DataConfiguration.Normalization
  /// Of what its products and convolutions multiply; nil for floats.
  public var precision: RunConfiguration.ComputePrecision?
  /// As `RunRecord.weightsSHA256`: what `weights.safetensors` must hold. Nil: whatever it holds.
  public var weightsSHA256: String?

  /// The description of a trained model: its settings, and what of the data the model needs to read others of their
  /// kind.
  public init(_ configuration: RunConfiguration, _ data: any Dataset, weightsSHA256: String?) {
    model = configuration.model
    contrastive = configuration.contrastive
    ghostBatch = configuration.normalizedTogether
    inputShape = data.inputShape
    classes = data.classes
    idFields = data.idFields
    schema = data.clickSchema
    schemaFile = data.schemaFile
    keptNegatives = data.keptNegatives
    normalization = configuration.data.normalization
    precision = configuration.precision
    self.weightsSHA256 = weightsSHA256
  }

  /// JSON, a few lines for people and one long one for each vocabulary. Throws `EncodingError`.
  public func encoded() throws -> Data { try RecordFile.encoder(pretty: true).encode(self) }
}

extension ModelFile {
  /// Whether the model gives scores at all.
  ///
  /// - Throws: `Failure` where it only gives representations.
  func requireScores(at path: String) throws {
    guard contrastive != nil else { return }
    throw Failure(
      description:
        "\(path): this model was trained by contrasting samples and gives no scores of classes: run.json beside it "
        + "says how good its representations are; to go on with it, train with --from")
  }

  /// A run of this model that only evaluates.
  /// - Parameter path: of the data.
  public func evaluation(of path: String) -> RunConfiguration {
    var run = RunConfiguration(
      model: model, data: DataConfiguration(path: path, normalization: normalization), globalBatch: ghostBatch,
      microBatch: ghostBatch, epochs: 1)
    run.precision = precision
    // Files that do not say how many classes there are need to be told; those that do are compared later.
    if idFields == nil { run.data.classes = classes }
    return run
  }
}

extension Model {
  /// The model that a file describes, with its starting weights still to be replaced. Throws `LayerError` where the
  /// layers do not fit together or on the data.
  public init(_ file: ModelFile) throws {
    try self.init(
      file.model, input: file.inputShape, classes: file.classes, idFields: file.idFields, ghostBatch: file.ghostBatch,
      contrastive: file.contrastive)
    precision = try file.precision?.products() ?? .float32
  }
}

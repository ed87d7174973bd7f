import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import Models

/// What `weights.safetensors` belongs to, as `model.json` beside it holds it: enough to build the model, and to encode
/// data as the model's were.
public struct ModelFile: Encodable, Equatable, Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  public var version = Self.stored.version
  /// Which version of Lockstep wrote it.
  public var lockstep = Lockstep.version
  public var model: ModelConfiguration
  /// Samples that batch norm normalised together.
  public var ghostBatch: Int
  /// Of one sample; the dense values of click data.
  public var inputShape: Shape
  public var classes: Int
  /// Nil where samples have no ids.
  public var idFields: IDFields?
  /// Of click data: how text became these values and ids, with all that was learnt for it.
  public var schema: ClickSchema?
  /// Images only: how pixels became floats.
  public var normalization: DataConfiguration.Normalization
  /// As `RunRecord.weightsSHA256`: what `weights.safetensors` must hold. Nil: whatever it holds.
  public var weightsSHA256: String?

  public init(_ configuration: RunConfiguration, _ data: any Dataset, weightsSHA256: String?) {
    model = configuration.model
    ghostBatch = configuration.ghostBatch ?? configuration.microBatch
    inputShape = data.inputShape
    classes = data.classes
    idFields = data.idFields
    schema = data.clickSchema
    normalization = configuration.data.normalization
    self.weightsSHA256 = weightsSHA256
  }

  /// - Parameters:
  ///   - hash: of the weights that were read; asked for only where it is to be compared.
  ///   - file: where they were read from.
  /// - Throws: `Failure` where they are not those that this describes.
  func requireWeights(_ hash: @autoclosure () throws -> String, from file: URL) throws {
    guard let wanted = weightsSHA256, try hash() != wanted else { return }
    throw Failure(
      description:
        "\(file.path): other weights than model.json beside it says (weightsSHA256): damaged, or of another run; train or "
        + "export the model again, or remove that key where the weights were changed on purpose")
  }

  /// JSON, a few lines for people and one long one for each vocabulary.
  public func encoded() throws -> Data { try RecordFile.encoder(pretty: true).encode(self) }
}

extension Model {
  /// The model that a file describes, with its starting weights still to be replaced.
  public init(_ file: ModelFile) throws {
    try self.init(
      file.model, input: file.inputShape, classes: file.classes, idFields: file.idFields, ghostBatch: file.ghostBatch)
  }
}

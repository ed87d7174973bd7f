import Buffers
import Foundation

extension Trainer {
  private static let conventions =
    "dense weights are [inputs, outputs]; convolution weights are [height, width, inputs, outputs]; "
    + "images are [height, width, channels]"

  /// Writes the weights with their names and shapes. On one rank.
  public func saveWeights(to file: URL) throws {
    try SafeTensors.write(
      namedParameters,
      metadata: ["format": "lockstep \(Lockstep.version)", "model": model.name, "layout": Self.conventions],
      to: file)
  }

  /// Replaces the weights by a file's. On every rank, from the same file.
  public func loadWeights(from file: URL) throws {
    try SafeTensors.read(file, into: namedParameters)
    startingParameters.copy(from: parameters.slice(0..<layout.denseCount))
  }

  private var namedParameters: [(name: String, tensor: Tensor)] {
    layout.forwardEntries.map { entry in
      (entry.parameter.name, parameters.slice(entry.range).reshaped(entry.parameter.shape))
    }
  }
}

import Buffers
import MessagePassing

extension Trainer {
  /// The weights of a saved model of the same layers, in memory of their own; the trainer's stay. Collective.
  ///
  /// - Returns: the weights in the layout, and the SHA-256 of their numbers.
  /// - Throws: `CollectiveError`, with what reading threw.
  public func weights(of saved: SavedModel) throws -> (weights: Tensor, sha256: String) {
    let read = try communicator.agree {
      let weights = Tensor(Shape(layout.count))
      return (weights, try saved.readWeights(into: layout.namedViews(of: weights), of: saved.modelFile()))
    }
    try communicator.requireEqual([("set of weights of \(saved.path)", read.1)])
    return read
  }
}

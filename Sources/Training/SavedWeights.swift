import Buffers
import Layers
import MessagePassing

/// A saved model's weights for ranks that only read them: one copy for those of a host, where they can share memory.
final class SavedWeights {
  /// Flat, in the layout's order.
  let tensor: Tensor
  /// Keeps `tensor`; nil where each rank has its own.
  private let shared: SharedMemory?

  /// Collective; all ranks get the first error of one.
  ///
  /// - Parameters:
  ///   - communicator: nil for a process by itself.
  ///   - require: looks whether there is memory for all, where so many ranks keep one copy of the weights.
  ///   - read: fills the tensor.
  init(
    _ model: Model, _ memory: NodeMemory, sharedBy communicator: Communicator?,
    require: (_ ranksOfCopy: Int) throws -> Void, read: (Tensor) throws -> Void
  ) throws {
    let shape = Shape(model.layout.count)
    if let communicator, communicator.size > 1, !communicator.maySurvive {
      try communicator.agree { try require(memory.ranks.count) }
      let bytes = shape.count * MemoryLayout<Float>.stride
      if let shared = try SharedMemory.makeOne(byteCount: bytes, by: communicator) {
        let weights = Tensor(memory: shared.parts[0], offset: 0, shape: shape)
        try communicator.agree { if shared.node.rank == 0 { try read(weights) } }
        try shared.meet()
        (tensor, self.shared) = (weights, shared)
        return
      }
    }
    func own() throws -> Tensor {
      try require(1)
      let weights = Tensor(shape)
      try read(weights)
      return weights
    }
    tensor = try communicator?.agree(own) ?? own()
    shared = nil
  }
}

extension MemoryPart {
  /// A rank's share of a saved model's weights.
  static func weights(of model: Model, ranksOfCopy: Int) -> MemoryPart {
    let bytes = Double(model.layout.count) * Double(MemoryLayout<Float>.stride)
    return MemoryPart("weights", bytes / Double(ranksOfCopy))
  }
}

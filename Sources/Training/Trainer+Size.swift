/// Bytes of a model as a rank holds it.
public struct ModelSize: Encodable, Equatable, Sendable {
  /// All that the model learns, statistics included.
  public var weights: Int
  /// Bytes that the optimisers keep between updates.
  public var optimizerState: Int
}

extension Trainer {
  /// The cost of keeping a model, with what it takes to go on training it and without.
  public var modelSize: ModelSize {
    let bytes = MemoryLayout<Float>.stride
    return ModelSize(
      weights: layout.entries.reduce(0) { $0 + $1.parameter.shape.count } * bytes,
      optimizerState: (state.optimizer.state + (state.tableOptimizer?.state ?? [])).reduce(0) { $0 + $1.arena.count }
        * bytes)
  }
}

import Buffers

/// A model on its memory: parameters and gradients from the caller's arenas, activations of its own.
///
/// Everything for a number of rows is made when that number is first seen; after that a step allocates nothing.
public final class Network {
  public let model: Model
  public let maximumRows: Int
  private let chain: BoundChain
  private let goesBackward: Bool
  private let tables: TableGradients?

  /// - Parameters:
  ///   - parameters: a flat arena of `model.layout.count` floats.
  ///   - gradients: another of `model.layout.denseCount` floats, or nil for a network that only evaluates.
  ///   - tables: the tables' gradients, where the model has tables and gradients are asked for.
  ///   - maximumRows: the most rows that one call will bring.
  ///   - seed: of the experiment; keys dropout.
  public init(
    _ model: Model, parameters: Tensor, gradients: Tensor?, tables: TableGradients? = nil, maximumRows: Int,
    seed: UInt64
  ) throws {
    precondition(maximumRows > 0, "a network for \(maximumRows) rows")
    precondition(gradients == nil || model.layout.tables.count == tables?.tables.count ?? 0, "tables without gradients")
    self.tables = tables
    self.model = model
    self.maximumRows = maximumRows
    goesBackward = gradients != nil
    let memory = Self.memory(model.layout, parameters, gradients, tables)
    let place = BoundChain.Place(
      maximumRows: maximumRows, seed: seed, needsInputGradient: false, goesBackward: gradients != nil, index: { $0 })
    chain = try BoundChain(model.chain, memory: memory, place)
  }

  private static func memory(
    _ layout: ParameterLayout, _ parameters: Tensor, _ gradients: Tensor?, _ tables: TableGradients?
  ) -> [LayerMemory] {
    let parameterViews = layout.views(of: parameters)
    let gradientViews = gradients.map { layout.views(of: $0) }
    let tableLayers = layout.tables.map(\.layer)
    return parameterViews.indices.map { layer in
      LayerMemory(
        parameters: parameterViews[layer], gradients: gradientViews?[layer] ?? [],
        rowGradients: zip(tableLayers, tables?.tables ?? []).filter { $0.0 == layer }.map(\.1))
    }
  }

  /// Runs `inputs` `[rows, …]` through the layers.
  ///
  /// - Returns: what the last layer puts out, `[rows, …]`, until the next call.
  public func forward(_ inputs: Tensor, _ pass: Pass) throws -> Tensor {
    checkRows(inputs, pass)
    return try chain.forward(inputs, pass)
  }

  /// Writes or adds (see `Pass.overwritesGradients`) the parameters' gradients, of the rows that the last `forward` saw.
  /// Calls `layerDone` with each layer's place in the model, last layer first, as soon as its gradients are final for this
  /// microbatch.
  ///
  /// - Parameter outputGradient: with respect to what `forward` returned, in its shape; used as scratch.
  public func backward(
    _ inputs: Tensor, outputGradient: Tensor, _ pass: Pass, layerDone: (Int) throws -> Void
  ) throws {
    precondition(goesBackward, "a network without gradients cannot go backward")
    checkRows(inputs, pass)
    noteTouchedRows(pass)
    try chain.backward(inputs, outputGradient: outputGradient, inputGradient: nil, pass, layerDone: layerDone)
  }

  private func noteTouchedRows(_ pass: Pass) {
    guard let tables else { return }
    if pass.overwritesGradients { tables.clear() }
    tables.rows.touch(all: pass.ids)
  }

  /// Applies running statistics once per step, after the exchange: see `BoundLayer.updateStatistics`.
  public func updateStatistics(globalBatch: Int) {
    chain.updateStatistics(globalBatch: globalBatch)
  }

  private func checkRows(_ inputs: Tensor, _ pass: Pass) {
    precondition(
      pass.rows > 0 && pass.rows <= maximumRows, "\(pass.rows) samples for a network of at most \(maximumRows) rows")
    precondition(
      inputs.count == pass.rows * model.input.count, "inputs \(inputs.shape) for \(pass.rows) samples of \(model.input)"
    )
  }
}

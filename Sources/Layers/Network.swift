import Buffers

/// A model on its memory: parameters and gradients from the caller's arenas, activations of its own.
///
/// Everything for a number of rows is made when that number is first seen; after that a step allocates nothing.
public final class Network {
  public let model: Model
  public let maximumRows: Int
  private let chain: BoundChain
  private let loss: any BoundLoss
  /// With respect to what comes out of the last layer, `[maximumRows, …]`; nil where only evaluation is asked for.
  private let outputGradient: Tensor?
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
    loss = try model.loss.bind(outputs: model.output, maximumRows: maximumRows)
    outputGradient = gradients == nil ? nil : Tensor(model.output.batched(maximumRows))
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

  /// Runs `inputs` `[rows, …]` through the layers and returns the loss's sums over the rows.
  ///
  /// - Parameter labels: one a row, in 0..<classes.
  public func forward(
    _ inputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass
  ) throws -> LossSums {
    checkRows(inputs, labels, pass)
    return try loss.forward(try chain.forward(inputs, pass), labels: labels, pass)
  }

  /// Writes or adds (see `Pass.overwritesGradients`) the gradient of the rows that the last `forward` saw, their sum
  /// divided by `pass.globalBatch`. Calls `layerDone` with each layer's place in the model, last layer first, as soon as
  /// its gradients are final for this microbatch.
  public func backward(
    _ inputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass, layerDone: (Int) throws -> Void
  ) throws {
    guard let gradient = outputGradient?.rows(pass.rows) else {
      preconditionFailure("a network without gradients cannot go backward")
    }
    checkRows(inputs, labels, pass)
    noteTouchedRows(pass)
    try loss.backward(outputs(rows: pass.rows), labels: labels, outputGradient: gradient, pass)
    try chain.backward(inputs, outputGradient: gradient, inputGradient: nil, pass, layerDone: layerDone)
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

  /// What the last `forward` put out before the loss, `[rows, …]`.
  public func outputs(rows: Int) -> Tensor { chain.output(rows: rows) }

  private func checkRows(_ inputs: Tensor, _ labels: UnsafeBufferPointer<Int32>, _ pass: Pass) {
    precondition(
      pass.rows > 0 && pass.rows <= maximumRows && labels.count == pass.rows,
      "\(pass.rows) samples and \(labels.count) labels for a network of at most \(maximumRows) rows")
    precondition(
      inputs.count == pass.rows * model.input.count, "inputs \(inputs.shape) for \(pass.rows) samples of \(model.input)"
    )
  }
}

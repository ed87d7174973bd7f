import Buffers

/// A model on its memory: parameters and gradients from the caller's arenas, activations of its own.
///
/// Everything for a number of rows is made when that number is first seen; after that a step allocates nothing.
public final class Network {
  public let model: Model
  public let maximumRows: Int
  private let stages: [Stage]
  private let layers: [any BoundLayer]
  private let loss: any BoundLoss
  /// What each stage puts out, `[maximumRows, …]`.
  private let activations: [Tensor]
  /// The gradient with respect to a stage's output in one, to its input in the other, by turns; empty where only
  /// evaluation is asked for.
  private let gradientBuffers: [Tensor]
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
    let stages = Stage.plan(model)
    self.stages = stages
    activations = stages.map { Tensor($0.output.batched(maximumRows)) }
    gradientBuffers = gradients == nil ? [] : Self.gradientBuffers(stages, maximumRows)
    loss = try model.loss.bind(outputs: model.output, maximumRows: maximumRows)

    let parameterViews = model.layout.views(of: parameters)
    let gradientViews = gradients.map { model.layout.views(of: $0) }
    let tableLayers = model.layout.tables.map(\.layer)
    layers = try stages.enumerated().map { position, stage in
      try stage.layer.bind(
        LayerBinding(
          input: stage.input, output: stage.output, maximumRows: maximumRows, parameters: parameterViews[stage.index],
          gradients: gradientViews?[stage.index] ?? [],
          rowGradients: zip(tableLayers, tables?.tables ?? []).filter { $0.0 == stage.index }.map(\.1),
          index: stage.index, seed: seed, needsInputGradient: position > 0))
    }
  }

  /// Runs `inputs` `[rows, …]` through the layers and returns the loss's sums over the rows.
  ///
  /// - Parameter labels: one a row, in 0..<classes.
  public func forward(
    _ inputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass
  ) throws -> LossSums {
    checkRows(inputs, labels, pass)
    for position in stages.indices {
      try layers[position].forward(input(of: position, inputs, pass.rows), activations[position].rows(pass.rows), pass)
    }
    return try loss.forward(outputs(rows: pass.rows), labels: labels, pass)
  }

  /// Writes or adds (see `Pass.overwritesGradients`) the gradient of the rows that the last `forward` saw, their sum
  /// divided by `pass.globalBatch`. Calls `layerDone` with each layer's place in the model, last layer first, as soon as
  /// its gradients are final for this microbatch.
  public func backward(
    _ inputs: Tensor, labels: UnsafeBufferPointer<Int32>, _ pass: Pass, layerDone: (Int) throws -> Void
  ) throws {
    precondition(!gradientBuffers.isEmpty, "a network without gradients cannot go backward")
    checkRows(inputs, labels, pass)
    noteTouchedRows(pass)
    let last = stages.count - 1
    try loss.backward(
      outputs(rows: pass.rows), labels: labels, outputGradient: outputGradient(of: last, pass.rows), pass)
    for position in stages.indices.reversed() {
      try layers[position].backward(
        input: input(of: position, inputs, pass.rows), output: activations[position].rows(pass.rows),
        outputGradient: outputGradient(of: position, pass.rows),
        inputGradient: position > 0 ? inputGradient(of: position, pass.rows) : nil, pass)
      for member in stages[position].members.reversed() { try layerDone(member) }
    }
  }

  private func noteTouchedRows(_ pass: Pass) {
    guard let tables else { return }
    if pass.overwritesGradients { tables.clear() }
    tables.rows.touch(all: pass.ids)
  }

  /// Applies running statistics once per step, after the exchange: see `BoundLayer.updateStatistics`.
  public func updateStatistics(globalBatch: Int) {
    for layer in layers { layer.updateStatistics(globalBatch: globalBatch) }
  }

  /// What the last `forward` put out before the loss, `[rows, …]`.
  public func outputs(rows: Int) -> Tensor { activations[activations.count - 1].rows(rows) }

  private func checkRows(_ inputs: Tensor, _ labels: UnsafeBufferPointer<Int32>, _ pass: Pass) {
    precondition(
      pass.rows > 0 && pass.rows <= maximumRows && labels.count == pass.rows,
      "\(pass.rows) samples and \(labels.count) labels for a network of at most \(maximumRows) rows")
    precondition(
      inputs.count == pass.rows * model.input.count, "inputs \(inputs.shape) for \(pass.rows) samples of \(model.input)"
    )
  }

  /// What goes into a stage, in the shape that it takes: a reshape before it has happened with this.
  private func input(of position: Int, _ inputs: Tensor, _ rows: Int) -> Tensor {
    let source = position == 0 ? inputs : activations[position - 1].rows(rows)
    return source.reshaped(stages[position].input.batched(rows))
  }

  private func outputGradient(of position: Int, _ rows: Int) -> Tensor {
    let shape = stages[position].output.batched(rows)
    return gradientBuffers[position % 2].slice(0..<shape.count).reshaped(shape)
  }

  private func inputGradient(of position: Int, _ rows: Int) -> Tensor {
    let shape = stages[position].input.batched(rows)
    return gradientBuffers[(position + 1) % 2].slice(0..<shape.count).reshaped(shape)
  }

  /// A stage's output gradient lies in the buffer of its own parity.
  private static func gradientBuffers(_ stages: [Stage], _ rows: Int) -> [Tensor] {
    (0..<2).map { parity in
      let largest = stages.indices.filter { $0 % 2 == parity }.map { stages[$0].output.count }.max() ?? 0
      return Tensor(Shape(rows * largest))
    }
  }
}

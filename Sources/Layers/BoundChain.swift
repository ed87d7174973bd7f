import Buffers

/// A chain of at least one layer on its memory: activations of its own, and the gradients between its layers.
final class BoundChain {
  private let stages: [Stage]
  private let layers: [any BoundLayer]
  /// What each stage puts out, `[maximumRows, …]`.
  private let activations: [Tensor]
  /// The gradient with respect to the output of each stage but the last, by turns; empty where only evaluation is asked
  /// for.
  private let gradientBuffers: [Tensor]
  /// The first layer, if it can add to the gradient of the chain's input.
  private let firstAdding: (any InputGradientAdding)?

  /// What a chain is bound with, beside its layers' memory.
  struct Place {
    let maximumRows: Int
    let seed: UInt64
    /// Somebody asks for the gradient of the chain's input.
    let needsInputGradient: Bool
    let goesBackward: Bool
    /// Each layer's place in the model, which keys its random numbers.
    let index: (Int) -> Int
  }

  /// - Parameter memory: of each of the chain's layers.
  init(_ chain: Chain, memory: [LayerMemory], _ place: Place) throws {
    let stages = Stage.plan(chain)
    self.stages = stages
    activations = stages.map { Tensor($0.output.batched(place.maximumRows)) }
    gradientBuffers = place.goesBackward ? Self.gradientBuffers(stages.dropLast(), place.maximumRows) : []
    layers = try stages.enumerated().map { position, stage in
      let own = memory[stage.index]
      return try stage.layer.bind(
        LayerBinding(
          input: stage.input, output: stage.output, maximumRows: place.maximumRows, parameters: own.parameters,
          gradients: own.gradients, rowGradients: own.rowGradients, index: place.index(stage.index), seed: place.seed,
          needsInputGradient: position > 0 || place.needsInputGradient, goesBackward: place.goesBackward))
    }
    firstAdding = layers.first as? any InputGradientAdding
  }

  /// True where `backward` can add to the input's gradient.
  var addsInputGradient: Bool { firstAdding != nil }

  /// Returns the output, `[rows, …]`, which stays until the next call.
  func forward(_ input: Tensor, _ pass: Pass) throws -> Tensor {
    for position in stages.indices {
      try layers[position].forward(
        self.input(of: position, input, pass.rows), activations[position].rows(pass.rows), pass)
    }
    return output(rows: pass.rows)
  }

  /// What the last `forward` put out, `[rows, …]`.
  func output(rows: Int) -> Tensor { activations[activations.count - 1].rows(rows) }

  /// May use `outputGradient` as scratch. Writes the gradient of the input, if asked for, or
  /// adds it (only where `addsInputGradient`). Calls `layerDone` with each layer's place in the chain, last first.
  func backward(
    _ input: Tensor, outputGradient: Tensor, inputGradient: Tensor?, adds: Bool = false, _ pass: Pass,
    layerDone: (Int) throws -> Void = { _ in }
  ) throws {
    var gradient = outputGradient
    for position in stages.indices.reversed() {
      let stage = stages[position]
      let next = position > 0 ? self.gradient(of: position - 1, pass.rows) : inputGradient
      let (from, to) = (self.input(of: position, input, pass.rows), next?.reshaped(stage.input.batched(pass.rows)))
      let (result, given) = (activations[position].rows(pass.rows), gradient.reshaped(stage.output.batched(pass.rows)))
      if position == 0, adds, let firstAdding, let to {
        try firstAdding.backward(input: from, output: result, outputGradient: given, addingTo: to, pass)
      } else {
        try layers[position].backward(input: from, output: result, outputGradient: given, inputGradient: to, pass)
      }
      for member in stage.members.reversed() { try layerDone(member) }
      if let next { gradient = next }
    }
  }

  func updateStatistics(globalBatch: Int) {
    for layer in layers { layer.updateStatistics(globalBatch: globalBatch) }
  }

  /// What goes into a stage, in the shape that it takes: a reshape before it has happened with this.
  private func input(of position: Int, _ input: Tensor, _ rows: Int) -> Tensor {
    let source = position == 0 ? input : activations[position - 1].rows(rows)
    return source.reshaped(stages[position].input.batched(rows))
  }

  /// With respect to the output of a stage that is not the last.
  private func gradient(of position: Int, _ rows: Int) -> Tensor {
    let shape = stages[position].output.batched(rows)
    return gradientBuffers[position % 2].slice(0..<shape.count).reshaped(shape)
  }

  /// The gradient of a stage's output lies in the buffer of its own parity.
  private static func gradientBuffers(_ stages: ArraySlice<Stage>, _ rows: Int) -> [Tensor] {
    (0..<2).map { parity in
      let largest = stages.indices.filter { $0 % 2 == parity }.map { stages[$0].output.count }.max() ?? 0
      return Tensor(Shape(rows * largest))
    }
  }
}

import Buffers
import Kernels

/// A step on its memory.
enum BoundFusedStep {
  /// - Parameters:
  ///   - adding: the same layer, where it can add to its input's gradient.
  ///   - first: the same layer, where its parameters go backward before its input.
  case layer(any BoundLayer, adding: (any InputGradientAdding)?, first: (any ParametersFirst)?)
  /// - Parameter columns: where each branch's output begins in a concatenation.
  case join(Join, columns: [Int])

  init(
    _ step: FusedStep, _ plan: NetworkPlan, _ memory: LayerMemory, _ maximumRows: Int, _ seed: UInt64,
    parametersAreFixed: Bool
  ) throws {
    switch step.work {
    case .join(let join): self = .join(join, columns: join.columns(of: step.inputs.map(\.shape)))
    case .layer(let layer):
      let extent = plan.extent(step, rows: maximumRows)
      let bound = try layer.bind(
        LayerBinding(
          input: extent.input, output: extent.output, maximumRows: maximumRows, parameters: memory.parameters,
          gradients: memory.gradients, rowGradients: memory.rowGradients,
          index: plan.fusion.graph.nodes[step.index].place.key, seed: seed,
          needsInputGradient: extent.needsInputGradient, goesBackward: extent.goesBackward,
          precision: extent.precision, parametersAreFixed: parametersAreFixed))
      let adding = layer.addsInputGradient ? bound as? any InputGradientAdding : nil
      precondition(!layer.addsInputGradient || adding != nil, "\(layer.kind) cannot add to its input's gradient")
      let isFirst = layer.parameterPieces(for: extent.input) > 0
      let first = isFirst ? bound as? any ParametersFirst : nil
      precondition(!isFirst || first != nil, "\(layer.kind) does not go backward with its parameters first")
      self = .layer(bound, adding: adding, first: first)
    }
  }

  func forward(_ step: FusedStep, _ network: Network, _ inputs: Tensor, _ pass: Pass) throws {
    let output = network.tensor(step.output, inputs, pass.rows)
    switch self {
    case .layer(let layer, _, _): try layer.forward(network.tensor(step.inputs[0], inputs, pass.rows), output, pass)
    case .join(let join, let columns):
      join.forward(step.inputs.count, columns: columns, rows: pass.rows, into: output) { branch in
        network.tensor(step.inputs[branch], inputs, pass.rows)
      }
    }
  }

  func backward(
    input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, adds: Bool, _ pass: Pass
  ) throws {
    guard case .layer(let layer, let adding, _) = self else {
      preconditionFailure("a join goes backward by instructions of its own")
    }
    if adds, let adding, let inputGradient {
      try adding.backward(
        input: input, output: output, outputGradient: outputGradient, addingTo: inputGradient, pass)
    } else {
      try layer.backward(
        input: input, output: output, outputGradient: outputGradient, inputGradient: inputGradient, pass)
    }
  }

  /// The layer that goes backward by several instructions.
  var parametersFirst: any ParametersFirst {
    guard case .layer(_, _, let first?) = self else { preconditionFailure("a step that goes backward as a whole") }
    return first
  }
}

import Buffers
import Kernels

extension Network {
  /// - Parameter given: the gradient of the model's output.
  func run(
    _ instruction: BackwardProgram.Instruction, _ program: BackwardProgram, _ inputs: Tensor, _ given: Tensor,
    _ pass: Pass, _ partDone: (Int, Int) throws -> Void, _ layerDone: (Int) throws -> Void
  ) throws {
    func array(_ number: Int) -> Tensor {
      number == 0 ? given : gradientArrays[number - 1].slice(0..<program.widths[number] * pass.rows)
    }
    switch instruction {
    case .layer(let place, let output, let input, let adds):
      let step = plan.fusion.steps[place]
      try layers[place].backward(
        input: tensor(step.inputs[0], inputs, pass.rows), output: tensor(step.output, inputs, pass.rows),
        outputGradient: array(output).reshaped(step.output.shape.batched(pass.rows)),
        inputGradient: input.map { array($0).reshaped(step.inputs[0].shape.batched(pass.rows)) }, adds: adds, pass)
    case .parameters(let place, let output, let piece, let pieces):
      let step = plan.fusion.steps[place]
      let final = try layers[place].parametersFirst.parametersBackward(
        piece: piece, of: pieces, input: tensor(step.inputs[0], inputs, pass.rows),
        output: tensor(step.output, inputs, pass.rows),
        outputGradient: array(output).reshaped(step.output.shape.batched(pass.rows)), pass)
      if piece + 1 < pieces { try partDone(step.index, final) }
    case .input(let place, let output, let input, let adds):
      let step = plan.fusion.steps[place]
      try layers[place].parametersFirst.inputBackward(
        outputGradient: array(output).reshaped(step.output.shape.batched(pass.rows)),
        inputGradient: array(input).reshaped(step.inputs[0].shape.batched(pass.rows)), adds: adds, pass)
    case .rectify(let place, let output):
      var gradient = array(output).buffer.mutableSpan
      Rectifier.backward(
        output: tensor(plan.fusion.steps[place].output, inputs, pass.rows).buffer.span, gradient: &gradient)
    case .copy(let source, let target): array(target).copy(from: array(source))
    case .add(let source, let target):
      var sum = array(target).buffer.mutableSpan
      Arithmetic.add(array(source).buffer.span, to: &sum)
    case .extract(let source, let column, let target, let adds):
      var values = array(target).buffer.mutableSpan
      Columns.extract(array(source).buffer.span, at: column, rows: pass.rows, into: &values, adds: adds)
    case .done(let nodes): for node in nodes.reversed() { try layerDone(node) }
    }
  }
}

import Buffers
import Kernels

/// A model on its memory: parameters and gradients from the caller's arenas, activations of its own.
///
/// Everything for a number of rows is made when that number is first seen; after that a step allocates nothing.
public final class Network {
  /// The model that it runs.
  public let model: Model
  /// The most rows that one call may bring.
  public let maximumRows: Int
  let plan: NetworkPlan
  let layers: [BoundFusedStep]
  /// Outputs of each step, `[maximumRows · …]`, flat.
  private let activations: [Tensor]
  /// For each value, the step that puts it out; -1 for the model's input.
  private let sources: [Int]
  /// The arrays of the backward program, `[maximumRows · …]`, flat. The first is whatever a call gives.
  let gradientArrays: [Tensor]
  private let tables: TableGradients?
  private var hasNotedRows = false
  /// Told of each step as it runs; nil where nobody watches.
  public var observer: (any NetworkObserver)?

  /// - Parameters:
  ///   - parameters: a flat arena of `model.layout.count` floats.
  ///   - gradients: another of `model.layout.denseCount` floats, or nil for a network that only evaluates.
  ///   - tables: the tables' gradients, where the model has tables and gradients are asked for.
  ///   - maximumRows: the most rows that one call will bring.
  ///   - seed: of the experiment; keys dropout.
  ///   - parametersAreFixed: the parameters stay as they are from the first pass on.
  /// - Throws: `LayerError` or `OneDNNError` where a layer cannot be bound.
  public init(
    _ model: Model, parameters: Tensor, gradients: Tensor?, tables: TableGradients? = nil, maximumRows: Int,
    seed: UInt64, parametersAreFixed: Bool = false
  ) throws {
    precondition(maximumRows > 0, "a network for \(maximumRows) rows")
    precondition(gradients == nil || model.layout.tables.count == tables?.tables.count ?? 0, "tables without gradients")
    self.tables = tables
    self.model = model
    self.maximumRows = maximumRows
    let plan = NetworkPlan(model.graph, goesBackward: gradients != nil, model.precision)
    self.plan = plan
    let memory = LayerMemory.shares(model.layout, parameters, gradients, tables)
    layers = try plan.fusion.steps.map {
      try BoundFusedStep(
        $0, plan, memory[$0.index], maximumRows, seed, parametersAreFixed: parametersAreFixed)
    }
    let steps = plan.fusion.steps
    activations = plan.activations(rows: maximumRows).tensors(steps.map { $0.output.shape.count * maximumRows })
    sources = steps.enumerated().reduce(into: Array(repeating: -1, count: model.graph.nodes.count + 1)) {
      $0[$1.element.output.value] = $1.offset
    }
    let widths = plan.backward?.widths ?? []
    gradientArrays = plan.gradients(rows: maximumRows).tensors(widths.dropFirst().map { $0 * maximumRows })
  }

  /// Runs `inputs` `[rows, …]` through the layers.
  ///
  /// - Parameter layerDone: called after each one.
  /// - Returns: what the last layer puts out, `[rows, …]`, until the next call.
  /// - Throws: `OneDNNError` where oneDNN fails.
  public func forward(_ inputs: Tensor, _ pass: Pass, layerDone: () throws -> Void = {}) throws -> Tensor {
    checkRows(inputs, pass)
    for (place, step) in plan.fusion.steps.enumerated() {
      observer?.begins()
      try layers[place].forward(step, self, inputs, pass)
      observer?.ended(place, .forward)
      try layerDone()
    }
    return tensor(plan.fusion.output, inputs, pass.rows)
  }

  /// As `forward`, which is looked at as it goes.
  ///
  /// - Returns: what the last layer puts out, and the first layer whose output is not finite; nil where all are.
  public func forwardToNotFinite(_ inputs: Tensor, _ pass: Pass) throws -> (outputs: Tensor, layer: String?) {
    var (place, found) = (0, Int?.none)
    let outputs = try forward(inputs, pass) {
      if found == nil, !OptimizerLoops.isFinite(output(ofStep: place, rows: pass.rows).buffer.span) { found = place }
      place += 1
    }
    return (outputs, found.map { stepNames[$0] })
  }

  /// What a step put out, flat: until a later one runs, which may use its memory.
  ///
  /// - Parameter place: see `stepNames`.
  package func output(ofStep place: Int, rows: Int) -> Tensor {
    activations[place].slice(0..<plan.fusion.steps[place].output.shape.count * rows)
  }

  /// What went into the model's head in the last `forward`: `[rows, …]`, until the next call. Of a network that goes backward,
  /// which keeps it.
  public func representation(_ inputs: Tensor, rows: Int) -> Tensor {
    guard plan.backward != nil, let step = plan.fusion.steps.first(where: { $0.index == model.head }) else {
      preconditionFailure("a network that keeps no representation")
    }
    return tensor(step.inputs[0], inputs, rows)
  }

  /// Writes or adds (see `Pass.overwritesGradients`) the parameters' gradients, of the rows that the last `forward` saw.
  /// Calls `layerDone` with each node's number in the model, last first, as soon as its gradients are final for this
  /// microbatch; and before that, for a large layer, `partDone` with its number and how many of its gradients, from the first
  /// on, are final.
  ///
  /// - Parameter outputGradient: with respect to what `forward` returned, in its shape; used as scratch.
  /// - Throws: `OneDNNError` where oneDNN fails.
  public func backward(
    _ inputs: Tensor, outputGradient: Tensor, _ pass: Pass,
    partDone: (_ layer: Int, _ gradients: Int) throws -> Void = { _, _ in },
    layerDone: (Int) throws -> Void
  ) throws {
    guard let program = plan.backward else {
      preconditionFailure("a network without gradients cannot go backward")
    }
    checkRows(inputs, pass)
    noteTouchedRows(pass)
    hasNotedRows = false
    for instruction in program.instructions {
      observer?.begins()
      defer { if let observer { instruction.tell(observer) } }
      try run(instruction, program, inputs, outputGradient, pass, partDone, layerDone)
    }
  }

  /// Notes in the tables' gradients which rows a training pass touches, before its forward pass, for those who want to know
  /// so early; otherwise `backward` does.
  public func noteTouchedRows(_ pass: Pass) {
    guard let tables, !hasNotedRows else { return }
    hasNotedRows = true
    if pass.overwritesGradients { tables.clear() }
    tables.rows.touch(all: pass.ids)
  }

  /// A value of the last `forward`, `[rows, …]`, in the shape in which it is used.
  func tensor(_ use: FusedStep.Use, _ inputs: Tensor, _ rows: Int) -> Tensor {
    let shape = use.shape.batched(rows)
    let source = sources[use.value]
    return source < 0 ? inputs.reshaped(shape) : activations[source].slice(0..<shape.count).reshaped(shape)
  }

  private func checkRows(_ inputs: Tensor, _ pass: Pass) {
    precondition(
      pass.rows > 0 && pass.rows <= maximumRows, "\(pass.rows) samples for a network of at most \(maximumRows) rows")
    precondition(
      inputs.count == pass.rows * model.input.count, "inputs \(inputs.shape) for \(pass.rows) samples of \(model.input)"
    )
  }
}

extension SharedMemoryPlan {
  /// The arrays on memory of their own, flat.
  ///
  /// - Parameter counts: floats of each.
  fileprivate func tensors(_ counts: [Int]) -> [Tensor] {
    let block = Tensor(Shape(Int(floats)))
    return zip(offsets, counts).map { block.slice(Int($0)..<Int($0) + $1) }
  }
}

import Buffers
import Configuration
import Gradients
import Layers
import MessagePassing
import Models

/// Layers that stand beside each other finish one by one, so their gradients can leave one by one.
let compositeChecks = [
  RankCheck("DeepFM's dense gradients leave in several buckets during backward", gradientsLeaveDuringBackward)
]

/// The shipped DeepFM, on made-up clicks. With the default bucketBytes, 4 MiB, all its dense gradients (some 35 kB) are
/// one bucket, as they should be; so smaller ones here.
private func gradientsLeaveDuringBackward(_ world: Communicator) throws {
  let run = try RunConfiguration.load(file: "launch/runs/flights-deepfm.yaml")
  let model = try Model(
    run.model, input: Shape(ClickStep.values), classes: 2, idFields: ClickStep.fields, ghostBatch: 1)
  let tables = TableGradients(model.layout)!
  let arena = GradientArena(model.layout)
  let exchange = try GradientExchange(
    arena, layout: model.layout, communicator: world, bucketBytes: 256, overlap: .start, tables: tables)
  let due = exchange.plan.buckets.map(\.dueAfterLayer)
  try expect(due.count >= 3 && due.dropLast().allSatisfy { $0 > 0 }, "buckets are due after \(due)")

  let step = try ClickStep(model, tables: tables, arena: arena)
  exchange.beginStep(microbatches: world.size)
  var started: [Int] = []
  try step.backward { layer in
    try exchange.layerDone(layer, isFirstMicrobatch: true, isLastMicrobatch: true)
    if exchange.firstStart != nil { started.append(layer) }
  }
  _ = try exchange.finish()
  // Alone nothing leaves. Else the first bucket leaves with its last layer, and not all layers are done by then.
  guard world.size > 1 else { return try expectEqual(started, [], "layers after which something had left") }
  try expect(started.last == 0 && started.contains(due[0]) && due[0] > 0, "something had left after layers \(started)")

  let one = try ClickStep(model, tables: TableGradients(model.layout)!, arena: GradientArena(model.layout))
  try one.backward { _ in }
  for (sum, own) in zip(arena.gradients.buffer, one.arena.gradients.buffer) {
    let difference = abs(sum - Float(world.size) * own)
    try expect(difference <= 1e-6 * max(1, abs(sum)), "a sum over equal ranks is \(sum), each rank's part \(own)")
  }
}

/// One microbatch of made-up click data, the same on every rank, forward and backward.
private final class ClickStep {
  static let values = 3
  static let fields = IDFields(names: ["a", "b", "c", "d"], cardinalities: [20, 10, 5, 5])

  let arena: GradientArena
  private let network: Network
  private let objective: Objective
  private let inputs: Tensor
  private let ids: [Int32]
  private let labels: [Int32]
  private let samples = Array(0..<64)

  init(_ model: Model, tables: TableGradients, arena: GradientArena) throws {
    self.arena = arena
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 3)
    let rows = samples.count
    network = try Network(
      model, parameters: parameters, gradients: arena.gradients, tables: tables, maximumRows: rows, seed: 3)
    objective = try Objective(model, maximumRows: rows, goesBackward: true)
    let random = Philox(5)
    inputs = Tensor(
      (0..<rows * Self.values).map { Philox.unit(random.block(UInt64($0), 0).x) - 0.5 },
      shape: Shape(rows, Self.values))
    ids = (0..<rows * Self.fields.count).map { Int32($0 % Self.fields.rows) }
    labels = samples.map { Int32($0 % 3 == 0 ? 1 : 0) }
  }

  func backward(_ layerDone: (Int) throws -> Void) throws {
    try samples.withUnsafeBufferPointer { samples in
      try ids.withUnsafeBufferPointer { ids in
        try labels.withUnsafeBufferPointer { labels in
          let pass = Pass(
            mode: .training, epoch: 0, samples: samples, ids: ids, overwritesGradients: true,
            globalBatch: samples.count, firstRowInGlobalBatch: 0)
          let outputs = try network.forward(inputs, pass)
          _ = try objective.sums(of: outputs, labels: labels, pass)
          let gradient = try objective.gradient(of: outputs, labels: labels, pass)
          try network.backward(inputs, outputGradient: gradient, pass, layerDone: layerDone)
        }
      }
    }
  }
}

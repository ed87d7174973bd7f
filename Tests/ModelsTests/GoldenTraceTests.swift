import Buffers
import Gradients
import Layers
import Models
import Optimizers
import Testing

/// Ten steps of training against PyTorch's. See Golden/README.md for what is compared and how closely.
@Suite struct GoldenTraceTests {
  /// Microbatches of 5 cut the batch of 12 into 5, 5 and 2: accumulation must not change the result. Batch norm's ghost
  /// batch is the microbatch, so there only the whole batch is PyTorch's experiment.
  @Test(arguments: [
    ("mlp-sgd", 12), ("mlp-adam", 12), ("mlp-adam", 5), ("cnn-adamw", 12), ("cnn-adamw", 5), ("deepfm-sgd", 12),
    ("deepfm-sgd", 5), ("dcnv2-sgd", 12), ("dcnv2-sgd", 5), ("dlrm-sgd", 12), ("dlrm-sgd", 5),
  ])
  func followsPyTorch(_ name: String, microBatch: Int) throws {
    let trace = try GoldenTrace.load(name)
    let run = try TraceRun(trace, microBatch: microBatch)
    for step in trace.losses.indices {
      let loss = try run.computeGradients(step: step)
      expectClose(loss, trace.losses[step], "loss of step \(step)")
      if step == 0 { compare(run.allGradients, with: "gradient", of: trace, run.model.layout) }
      let norm = try run.update()
      if trace.optimizer.clipNorm != nil {
        expectClose(try #require(norm), trace.gradientNorms[step], "gradient norm of step \(step)")
      }
    }
    compare(run.parameters, with: "final", of: trace, run.model.layout)
  }

  private func expectClose(_ ours: Double, _ theirs: Double, _ what: String) {
    #expect(abs(ours - theirs) <= 1e-5 * abs(theirs), "\(what): \(ours) is not \(theirs)")
  }

  /// Each number to 1e-5 of the largest of its array: what is near zero there is a difference of larger numbers.
  private func compare(_ arena: Tensor, with group: String, of trace: GoldenTrace, _ layout: ParameterLayout) {
    let entries = layout.entries.filter { group != "gradient" || !$0.parameter.isStatistic }
    #expect(Set(entries.map(\.parameter.name)) == trace.names(in: group))
    for entry in entries {
      guard let theirs = trace.array("\(group)/\(entry.parameter.name)") else { continue }
      #expect(theirs.shape == entry.parameter.shape, "\(entry.parameter.name)")
      let scale = max(theirs.values.map(abs).max()!, Self.smallestScale)
      let worst = zip(arena.slice(entry.range).values, theirs.values).map { abs($0 - $1) }.max()!
      #expect(worst <= 1e-5 * scale, "\(group) of \(entry.parameter.name): off by \(worst) of \(scale)")
    }
  }

  /// A bias before batch norm has no effect: its true gradient is 0, and ours is the rounding of a sum.
  private static let smallestScale: Float = 1e-2
}

/// Our side: a network, its arenas and its optimiser.
private final class TraceRun {
  let model: Model
  let parameters: Tensor
  let gradients: Tensor
  private let trace: GoldenTrace
  private let microBatch: Int
  private let tables: TableGradients?
  private let network: Network
  private let optimizer: any Optimizer

  init(_ trace: GoldenTrace, microBatch: Int) throws {
    self.trace = trace
    self.microBatch = microBatch
    model = try Model(
      trace.modelConfiguration, input: Shape(trace.input), classes: trace.classes, idFields: trace.idFields,
      ghostBatch: microBatch)
    parameters = Tensor(Shape(model.layout.count))
    gradients = Tensor(Shape(model.layout.denseCount))
    tables = TableGradients(model.layout)
    for entry in model.layout.entries {
      guard let start = trace.array("initial/\(entry.parameter.name)") else { continue }
      parameters.slice(entry.range).copy(from: start)
    }
    network = try Network(
      model, parameters: parameters, gradients: gradients, tables: tables, maximumRows: microBatch, seed: 1)
    optimizer = makeOptimizer(trace.optimizerConfiguration, layout: model.layout)
  }

  /// Returns the mean loss over the global batch.
  func computeGradients(step: Int) throws -> Double {
    let inputs = trace.inputs(step: step)
    let labels = trace.labels[step]
    var sums = LossSums()
    for start in stride(from: 0, to: labels.count, by: microBatch) {
      let rows = start..<min(start + microBatch, labels.count)
      sums += try computeGradients(inputs, trace.ids(step: step, rows: rows), labels, rows)
    }
    return sums.loss / Double(labels.count)
  }

  private func computeGradients(
    _ inputs: Tensor, _ ids: [Int32], _ labels: [Int32], _ rows: Range<Int>
  ) throws -> LossSums {
    let size = model.input.count
    let some = inputs.slice(rows.lowerBound * size..<rows.upperBound * size).reshaped(model.input.batched(rows.count))
    return try network.computeGradients(
      some, ids: ids, labels: Array(labels[rows]), first: rows.lowerBound, globalBatch: labels.count)
  }

  /// In the parameters' layout, tables whole.
  var allGradients: Tensor {
    let all = Tensor(Shape(model.layout.count))
    all.slice(0..<gradients.count).copy(from: gradients)
    for (table, entry) in zip(tables?.tables ?? [], model.layout.tables) {
      table.addRows(to: all.slice(entry.range), times: 1)
    }
    return all
  }

  /// Returns the gradient norm, where the optimiser knows it.
  func update() throws -> Double? {
    RunningStatistics(layout: model.layout).update(
      parameters: parameters, gradients: ReducedGradients(arena: gradients), globalBatch: trace.labels[0].count)
    for (table, entry) in zip(tables?.tables ?? [], model.layout.tables) {
      table.addRows(to: parameters.slice(entry.range), times: -Float(trace.learningRate))
    }
    return try optimizer.update(
      parameters: parameters, gradients: ReducedGradients(arena: gradients), learningRate: trace.learningRate)
  }
}

import ArgumentParser
import Buffers
import Configuration
import Kernels
import Layers
import Models

/// How fast one rank computes, beside the rate of plain matrix products in the same run. Minima over rounds, since other
/// work on the machine only ever makes things slower.
struct ComputeBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compute", abstract: "Forward and backward of one rank in GFLOP/s, against plain sgemm.")

  @Option(help: "Rounds; the fastest counts.") var rounds = 10
  @Option(help: "Threads of this rank.") var threads = 1
  @Option(help: "Of what products and convolutions multiply.") var precision = RunConfiguration.ComputePrecision.float32
  @Option(help: "Who multiplies numbers of bfloat16.") var products = ExecutionConfiguration.BFloat16Products.auto
  @Option(help: "Only models of this name: mlp, mlp-wide, cnn, cnn-norm or resnet20.") var only: String?

  func run() throws {
    try KernelThreads.set(threads)
    print("oneDNN \(oneDNNVersion), \(threads) thread(s), \(precision.rawValue), fastest of \(rounds) rounds")
    print("model     rows  forward ms   GFLOP/s  backward ms   GFLOP/s  samples/s  sgemm GFLOP/s  share of it")
    for (name, model) in try models where only == nil || only == name {
      for rows in name.hasPrefix("mlp") ? [512, 2048] : [128, 512] { try measure(name, model, rows) }
    }
  }

  private var models: [(String, Model)] {
    get throws {
      func model(_ configuration: ModelConfiguration, _ input: Shape = Shape(28, 28, 1)) throws -> Model {
        var model = try Model(configuration, input: input, classes: 10, ghostBatch: 128)
        model.precision = try precision.products(products)
        return model
      }
      return [
        ("mlp", try model(.mlp(widths: [512, 512], batchNorm: false, dropout: 0))),
        ("mlp-wide", try model(.mlp(widths: [2048, 2048], batchNorm: false, dropout: 0))),
        ("cnn", try model(.cnn(filters: [32, 64], hidden: 1024, batchNorm: false, dropout: 0))),
        ("cnn-norm", try model(.cnn(filters: [32, 64], hidden: 1024, batchNorm: true, dropout: 0))),
        ("resnet20", try model(.resnet(depth: 20, width: 1), Shape(32, 32, 3))),
      ]
    }
  }

  private func measure(_ name: String, _ model: Model, _ rows: Int) throws {
    let run = try ComputeRun(model, rows: rows)
    let product = SquareProduct(1024)
    var forward = Double.infinity
    var backward = Double.infinity
    var plain = Double.infinity
    for _ in 0...rounds {
      forward = min(forward, try seconds { try run.forward() })
      backward = min(backward, try seconds { try run.backward() })
      plain = min(plain, try seconds { try product.multiply() })
    }
    let rate = Double(run.forwardOperations + run.backwardOperations) / (forward + backward)
    let plainRate = Double(product.operations) / plain
    let columns = [
      cell(rows, 14 - name.count), cell(forward * 1e3, 12), cell(Double(run.forwardOperations) / forward / 1e9, 10),
      cell(backward * 1e3, 13), cell(Double(run.backwardOperations) / backward / 1e9, 10),
      cell(Double(rows) / (forward + backward), 11), cell(plainRate / 1e9, 15), cell(rate / plainRate * 100, 12) + " %",
    ]
    print(name + columns.joined())
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let elapsed = try ContinuousClock().measure(body)
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }

  private func cell(_ value: Double, _ width: Int) -> String {
    let tenths = Int((value * 10).rounded())
    return padded(value < 1000 ? "\(tenths / 10).\(tenths % 10)" : "\(tenths / 10)", width)
  }

  private func cell(_ value: Int, _ width: Int) -> String { padded("\(value)", width) }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }
}

/// One model on random samples.
private final class ComputeRun {
  private let network: Network
  private let objective: Objective
  private let inputs: Tensor
  /// Outputs of the last `forward`.
  private var outputs: Tensor
  private let labels: [Int32]
  private let samples: [Int]
  let forwardOperations: Int
  let backwardOperations: Int

  init(_ model: Model, rows: Int) throws {
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 1)
    network = try Network(
      model, parameters: parameters, gradients: Tensor(Shape(model.layout.count)), maximumRows: rows, seed: 1)
    objective = try Objective(model, maximumRows: rows, goesBackward: true)
    outputs = Tensor(Shape(0))
    inputs = Tensor(model.input.batched(rows))
    let random = Philox(2)
    for index in inputs.buffer.indices { inputs.buffer[index] = Philox.unit(random.block(UInt64(index), 0).x) }
    labels = (0..<rows).map { Int32($0 % model.output.count) }
    samples = Array(0..<rows)
    (forwardOperations, backwardOperations) = model.productOperations(rows: rows)
  }

  func forward() throws {
    try withPass { labels, pass in
      outputs = try network.forward(inputs, pass)
      _ = try objective.sums(of: outputs, labels: labels, pass)
    }
  }

  func backward() throws {
    try withPass { labels, pass in
      let gradient = try objective.gradient(of: outputs, labels: labels, pass)
      try network.backward(inputs, outputGradient: gradient, pass, layerDone: { _ in })
    }
  }

  private func withPass(_ body: (UnsafeBufferPointer<Int32>, Pass) throws -> Void) rethrows {
    try labels.withUnsafeBufferPointer { labels in
      try samples.withUnsafeBufferPointer { samples in
        try body(
          labels,
          Pass(
            mode: .training, epoch: 0, samples: samples, overwritesGradients: true, globalBatch: samples.count,
            firstRowInGlobalBatch: 0))
      }
    }
  }
}

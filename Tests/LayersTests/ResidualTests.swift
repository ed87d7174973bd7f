import Buffers
import Layers
import Testing

@Suite struct ResidualTests {
  private static let keeping: [any Component] = [
    Convolution(4, kernel: 3, bias: false), BatchNorm(ghostBatch: 4), ReLU(),
    Convolution(4, kernel: 3, bias: false), BatchNorm(ghostBatch: 4),
  ]

  /// Without the ReLU, which has no derivative where one of its many values turns within a step.
  private static let smooth = keeping.filter { !($0 is ReLU) }
  private static let halving: [any Component] = [Convolution(4, kernel: 3, stride: 2, bias: false)] + smooth[1...]

  /// Blocks that keep the shape and that do not, behind each other, with what learns before them.
  private static let networks: [(String, [any Component])] = [
    ("identity", [Convolution(4, kernel: 1), Branches.residual(smooth), GlobalAveragePool()]),
    (
      "projection",
      [
        Convolution(2, kernel: 1),
        Branches.residual(halving, projection: [Convolution(4, kernel: 1, stride: 2), BatchNorm(ghostBatch: 4)]),
        Flatten(),
      ]
    ),
    (
      "subsample, then identity",
      [
        Convolution(2, kernel: 1), Branches.residual(halving, projection: [Subsample(stride: 2, channels: 4)]),
        Branches.residual(smooth), Flatten(),
      ]
    ),
    ("a block in a block", [Convolution(4, kernel: 1), Branches.residual([Branches.residual(smooth)]), Flatten()]),
  ]

  @Test(arguments: networks.indices)
  func gradientsEqualFiniteDifferences(_ number: Int) throws {
    let (name, layers) = Self.networks[number]
    let harness = try NetworkHarness(layers, input: Shape(4, 4, 2), maximumRows: 4)
    let largest = try harness.largestDifference(numbers(128, 5), samples: Array(0..<4), step: 4e-3)
    #expect(largest < 5e-3, "\(name)")
  }

  /// y = ReLU(x + F(x)), each layer by itself.
  @Test func aBlockIsItsDefinition() throws {
    let layers: [any Component] = [Branches.residual(Self.keeping), ReLU()]
    let network = try NetworkHarness(layers + [Flatten()], input: Shape(4, 4, 4), maximumRows: 4)
    let values = numbers(256, 3)
    let coefficients = numbers(256, 4)
    try withPass(Array(0..<4)) { pass in
      var chain: [LayerHarness] = []
      var inputs = [values]
      for layer in Self.keeping {
        let layer = try #require(layer as? any Layer)
        let harness = try LayerHarness(layer, input: Shape(4, 4, 4), maximumRows: 4)
        let name = "residual1.layers.\(layer.kind)\(chain.count < 2 ? 1 : layer is ReLU ? 1 : 2)."
        let own = network.model.layout.listedEntries.filter { $0.parameter.name.hasPrefix(name) }
        for (tensor, entry) in zip(harness.parameters, own) { tensor.copy(from: network.parameters.slice(entry.range)) }
        chain.append(harness)
        inputs.append(try harness.forward(inputs.last!, pass))
      }
      let sum = zip(values, inputs.last!).map { $0 + $1 }
      #expect(difference(try network.forward(values, pass), sum.map { max($0, 0) }) < 1e-6)

      var gradient = zip(sum, coefficients).map { $0 > 0 ? $1 : 0 }
      for (harness, input) in zip(chain, inputs).reversed() {
        gradient = try harness.backward(input, outputGradient: gradient, pass)
      }
      try network.backward(values, outputGradient: coefficients, pass)
      for (harness, number) in [(chain[0], 1), (chain[3], 2)] {
        let name = "residual1.layers.convolution\(number).weight"
        let entry = try #require(network.model.layout.entries.first { $0.parameter.name == name })
        #expect(difference(network.gradient(of: entry), harness.gradients[0].values) < 1e-5)
      }
    }
  }

  /// The ReLU behind a block is done with the sum, whose gradient goes to both sides without a copy.
  @Test func memoryIsSharedByLifetime() throws {
    let block = try Model(
      name: "block", input: Shape(8, 8, 4),
      layers: [
        Convolution(4, kernel: 1), Branches.residual(Self.keeping), ReLU(),
        GlobalAveragePool(),
      ])
    let image = 256
    let rows = 64
    // Outputs of the first convolution, of two convolutions and two batch norms, of the sum. On the way back: the sum's
    // gradient, and two by turns.
    let floats = 6 * image + 3 * image + 3 * 4
    let kept = 3 * (16 + 2 * 144) + 2 * 2 * (rows / 4 + 2) * 4
    #expect(block.workingBytes(rows: rows, goesBackward: true) <= Double(4 * (floats * rows + kept)) + 1024)
  }
}

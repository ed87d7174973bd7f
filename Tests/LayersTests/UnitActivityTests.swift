import Buffers
import Layers
import Testing

/// Units that are never active are found in whatever way their ReLU runs: fused into a layer, into a join, pooled, or by itself.
@Suite struct UnitActivityTests {
  /// In their order, the biases of a model's layers that come before a ReLU; units at even places never come above 0.
  private func network(
    _ layers: [any Component], input: Shape, goesBackward: Bool, silenced: [String]
  ) throws -> (Network, arenas: [Tensor]) {
    let model = try Model(name: "test", input: input, layers: layers)
    let (parameters, gradients) = (Tensor(Shape(model.layout.count)), Tensor(Shape(model.layout.count)))
    model.layout.initialize(parameters, seed: 5)
    for entry in model.layout.listedEntries where silenced.contains(entry.parameter.name) {
      for (unit, place) in entry.range.prefix(entry.parameter.shape.count).enumerated() {
        // Others are active for every sample.
        parameters.buffer[place] = unit % 2 == 0 ? -1e6 : 1e6
      }
    }
    let network = try Network(
      model, parameters: parameters, gradients: goesBackward ? gradients : nil, maximumRows: 7, seed: 5)
    return (network, [parameters, gradients])
  }

  private func shown(_ network: Network, _ activity: UnitActivity, calls: Int = 2) throws {
    let width = network.model.input.count
    for call in 0..<calls {
      let values = (0..<7 * width).map { Float(($0 + call) % 5) / 5 }
      let inputs = Tensor(values, shape: network.model.input.batched(7))
      try withPass(Array(0..<7), mode: .evaluation) { pass in
        let noted = Array(try network.forward(inputs, pass, noting: activity).buffer)
        let plain = Array(try network.forward(inputs, pass).buffer)
        #expect(noted == plain)
      }
    }
  }

  private static let nets:
    [(layers: [any Component], input: Shape, silenced: [String], names: [String], units: [Int])] = [
      ([Dense(6), ReLU(), Dropout(0.3), Dense(3)], Shape(4), ["dense1.bias"], ["dense1"], [6]),
      // By itself, as dropout stands before it.
      ([Dense(6), Dropout(0.3), ReLU(), Dense(3)], Shape(4), ["dense1.bias"], ["relu1"], [6]),
      (
        [Convolution(4, kernel: 3), ReLU(), MaxPool(2), Flatten(), Dense(5), ReLU(), Dense(3)], Shape(8, 8, 1),
        ["convolution1.bias", "dense1.bias"], ["convolution1", "dense1"], [4, 5]
      ),
      (
        [Flatten(), Dense(5), BatchNorm(ghostBatch: 7), ReLU(), Dense(3)], Shape(2, 3, 1), ["batchNorm1.bias"],
        ["batchNorm1"], [5]
      ),
    ]

  @Test(arguments: nets.indices, [true, false])
  func unitsThatAreNeverActiveAreFound(index: Int, goesBackward: Bool) throws {
    let net = Self.nets[index]
    let (network, arenas) = try network(
      net.layers, input: net.input, goesBackward: goesBackward, silenced: net.silenced)
    let activity = UnitActivity(network)
    #expect(activity.layers.map(\.name) == net.names && activity.layers.map(\.units) == net.units)
    #expect(activity.layers.allSatisfy { $0.silent.count == $0.units }, "nothing was shown yet")
    try withExtendedLifetime(arenas) { try shown(network, activity) }
    for layer in activity.layers {
      #expect(layer.silent == Array(stride(from: 0, to: layer.units, by: 2)), "\(layer)")
    }
  }

  /// Where branches are added up, what comes out of the sum.
  @Test func aSumThatIsRectifiedIsLookedAtBehindIt() throws {
    let branches = Branches(["a": [Dense(4)], "b": [Dense(4)]], combine: .sum)
    let (network, arenas) = try network(
      [branches, ReLU(), Dense(3)], input: Shape(5), goesBackward: true, silenced: ["branches1.a.dense1.bias"])
    let activity = UnitActivity(network)
    try withExtendedLifetime(arenas) { try shown(network, activity) }
    #expect(activity.layers.count == 1 && activity.layers[0].silent == [0, 2], "\(activity.layers)")
  }

  @Test func flagsOfSeveralAreOfTheSamplesOfAll() throws {
    let (network, arenas) = try network(
      [Dense(4), ReLU(), Dense(3)], input: Shape(2), goesBackward: false, silenced: ["dense1.bias"])
    let activity = UnitActivity(network)
    #expect(activity.flags == [0, 0, 0, 0])
    try withExtendedLifetime(arenas) { try shown(network, activity) }
    #expect(activity.flags == [0, 1, 0, 1])
    activity.flags = zip(activity.flags, [1, 0, 0, 1]).map { max($0, $1) }
    #expect(activity.layers[0].silent == [2])
  }
}

import Buffers
import Layers
import Testing

@Suite struct NetworkTests {
  static let labels: [Int32] = [0, 2, 1, 1, 0, 2, 2]

  /// A network with arenas of its own.
  struct Fixture {
    let network: Network
    let objective: Objective
    let parameters: Tensor
    let gradients: Tensor

    init(_ layers: [any Component], input: Shape = Shape(2, 3, 1), maximumRows: Int = 7) throws {
      let model = try Model(name: "test", input: input, layers: layers)
      parameters = Tensor(Shape(model.layout.count))
      gradients = Tensor(Shape(model.layout.count))
      model.layout.initialize(parameters, seed: 5)
      gradients.fill(.nan)
      network = try Network(model, parameters: parameters, gradients: gradients, maximumRows: maximumRows, seed: 5)
      objective = try Objective(model, maximumRows: maximumRows, goesBackward: true)
    }

    /// One global batch in microbatches of `micro` rows; gives the loss.
    @discardableResult
    func step(_ values: [Float], micro: Int, backward: Bool = true) throws -> Double {
      let rows = labels.count
      let width = network.model.input.count
      var sums = LossSums()
      for first in stride(from: 0, to: rows, by: micro) {
        let range = first..<min(rows, first + micro)
        let inputs = Tensor(
          Array(values[range.lowerBound * width..<range.upperBound * width]),
          shape: network.model.input.batched(range.count))
        try Array(labels[range]).withUnsafeBufferPointer { labels in
          try withPass(Array(range), overwrites: first == 0, globalBatch: rows, first: first) { pass in
            let outputs = try network.forward(inputs, pass)
            sums += try objective.sums(of: outputs, labels: labels, pass)
            guard backward else { return }
            let gradient = try objective.gradient(of: outputs, labels: labels, pass)
            try network.backward(inputs, outputGradient: gradient, pass, layerDone: { _ in })
          }
        }
      }
      return sums.loss / Double(rows)
    }

    private var labels: [Int32] { NetworkTests.labels }
  }

  static let perceptron: [any Layer] = [Flatten(), Dense(9), ReLU(), Dropout(0.3), Dense(8), ReLU(), Dense(3)]

  static let convolutional: [any Layer] = [
    Convolution(4, kernel: 3), ReLU(), MaxPool(2), Convolution(3, kernel: 3), BatchNorm(ghostBatch: 3), ReLU(),
    AveragePool(2), Flatten(), Dense(3),
  ]

  @Test func convolutionsAddUpOverMicrobatchesOfWholeGhosts() throws {
    let whole = try Fixture(Self.convolutional, input: Shape(8, 8, 2))
    let parts = try Fixture(Self.convolutional, input: Shape(8, 8, 2))
    let values = numbers(7 * 128, 3)
    let loss = try whole.step(values, micro: 7)
    #expect(abs(try parts.step(values, micro: 3) - loss) < 1e-6)
    for entry in whole.network.model.layout.entries {
      let expected = whole.gradients.slice(entry.range).values
      #expect(difference(parts.gradients.slice(entry.range).values, expected) < 1e-6, "\(entry.parameter.name)")
    }
    // The arena started as NaN: every gradient is written.
    for entry in whole.network.model.layout.entries {
      #expect(whole.gradients.slice(entry.range).values.allSatisfy { $0.isFinite }, "\(entry.parameter.name)")
    }
  }

  @Test func gradientEqualsFiniteDifferencesOfTheMeanLoss() throws {
    let fixture = try Fixture(Self.perceptron)
    let values = numbers(42, 3)
    try fixture.step(values, micro: 7)
    let analytic = fixture.gradients.values
    // A step so small that no ReLU of this seed turns on or off within it.
    for entry in fixture.network.model.layout.entries {
      for index in entry.range {
        let before = fixture.parameters.buffer[index]
        fixture.parameters.buffer[index] = before + 5e-4
        let above = try fixture.step(values, micro: 7, backward: false)
        fixture.parameters.buffer[index] = before - 5e-4
        let below = try fixture.step(values, micro: 7, backward: false)
        fixture.parameters.buffer[index] = before
        #expect(abs((above - below) / 1e-3 - Double(analytic[index])) < 2e-4, "\(entry.parameter.name) \(index)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5])
  func microbatchesAddUpToTheWholeBatch(_ micro: Int) throws {
    let whole = try Fixture(Self.perceptron)
    let parts = try Fixture(Self.perceptron)
    let values = numbers(42, 3)
    let loss = try whole.step(values, micro: 7)
    #expect(abs(try parts.step(values, micro: micro) - loss) < 1e-6)
    for entry in whole.network.model.layout.entries {
      let expected = whole.gradients.slice(entry.range).values
      #expect(difference(parts.gradients.slice(entry.range).values, expected) < 1e-6, "\(entry.parameter.name)")
    }
  }

  @Test func everyLayerIsReportedOnceInReverse() throws {
    let fixture = try Fixture(Self.perceptron)
    var done: [Int] = []
    let inputs = Tensor(numbers(42, 3), shape: Shape(7, 2, 3, 1))
    try withPass(Array(0..<7)) { pass in
      let outputs = try fixture.network.forward(inputs, pass)
      try fixture.network.backward(inputs, outputGradient: outputs, pass) { done.append($0) }
    }
    #expect(done == [6, 5, 4, 3, 2, 1, 0])
  }

  /// A layer's gradients may travel while that of its input is computed; those of its own and only they are final then.
  @Test func gradientsAreAnnouncedBeforeThatOfTheInput() throws {
    let log = Log()
    let network = try NetworkHarness([Halved(log: log), Halved(log: log), Dense(2)], input: Shape(3), maximumRows: 2)
    let inputs = Tensor(numbers(6, 1), shape: Shape(2, 3))
    try withPass([0, 1]) { pass in
      _ = try network.network.forward(inputs, pass)
      let gradient = Tensor(numbers(4, 2), shape: Shape(2, 2))
      try network.network.backward(inputs, outputGradient: gradient, pass) { log.events.append("done \($0)") }
    }
    // Nobody asks for the gradient of the data.
    #expect(log.events == ["done 2", "parameters", "done 1", "input", "parameters", "done 0"])
  }

  /// A large weight's gradient is announced as it grows, and what is announced is final.
  @Test func aLargeLayerIsAnnouncedInParts() throws {
    let network = try NetworkHarness([Dense(1024), ReLU(), Dense(1031), Dense(3)], input: Shape(5), maximumRows: 4)
    let values = numbers(20, 1)
    var parts: [[Int]] = []
    var announced: [[Float]] = []
    try withPass(Array(0..<4)) { pass in
      let inputs = Tensor(values, shape: Shape(4, 5))
      _ = try network.network.forward(inputs, pass)
      let gradient = Tensor(numbers(12, 2), shape: Shape(4, 3))
      try network.network.backward(
        inputs, outputGradient: gradient, pass,
        partDone: { layer, count in
          parts.append([layer, count])
          announced.append(Array(network.gradients.slice(network.model.layout.layerRanges[layer]).values[..<count]))
        }, layerDone: { parts.append([$0]) })
    }
    // 4 MiB and 28 kB: two pieces of some 2 MiB.
    #expect(parts == [[3], [2, 512 * 1031], [2], [1], [0]])
    let layer = network.gradients.slice(network.model.layout.layerRanges[2]).values
    #expect(announced == [Array(layer[..<(512 * 1031)])] && announced[0].allSatisfy(\.isFinite))
  }

  /// How a gradient is cut changes nothing of it.
  @Test func partsOfALargeLayerAreThoseOfTheWhole() throws {
    let harness = try LayerHarness(Dense(1031), input: Shape(1024), maximumRows: 3)
    let network = try NetworkHarness([Dense(1031)], input: Shape(1024), maximumRows: 3)
    for (own, other) in zip(harness.parameters, network.model.layout.entries) {
      network.parameters.slice(other.range).copy(from: own)
    }
    let values = numbers(3 * 1024, 1)
    let gradient = numbers(3 * 1031, 2)
    try withPass(Array(0..<3)) { pass in
      _ = try harness.forward(values, pass)
      _ = try harness.backward(values, outputGradient: gradient, pass)
      try network.backward(values, outputGradient: gradient, pass)
    }
    for (own, other) in zip(harness.gradients, network.model.layout.entries) {
      #expect(difference(network.gradients.slice(other.range).values, own.values) < 1e-6)
    }
  }

  @Test func evaluationNeedsNoGradients() throws {
    let model = try Model(name: "test", input: Shape(6), layers: [Dense(4), ReLU(), Dense(3)])
    let parameters = Tensor(Shape(model.layout.count))
    model.layout.initialize(parameters, seed: 1)
    let network = try Network(model, parameters: parameters, gradients: nil, maximumRows: 7, seed: 1)
    let outputs = try withPass(Array(0..<7), mode: .evaluation) {
      try network.forward(Tensor(numbers(42, 3), shape: Shape(7, 6)), $0)
    }
    #expect(outputs.shape == Shape(7, 3) && outputs.values.allSatisfy(\.isFinite))
  }

  @Test func modelsNameTheLayerThatDoesNotFit() throws {
    let error = #expect(throws: LayerError.self) {
      try Model(name: "mine", input: Shape(4, 4, 1), layers: [ReLU(), Dense(3)])
    }
    #expect(error?.description.hasPrefix("mine: dense1: ") == true)
    #expect(throws: LayerError.self) { try Model(name: "mine", input: Shape(4), layers: []) }
    #expect(throws: LayerError.self) { try Model(name: "mine", input: Shape(4, 4, 1), layers: [ReLU()]) }
  }

  @Test func modelsAreSummarised() throws {
    let model = try Model(name: "mine", input: Shape(2, 2, 1), layers: [Flatten(), Dense(3), ReLU(), Dense(2)])
    #expect(model.layerNames == ["flatten1", "dense1", "relu1", "dense2"])
    #expect(
      model.summary == [
        "mine: input [2, 2, 1]", "flatten1 → [4]", "dense1 → [3], 15 parameters", "relu1 → [3]",
        "dense2 → [2], 8 parameters", "softmax cross-entropy, 23 parameters",
      ])
  }
}

private final class Log: @unchecked Sendable { var events: [String] = [] }

/// One weight that everything is multiplied by; says when each half of its backward pass runs.
private struct Halved: Layer {
  let log: Log
  var kind: String { "halved" }
  var addsInputGradient: Bool { true }
  func parameterPieces(for input: Shape) -> Int { 1 }
  func outputShape(for input: Shape) -> Shape { input }
  func parameters(named name: String, for input: Shape) -> [Parameter] {
    [Parameter(name: "\(name).weight", shape: Shape(1), start: .constant(1))]
  }
  func bind(_ binding: LayerBinding) -> any BoundLayer { Bound(log) }

  final class Bound: ParametersFirst {
    let log: Log
    init(_ log: Log) { self.log = log }
    func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) { output.copy(from: input) }
    func parametersBackward(
      piece: Int, of pieces: Int, input: Tensor, output: Tensor, outputGradient: Tensor, _ pass: Pass
    ) -> Int {
      log.events.append("parameters")
      return 1
    }
    func inputBackward(outputGradient: Tensor, inputGradient: Tensor, adds: Bool, _ pass: Pass) {
      log.events.append("input")
      inputGradient.copy(from: outputGradient)
    }
  }
}

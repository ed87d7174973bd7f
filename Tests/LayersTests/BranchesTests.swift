import Buffers
import Kernels
import Layers
import Testing

@Suite struct BranchesTests {
  private static let ids: [Int32] = [0, 4, 8, 0, 4, 7, 2, 2, 2, 0, 5, 8]

  /// First layers that can add to their input's gradient and some that cannot, identities, tables, branches in branches.
  private static let cases: [(String, Branches)] = [
    ("sum", Branches(["a": [Dense(5)], "b": [Dense(4), ReLU(), Dense(5)], "skip": []], combine: .sum)),
    ("identity first", Branches(["skip": [], "a": [Cross(1)], "b": [Dropout(0.4), Dense(5)]], combine: .sum)),
    (
      "side by side",
      Branches(["a": [Dense(3)], "skip": [], "b": [Dropout(0.4)], "c": [Cross(2)]], combine: .concatenate)
    ),
    (
      "tables",
      Branches(
        [
          "ids": [FieldLinear(rows: 9, fields: 3)],
          "rows": [
            Embedding(rows: 9, fields: 3, width: 2), Dense(4),
            Branches(
              ["deep": [Dense(3), ReLU(), Dense(1)], "pairs": [FactorizationInteraction(fields: 2, width: 2)]],
              combine: .sum),
          ],
          "values": [Dense(1)],
        ], combine: .sum)
    ),
  ]

  /// A layer before the branches is what their input's gradient is seen by.
  @Test(arguments: cases.indices)
  func gradientsEqualFiniteDifferences(_ number: Int) throws {
    let harness = try NetworkHarness([Dense(5), Self.cases[number].1], input: Shape(5), maximumRows: 5)
    let largest = try harness.largestDifference(numbers(20, 1), samples: Array(0..<4), ids: Self.ids)
    #expect(largest < 2e-3, "\(Self.cases[number].0)")
  }

  /// Values that branches share in every way: as they are, seen in another shape, through a join in a join, twice in one
  /// join.
  private static let shared: [(String, [any Component])] = [
    ("twice itself", [Dense(4), Branches(["a": [], "b": []], combine: .sum)]),
    ("itself beside itself", [Dense(4), Branches(["a": [], "b": [], "c": [Dense(2)]], combine: .concatenate)]),
    (
      "identities in identities",
      [
        Dense(4),
        Branches(
          ["a": [Branches(["a": [], "b": [Dense(4), ReLU()]], combine: .sum)], "b": [Dense(4), ReLU()], "c": []],
          combine: .sum), ReLU(), Dense(3),
      ]
    ),
    (
      "a join read by two joins",
      [
        Dense(3), Branches(["a": [Dense(3)], "b": []], combine: .sum),
        Branches(
          ["a": [], "b": [Branches(["a": [], "b": [], "c": [Dense(3), Dropout(0.2)]], combine: .sum), ReLU()]],
          combine: .concatenate),
      ]
    ),
    (
      "seen in another shape",
      [
        Convolution(2, kernel: 1), Branches(["a": [Flatten()], "b": [Flatten(), Dense(8)]], combine: .sum), ReLU(),
        Branches(["a": [Flatten()], "b": [Flatten(), Flatten()]], combine: .concatenate),
      ]
    ),
  ]

  @Test(arguments: shared.indices)
  func gradientsOfSharedValuesEqualFiniteDifferences(_ number: Int) throws {
    let (name, layers) = Self.shared[number]
    let input = name == "seen in another shape" ? Shape(2, 2, 1) : Shape(4)
    let harness = try NetworkHarness(layers, input: input, maximumRows: 5)
    #expect(try harness.largestDifference(numbers(16, 1), samples: Array(0..<4)) < 2e-3, "\(name)")
  }

  @Test func nodesAreDoneLastFirst() throws {
    let harness = try NetworkHarness([Flatten(), Dense(5), Self.cases[3].1], input: Shape(5), maximumRows: 5)
    let done = try withPass(Array(0..<4), ids: Self.ids) {
      try harness.backward(numbers(20, 1), outputGradient: [1, 1, 1, 1], $0)
    }
    #expect(done == harness.model.nodes.indices.reversed())
    // Backward the first branch is the first: its gradients lie at the arena's front.
    let dense = harness.model.layout.entries.filter { $0.parameter.role != .table }.map(\.parameter.name)
    #expect(dense.first == "branches1.rows.branches1.deep.dense2.weight" && dense.last == "dense1.bias")
  }

  /// Files hold the layers in the order in which they are written, all dense ones of a composite before its tables.
  @Test func parametersAreListedAsWritten() throws {
    let model = try Model(
      name: "mine", input: Shape(5), layers: [Dense(5), Self.cases[3].1], loss: BinaryCrossEntropy())
    #expect(
      model.layout.listedEntries.map(\.parameter.name) == [
        "dense1.weight", "dense1.bias", "branches1.rows.dense1.weight", "branches1.rows.dense1.bias",
        "branches1.rows.branches1.deep.dense1.weight", "branches1.rows.branches1.deep.dense1.bias",
        "branches1.rows.branches1.deep.dense2.weight", "branches1.rows.branches1.deep.dense2.bias",
        "branches1.values.dense1.weight", "branches1.values.dense1.bias", "branches1.ids.fieldLinear1.weight",
        "branches1.rows.embedding1.weight",
      ])
  }

  @Test func aBranchIsItsChain() throws {
    let chain: [any Layer] = [Dense(4), ReLU(), Dense(3)]
    let model = try Model(name: "test", input: Shape(6), layers: chain)
    let branched = try Model(name: "test", input: Shape(6), layers: [Branches(["only": chain], combine: .sum)])
    #expect(branched.layout.entries.map(\.parameter.shape) == [[4, 3], [3], [6, 4], [4]].map { Shape($0) })
    #expect(branched.layout.trainedCount == model.layout.trainedCount)
    let values = numbers(42, 3)
    var results: [[Float]] = []
    for model in [model, branched] {
      // Keyed by name without the way to it, since names key the starting values.
      let parameters = Tensor(Shape(model.layout.count))
      for entry in model.layout.entries {
        let seed = entry.parameter.name.utf8.suffix(8).reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        parameters.slice(entry.range).copy(from: Tensor(numbers(entry.range.count, seed), shape: entry.parameter.shape))
      }
      let network = try Network(model, parameters: parameters, gradients: nil, maximumRows: 7, seed: 5)
      let outputs = try withPass(Array(0..<7), mode: .evaluation) {
        try network.forward(Tensor(values, shape: Shape(7, 6)), $0)
      }
      results.append(outputs.values)
    }
    #expect(results[0] == results[1])
  }

  @Test func dropoutsInBranchesDrawTheirOwn() throws {
    let harness = try NetworkHarness(
      [
        Branches(
          ["a": [Dropout(0.5)], "b": [Dropout(0.5)], "c": [Dropout(0.5), Dropout(0.001)]], combine: .concatenate)
      ], input: Shape(64), maximumRows: 1)
    let output = try withPass([3]) { try harness.forward(Array(repeating: 1, count: 64), $0) }
    let parts = [output[0..<64], output[64..<128], output[128..<192]].map { $0.map { $0 > 0 } }
    #expect(parts[0] != parts[1] && parts[1] != parts[2] && parts[0] != parts[2])
  }

  @Test func runningStatisticsInBranchesMove() throws {
    let harness = try NetworkHarness(
      [Branches(["norm": [BatchNorm(ghostBatch: 4)], "skip": []], combine: .sum)], input: Shape(2), maximumRows: 4)
    let values: [Float] = [1, 5, 2, 6, 3, 7, 4, 8]
    try withPass(Array(0..<4)) { _ = try harness.backward(values, outputGradient: values, $0) }
    let mean = try #require(harness.model.layout.entries.first { $0.parameter.name.hasSuffix("runningMean") })
    guard case .statistic(let average) = mean.parameter.role else {
      Issue.record("a running mean that is no statistic")
      return
    }
    average.update(
      harness.parameters.slice(mean.range), with: harness.gradients.slice(mean.range), globalBatch: 4)
    #expect(difference(harness.parameters.slice(mean.range).values, [0.25, 0.65]) < 1e-6)
  }

  @Test func parametersAreNamedByTheWayToThem() throws {
    let model = try Model(name: "mine", input: Shape(5), layers: [Self.cases[3].1], loss: BinaryCrossEntropy())
    #expect(
      model.layout.tables.map(\.parameter.name) == [
        "branches1.ids.fieldLinear1.weight", "branches1.rows.embedding1.weight",
      ])
    #expect(model.layout.entries.map(\.parameter.name).contains("branches1.rows.branches1.deep.dense2.bias"))
    #expect(
      model.summary == [
        "mine: input [5]", "branches1 → [1], sum of ids, rows, values", "  ids.fieldLinear1 → [1], 9 parameters",
        "  rows.embedding1 → [11], 18 parameters", "  rows.dense1 → [4], 48 parameters",
        "  rows.branches1 → [1], sum of deep, pairs", "    deep.dense1 → [3], 15 parameters", "    deep.relu1 → [3]",
        "    deep.dense2 → [1], 4 parameters", "    pairs.factorizationInteraction1 → [1]",
        "  values.dense1 → [1], 6 parameters", "binary cross-entropy, 100 parameters",
      ])
  }

  @Test func misfitsNameTheBranch() throws {
    let error = #expect(throws: LayerError.self) {
      try Model(
        name: "mine", input: Shape(2, 2, 1),
        layers: [Branches(["flat": [Flatten()], "deep": [Dense(3)]], combine: .sum)])
    }
    #expect(error?.description.hasPrefix("mine: branches1: deep: dense1: a dense layer needs a flat input") == true)
    for branches in [
      Branches([:], combine: .sum), Branches(["a": [Dense(3)], "b": [Dense(4)]], combine: .sum),
      Branches(["a": [], "a": []], combine: .sum),
    ] {
      #expect(throws: LayerError.self) { try Model(name: "mine", input: Shape(4), layers: [branches]) }
    }
    let images = Branches(["a": []], combine: .concatenate)
    #expect(throws: LayerError.self) { try Model(name: "mine", input: Shape(2, 2), layers: [images, Flatten()]) }
  }

  @Test func aResidualBlockThatChangesShapeNeedsAProjection() throws {
    let layers: [any Component] = [Convolution(4, kernel: 3, stride: 2), BatchNorm(ghostBatch: 2), ReLU()]
    let error = #expect(throws: LayerError.self) {
      try Model(name: "mine", input: Shape(4, 4, 2), layers: [Branches.residual(layers), Flatten()])
    }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("mine: residual1: 'layers' gives [2, 2, 4] and 'input' gives [4, 4, 2], which cannot be"))
    #expect(text.contains("give the block a 'projection'"))
    let projection: [any Component] = [Convolution(4, kernel: 1, stride: 2)]
    let block = Branches.residual(layers, projection: projection)
    #expect(try Model(name: "mine", input: Shape(4, 4, 2), layers: [block, Flatten()]).output == Shape(16))
  }

  /// Sizes whose products are no whole numbers any more.
  @Test func whatNoMemoryHoldsIsRefused() throws {
    func doubled(_ times: Int) -> [any Component] {
      (0..<times).map { _ in Branches(["a": [], "b": []], combine: .concatenate) }
    }
    let cases: [(Shape, [any Component], String)] = [
      (Shape(4), doubled(70), "branches29: its output for one sample, [2147483648], is too large"),
      (Shape(1 << 20), [Dense(1 << 30)], "dense1: its parameters dense1.weight [1048576, 1073741824] are too large"),
      (Shape(4096, 4096, 64), [Convolution(1 << 20, kernel: 4096)], "convolution1: its output for one sample"),
      (
        Shape(1, 1, 1 << 20), [Convolution(1 << 20, kernel: 4096, padding: 4095), GlobalAveragePool()],
        "convolution1: its output for one sample"
      ),
      (
        Shape(1, 1, 1 << 20), [Convolution(1 << 20, kernel: 4095)],
        "convolution1: its parameters convolution1.weight [4095, 4095, 1048576, 1048576] are too large"
      ),
      (Shape(1 << 29), [DotInteraction(width: 1, keepsLast: false)], "dotInteraction1: its output for one sample"),
      (Shape(1 << 28), [Cross(1)], "cross1: its parameters cross1.weight1 [268435456, 268435456] are too large"),
    ]
    for (input, layers, words) in cases {
      let error = #expect(throws: LayerError.self) { try Model(name: "large", input: input, layers: layers) }
      #expect(error?.description.hasPrefix("large: \(words)") == true, "\(error?.description ?? "")")
    }
  }

  @Test func nothingStandsDeeperThanTheBound() throws {
    func nested(_ depth: Int) -> any Component {
      depth == 0 ? Dropout(0.5) : Branches.residual([nested(depth - 1)])
    }
    let deepest = try NetworkHarness([Dense(3), nested(64)], input: Shape(2), maximumRows: 2)
    #expect(deepest.model.nodes.count == 66)
    #expect(try deepest.largestDifference(numbers(4, 2), samples: [0, 1]) < 1e-2)
    let error = #expect(throws: LayerError.self) {
      try NetworkHarness([Dense(3), nested(65)], input: Shape(2), maximumRows: 2)
    }
    #expect(error?.description.contains("more than 64 composites stand in each other") == true)
  }
}

import Buffers
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

  @Test(arguments: cases.indices)
  func gradientsEqualFiniteDifferences(_ number: Int) throws {
    let harness = try LayerHarness(Self.cases[number].1, input: Shape(5), maximumRows: 5)
    let check = GradientCheck(harness: harness, samples: Array(0..<4), ids: Self.ids, step: 1e-3)
    #expect(try check.largestDifference(numbers(20, 1)) < 2e-3, "\(Self.cases[number].0)")
  }

  @Test func aBranchIsItsChain() throws {
    let chain: [any Layer] = [Dense(4), ReLU(), Dense(3)]
    let model = try Model(name: "test", input: Shape(6), layers: chain)
    let branched = try Model(name: "test", input: Shape(6), layers: [Branches(["only": chain], combine: .sum)])
    #expect(branched.layout.entries.map(\.parameter.shape) == [[6, 4], [4], [4, 3], [3]].map { Shape($0) })
    #expect(branched.layout.trainedCount == model.layout.trainedCount)
    let values = numbers(42, 3)
    var results: [[Float]] = []
    for model in [model, branched] {
      // By name without the way to it, since names key the starting values.
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
    let harness = try LayerHarness(
      Branches(
        ["a": [Dropout(0.5)], "b": [Dropout(0.5)], "c": [Dropout(0.5), Dropout(0.001)]], combine: .concatenate),
      input: Shape(64), maximumRows: 1)
    let output = try withPass([3]) { try harness.forward(Array(repeating: 1, count: 64), $0) }
    let parts = [output[0..<64], output[64..<128], output[128..<192]].map { $0.map { $0 > 0 } }
    #expect(parts[0] != parts[1] && parts[1] != parts[2] && parts[0] != parts[2])
  }

  @Test func runningStatisticsInBranchesMove() throws {
    let harness = try LayerHarness(
      Branches(["norm": [BatchNorm(ghostBatch: 4)], "skip": []], combine: .sum), input: Shape(2), maximumRows: 4)
    let values: [Float] = [1, 5, 2, 6, 3, 7, 4, 8]
    _ = try withPass(Array(0..<4)) { try harness.backward(values, outputGradient: values, $0) }
    harness.bound.updateStatistics(globalBatch: 4)
    #expect(difference(harness.parameters[2].values, [0.25, 0.65]) < 1e-6)
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
        "mine: input [5]", "branches1 → [1], sum of", "  ids.fieldLinear1 → [1], 9 parameters",
        "  rows.embedding1 → [11], 18 parameters", "  rows.dense1 → [4], 48 parameters",
        "  rows.branches1 → [1], sum of", "    deep.dense1 → [3], 15 parameters", "    deep.relu1 → [3]",
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
      #expect(throws: LayerError.self) { try branches.outputShape(for: Shape(4)) }
    }
    #expect(throws: LayerError.self) { try Branches(["a": []], combine: .concatenate).outputShape(for: Shape(2, 2)) }
  }
}

import Buffers
import Testing

@Suite struct ParameterLayoutTests {
  private let layers: [[Parameter]] = [
    [
      Parameter(name: "dense1.weight", shape: Shape(3, 4), start: .uniform(limit: 0.5)),
      Parameter(name: "dense1.bias", shape: Shape(4), start: .constant(0)),
    ],
    [],
    [
      Parameter(name: "batchNorm1.weight", shape: Shape(4), start: .constant(1)),
      Parameter(name: "batchNorm1.runningMean", shape: Shape(4), start: .constant(0), role: .statistic),
    ],
    [Parameter(name: "dense2.weight", shape: Shape(4, 5), start: .uniform(limit: 0.25))],
  ]
  private var layout: ParameterLayout { ParameterLayout(layers: layers) }

  @Test func liesInBackwardOrderOnCacheLines() {
    let names = layout.entries.map(\.parameter.name)
    #expect(names == ["dense2.weight", "batchNorm1.weight", "batchNorm1.runningMean", "dense1.weight", "dense1.bias"])
    #expect(layout.entries.map(\.range) == [0..<20, 32..<36, 48..<52, 64..<76, 80..<84])
    #expect(layout.count == 96)
    #expect(layout.layerRanges == [64..<96, 64..<64, 32..<64, 0..<32])
    #expect(layout.trainedCount == 20 + 4 + 12 + 4)
  }

  @Test func trainedRangesLeaveOutStatistics() {
    #expect(layout.trainedRanges == [0..<48, 64..<96])
  }

  @Test func trainedRangesJoinWhereNothingLiesBetween() {
    #expect(ParameterLayout(layers: [layers[0], layers[3]]).trainedRanges == [0..<64])
    #expect(ParameterLayout(layers: []).trainedRanges == [])
  }

  @Test func listsGroupsAsOneTablesLast() {
    let tables = layers + [[Parameter(name: "table", shape: Shape(2, 3), start: .constant(0), role: .table)]]
    let layout = ParameterLayout(layers: tables, listing: [[0, 4, 3], [2, 1]])
    let names = [
      "dense1.weight", "dense1.bias", "dense2.weight", "table", "batchNorm1.weight", "batchNorm1.runningMean",
    ]
    #expect(layout.listedEntries.map(\.parameter.name) == names)
    #expect(layout.layerRanges[0..<4] == ParameterLayout(layers: layers).layerRanges[...])
  }

  @Test func listsForward() {
    #expect(layout.listedEntries.map(\.parameter.name) == layers.flatMap { $0 }.map(\.name))
  }

  @Test func viewsAreTheArenasOwnFloats() {
    let arena = Tensor((0..<96).map(Float.init), shape: Shape(96))
    let views = layout.views(of: arena)
    #expect(views.map(\.count) == [2, 0, 2, 1])
    #expect(views[0][0].shape == Shape(3, 4))
    #expect(views[0][0].values == (64..<76).map(Float.init))
    views[2][1].fill(-1)
    #expect(arena.slice(48..<52).values == [-1, -1, -1, -1])
  }

  @Test func startingValuesDependOnSeedAndNameAlone() {
    func start(_ layers: [[Parameter]], seed: UInt64) -> [String: [Float]] {
      let layout = ParameterLayout(layers: layers)
      let arena = Tensor(Shape(layout.count))
      layout.initialize(arena, seed: seed)
      return Dictionary(
        uniqueKeysWithValues: layout.entries.map { ($0.parameter.name, arena.slice($0.range).values) })
    }
    let whole = start(layers, seed: 1)
    #expect(start(layers, seed: 1) == whole)
    #expect(start([layers[3], layers[0]], seed: 1)["dense2.weight"] == whole["dense2.weight"])
    #expect(start(layers, seed: 2)["dense2.weight"] != whole["dense2.weight"])
    #expect(whole["batchNorm1.weight"] == [1, 1, 1, 1])
  }

  @Test func startingValuesFillTheirInterval() {
    let parameter = Parameter(name: "dense1.weight", shape: Shape(100, 100), start: .uniform(limit: 0.5))
    let tensor = Tensor(parameter.shape)
    parameter.initialize(tensor, seed: 3)
    let values = tensor.values
    #expect(values.allSatisfy { abs($0) <= 0.5 })
    #expect(values.max()! > 0.499 && values.min()! < -0.499)
    #expect(abs(values.reduce(0, +) / 10_000) < 4 * 0.5 / (3 * 10_000 as Float).squareRoot())
    #expect(Set(values).count > 9_900)
  }

  @Test func paddingStaysZero() {
    let arena = Tensor(Shape(layout.count))
    layout.initialize(arena, seed: 1)
    let used = Set(layout.entries.flatMap(\.range))
    #expect((0..<layout.count).allSatisfy { used.contains($0) || arena.buffer[$0] == 0 })
  }
}

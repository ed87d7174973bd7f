import Buffers
import Configuration
import Foundation
import Gradients
import Kernels
import Optimizers
import Testing

@Suite struct TableOptimizerTests {
  static let configurations: [TablesConfiguration] =
    TablesConfiguration.Optimizer.allCases.flatMap { kind in
      [.test(kind), .test(kind, l2: 0.03, l1: 0.01), .test(kind, l2: 0.03, cowClip: .init(ratio: 0.05, floor: 0.1))]
    } + [.test(.adam, l2: 0.03, l2Rows: .all), .test(.lazyAdam, l2: 0.03, idWeightsL2: 0)]

  /// Ten updates in floats stay within a few roundings a step of the same in doubles, whatever the width.
  @Test(arguments: configurations, [Float(1), 0.25])
  func agreesWithTheReference(_ configuration: TablesConfiguration, scale: Float) throws {
    let fixture = TableFixture()
    let optimizer = try #require(makeTableOptimizer(configuration, layout: fixture.layout, batchRatio: 4))
    var expected = fixture.layout.tables.indices.map(fixture.values)
    var references = fixture.layout.tables.enumerated().map { index, table in
      ReferenceTableOptimizer(
        configuration, l2: 2 * configuration.l2(width: table.parameter.shape[1]), start: expected[index],
        width: table.parameter.shape[1])
    }
    for step in 0..<10 {
      let gradients = fixture.gradients(step: step)
      let rate = 0.01 * Double(1 + step % 3)
      optimizer.step(fixture, gradients, rate, scale: scale)
      for (index, table) in gradients.tables.enumerated() {
        references[index].update(
          &expected[index], ids: gradients.rows.ids.map(Int.init), gradients: table.values.values.map(Double.init),
          occurrences: gradients.rows.occurrences.map(Int.init), rate: rate, scale: Double(scale))
      }
    }
    #expect(optimizer.updates == 10)
    for index in expected.indices {
      for (ours, theirs) in zip(fixture.values(index), expected[index]) {
        #expect(abs(ours - theirs) < 4e-6, "\(ours) is not \(theirs)")
      }
    }
  }

  /// Three updates of a `[4, 3]` table by PyTorch 2.15 with rate 0.1, epsilon 0.01 and otherwise its defaults:
  /// `optim.Adam`, `optim.Adagrad` (initial_accumulator_value 0.1) and `optim.SGD` on the dense gradient,
  /// `optim.SparseAdam` on the sparse one.
  @Test(arguments: [
    (
      TablesConfiguration.Optimizer.adam,
      [
        0.2855301, -0.0601376, -0.0084118, 0.8405851, 1.7471083, -2.7919908, 0, 0.1, -0.1, 0.2055550, 0.4075071,
        0.1844578,
      ] as [Float]
    ),
    (
      .lazyAdam,
      [
        0.4550782, -0.1953570, 0.0926556, 0.8973115, 1.8821385, -2.9262722, 0, 0.1, -0.1, 0.2423115, 0.3538262,
        0.2523523,
      ]
    ),
    (
      .adagrad,
      [
        0.4562558, -0.2108426, 0.1319772, 0.9408744, 1.8853686, -2.9394839, 0, 0.1, -0.1, 0.1986498, 0.4005476,
        0.2078381,
      ]
    ),
    (.sgd, [0.485, -0.235, 0.145, 0.94, 1.93, -2.975, 0, 0.1, -0.1, 0.099, 0.402, 0.247]),
  ])
  func agreesWithPyTorch(_ kind: TablesConfiguration.Optimizer, _ expected: [Float]) throws {
    try expectThreeUpdates(TablesConfiguration(optimizer: kind), expected)
  }

  private func expectThreeUpdates(_ tables: TablesConfiguration, _ expected: [Float]) throws {
    let fixture = TableFixture(widths: [3], rows: 4)
    let table = fixture.parameters.slice(fixture.layout.tables[0].range)
    table.copy(from: Tensor([0.5, -0.25, 0.125, 1, 2, -3, 0, 0.1, -0.1, 0.3, 0.3, 0.3], shape: Shape(12)))
    var configuration = tables
    configuration.epsilon = 0.01
    let optimizer = try #require(makeTableOptimizer(configuration, layout: fixture.layout))
    let steps: [([Int32], [Float])] = [
      ([0, 1], [0.1, -0.2, 0.3, 1, 0.5, -0.25]), ([1, 3], [-0.4, 0.2, 0, 0.01, -0.02, 0.03]),
      ([0, 3], [0.05, 0.05, -0.5, 2, -1, 0.5]),
    ]
    let gradients = try #require(TableGradients(fixture.layout))
    for (ids, values) in steps {
      gradients.clear()
      for id in ids.reversed() { _ = gradients.rows.touch(id, times: 1) }
      let rows = gradients.tables[0].values
      rows.copy(from: Tensor(Array(values[3...]) + values[..<3], shape: rows.shape))
      optimizer.step(fixture, gradients, 0.1)
    }
    for (ours, theirs) in zip(table.values, expected) { #expect(abs(ours - theirs) < 5e-7, "\(ours) is not \(theirs)") }
  }

  /// As above, `optim.Adam` with weight_decay 0.5: every row's gradient has 0.5 · w, whether the batch touches it or not. That is
  /// the gradient of a penalty of 0.25 · ‖w‖² on the whole table.
  @Test func pullsAllRowsAsPyTorchsWeightDecay() throws {
    var configuration = TablesConfiguration(optimizer: .adam)
    (configuration.l2, configuration.l2Rows) = (0.5, .all)
    try expectThreeUpdates(
      configuration,
      [
        0.2197246, -0.0159916, -0.0185251, 0.7637846, 1.7075213, -2.7040167, 0, -0.0671878, 0.0671878, 0.0448878,
        0.1676258, 0.0295809,
      ])
  }

  /// Rows without a gradient stay, but for Adam with dense semantics, and what is not a table always stays.
  @Test(arguments: configurations) func touchesOnlyItsRows(_ configuration: TablesConfiguration) throws {
    let fixture = TableFixture()
    let optimizer = try #require(makeTableOptimizer(configuration, layout: fixture.layout))
    optimizer.step(fixture, fixture.gradients(step: 0), 0.1)
    let before = fixture.parameters.values
    let gradients = fixture.gradients(step: 1)
    optimizer.step(fixture, gradients, 0.1)
    let touched = Set(gradients.rows.ids.map(Int.init))
    let after = fixture.parameters.values
    #expect(after[..<fixture.layout.denseCount] == before[..<fixture.layout.denseCount])
    for table in fixture.layout.tables {
      let width = table.parameter.shape[1]
      let moved = Set(table.range.filter { before[$0] != after[$0] }.map { ($0 - table.range.lowerBound) / width })
      #expect(configuration.optimizer == .adam ? moved.isSuperset(of: touched) : moved.isSubset(of: touched))
      #expect(!moved.isEmpty)
    }
    let used = Set(fixture.layout.entries.flatMap(\.range))
    #expect(after.indices.allSatisfy { used.contains($0) || after[$0] == 0 })
  }

  @Test func namesAndShapesItsState() {
    func state(_ kind: TablesConfiguration.Optimizer) -> [String: Shape] {
      let optimizer = makeTableOptimizer(.test(kind), layout: TableFixture(widths: [16, 1]).layout)!
      return Dictionary(uniqueKeysWithValues: optimizer.state.map { ($0.name, $0.arena.shape) })
    }
    let (wide, narrow) = (Shape(300, 16), Shape(300, 1))
    #expect(state(.sgd) == [:])
    #expect(state(.adagrad) == ["embedding1.16.accumulator": wide, "embedding1.1.accumulator": narrow])
    #expect(
      state(.rowwiseAdagrad) == ["embedding1.16.accumulator": Shape(300), "embedding1.1.accumulator": Shape(300)])
    #expect(state(.adam).keys.sorted() == state(.lazyAdam).keys.sorted())
    #expect(state(.lazyAdam)["embedding1.16.secondMoment"] == wide)
    #expect(state(.ftrl)["embedding1.1.linear"] == narrow && state(.ftrl)["embedding1.16.accumulator"] == wide)
  }

  @Test(arguments: TablesConfiguration.Optimizer.allCases)
  func stateIsAsLargeAsItSays(_ kind: TablesConfiguration.Optimizer) {
    let optimizer = makeTableOptimizer(.test(kind), layout: TableFixture(widths: [16, 1]).layout)!
    let expected = kind.stateCount(rows: 300, width: 16) + kind.stateCount(rows: 300, width: 1)
    #expect(optimizer.state.reduce(0) { $0 + $1.arena.count } == expected)
  }

  /// Weights, state and count carried over to a new optimiser continue bit for bit.
  @Test(arguments: configurations) func continuesFromItsState(_ configuration: TablesConfiguration) throws {
    let (whole, parts) = (TableFixture(), TableFixture())
    let first = try #require(makeTableOptimizer(configuration, layout: whole.layout))
    var second = try #require(makeTableOptimizer(configuration, layout: parts.layout))
    for step in 0..<4 {
      if step == 2 {
        let resumed = try #require(makeTableOptimizer(configuration, layout: parts.layout))
        for (new, old) in zip(resumed.state, second.state) { new.arena.copy(from: old.arena) }
        resumed.updates = second.updates
        second = resumed
      }
      first.step(whole, whole.gradients(step: step), 0.1)
      second.step(parts, parts.gradients(step: step), 0.1)
    }
    #expect(whole.parameters.values == parts.parameters.values)
  }

  /// Moments that have decayed for long are exactly zero where subnormal numbers are flushed, as in training.
  @Test func oldMomentsEnd() async {
    let values = await withCheckedContinuation { continuation in
      // A thread of its own: the setting belongs to the thread.
      Thread {
        Subnormals.flush()
        continuation.resume(returning: Self.afterLongDecay())
      }.start()
    }
    #expect(values.moments.allSatisfy { $0 == 0 })
    #expect(values.weights.allSatisfy { $0.isFinite })
  }

  private static func afterLongDecay() -> (moments: [Float], weights: [Float]) {
    let fixture = TableFixture(widths: [16], rows: 4)
    var configuration = TablesConfiguration.test(.adam)
    configuration.beta2 = 0.9
    let optimizer = makeTableOptimizer(configuration, layout: fixture.layout)!
    optimizer.step(fixture, fixture.gradients(step: 0), 0.1)
    let none = TableGradients(fixture.layout)!
    for _ in 0..<1000 { optimizer.step(fixture, none, 0.1) }
    return (optimizer.state.flatMap { $0.arena.values }, Array(fixture.parameters.values))
  }

  @Test func noTablesNoOptimizer() {
    #expect(makeTableOptimizer(.test(.adam), layout: Fixture().layout) == nil)
  }

  /// Tables count in the norm, in whatever order their rows stand.
  @Test func clippingSeesRowsInAnyOrder() throws {
    let fixture = TableFixture()
    let forward = fixture.gradients(step: 3, samples: 200)
    let backward = TableGradients(like: forward)
    for id in forward.rows.ids.reversed() { _ = backward.rows.touch(id, times: 1) }
    for (from, to) in zip(forward.tables, backward.tables) {
      for number in 0..<forward.rows.count {
        for column in 0..<from.width {
          let target = (forward.rows.count - 1 - number) * from.width + column
          to.values.buffer[target] = from.values.buffer[number * from.width + column]
        }
      }
    }
    let dense = Tensor(Shape(fixture.layout.denseCount))
    dense.buffer[0] = 3
    let clipping = GradientClipping(limit: 1, layout: fixture.layout)
    let norm = clipping.norm(of: ReducedGradients(arena: dense, tables: forward))
    #expect(norm == clipping.norm(of: ReducedGradients(arena: dense, tables: backward)))
    let squares = forward.tables.flatMap(\.values.values).reduce(9) { $0 + Double($1) * Double($1) }
    #expect(abs(norm - squares.squareRoot()) < 1e-12 * norm)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func aRowThatIsNotFiniteShowsInTheNorm(_ bad: Float) {
    let fixture = TableFixture()
    let gradients = fixture.gradients(step: 3)
    gradients.tables[2].values.buffer[17] = bad
    let dense = Tensor(Shape(fixture.layout.denseCount))
    let norm = GradientClipping(limit: 1, layout: fixture.layout)
      .norm(of: ReducedGradients(arena: dense, tables: gradients))
    #expect(!norm.isFinite)
  }
}

extension TablesConfiguration {
  fileprivate static func test(
    _ optimizer: Optimizer, l2: Double = 0, idWeightsL2: Double? = nil, l2Rows: L2Rows? = nil, l1: Double = 0,
    cowClip: CowClip? = nil
  ) -> TablesConfiguration {
    var configuration = TablesConfiguration(optimizer: optimizer)
    // Large enough that a rounding in a small gradient is not multiplied by a million.
    configuration.epsilon = 1e-3
    configuration.l2 = l2
    configuration.idWeightsL2 = idWeightsL2
    configuration.l2Rows = l2Rows
    configuration.l2Scaling = .squareRoot
    configuration.l1 = l1
    configuration.cowClip = cowClip
    return configuration
  }

  fileprivate func l2(width: Int) -> Double { width == 1 ? idWeightsL2 ?? l2 : l2 }
}

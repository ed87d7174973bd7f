import Buffers
import Configuration
import Gradients
import Optimizers
import Testing
import Training

@Suite struct OptimizerFileTests {
  /// Padding after every array, and statistics, which no optimiser has a state for.
  private let layout = ParameterLayout(layers: [
    [
      Parameter(name: "dense1.weight", shape: Shape(7, 19), start: .uniform(limit: 0.5)),
      Parameter(name: "dense1.bias", shape: Shape(19), start: .constant(0)),
    ],
    [
      Parameter(name: "norm1.weight", shape: Shape(19), start: .constant(1)),
      Parameter(
        name: "norm1.runningMean", shape: Shape(19), start: .constant(0),
        role: .statistic(.init(weight: 0.1, samples: 4))),
    ],
  ])

  private func optimizer(_ kind: OptimizerConfiguration.Kind, momentum: Double = 0.9) -> any Optimizer {
    makeOptimizer(OptimizerConfiguration(kind: kind, momentum: momentum), layout: layout)
  }

  private func train(_ optimizer: any Optimizer, _ parameters: Tensor, steps: Range<Int>) throws {
    for step in steps {
      let gradient = Tensor(Shape(layout.denseCount))
      let random = Philox(3, UInt64(step))
      for index in layout.entries.flatMap(\.range) {
        gradient.buffer[index] = Philox.unit(random.block(UInt64(index), 0).x) - 0.5
      }
      try optimizer.update(parameters: parameters, gradients: ReducedGradients(arena: gradient), learningRate: 0.01)
    }
  }

  /// Three updates, a file, and two more in another process would be the same bits as five.
  @Test(arguments: OptimizerConfiguration.Kind.allCases)
  func trainingGoesOnFromTheFileAsIfItHadNotStopped(kind: OptimizerConfiguration.Kind) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("optimizer.safetensors")
    let (parameters, resumed) = (Tensor(Shape(layout.count)), Tensor(Shape(layout.count)))
    layout.initialize(parameters, seed: 7)
    let first = optimizer(kind)
    try train(first, parameters, steps: 0..<3)
    try OptimizerFile(first, layout: layout).write(to: file)
    resumed.copy(from: parameters)
    try train(first, parameters, steps: 3..<5)

    let second = optimizer(kind)
    try OptimizerFile(second, layout: layout).read(file)
    #expect(second.updates == 3)
    try train(second, resumed, steps: 3..<5)
    #expect(resumed.values == parameters.values)

    let fresh = optimizer(kind)
    let other = Tensor(Shape(layout.count))
    other.copy(from: parameters)
    try train(fresh, other, steps: 3..<5)
    #expect(other.values != resumed.values)
  }

  @Test func holdsOneArrayForEachStateAndTrainedParameter() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("optimizer.safetensors")
    try OptimizerFile(optimizer(.adam), layout: layout).write(to: file)
    let names = try SafeTensors.contents(of: file).map(\.name)
    let parameters = ["dense1.bias", "dense1.weight", "norm1.weight"]
    #expect(names == parameters.flatMap { ["\($0).firstMoment", "\($0).secondMoment"] })
  }

  @Test func anotherOptimizersStateIsRefused() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("optimizer.safetensors")
    try OptimizerFile(optimizer(.adam), layout: layout).write(to: file)
    for (other, name) in [
      (optimizer(.sgd), "has no 'dense1.weight.velocity'"),
      (optimizer(.sgd, momentum: 0), "holds 'dense1.bias.firstMoment'"),
    ] {
      let error = #expect(throws: SafeTensors.Failure.self) {
        try OptimizerFile(other, layout: layout).read(file)
      }
      #expect(error?.description.contains(name) == true, "\(error?.description ?? "")")
      #expect(error?.description.contains("--fresh-optimizer") == true)
    }
  }

  /// A table's optimiser state lies beside it, in the table's own shape or a number a row.
  @Test(arguments: TablesConfiguration.Optimizer.allCases)
  func tablesStatesComeBack(kind: TablesConfiguration.Optimizer) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("optimizer.safetensors")
    let layout = ParameterLayout(layers: [
      [
        Parameter(name: "bias", shape: Shape(1), start: .constant(0)),
        Parameter(name: "table", shape: Shape(50, 3), start: .normal(deviation: 1), role: .table),
      ]
    ])
    func optimizers() -> (dense: any Optimizer, tables: any TableOptimizer) {
      (
        makeOptimizer(OptimizerConfiguration(kind: .adam), layout: layout),
        makeTableOptimizer(TablesConfiguration(optimizer: kind), layout: layout)!
      )
    }
    let (first, second) = (optimizers(), optimizers())
    first.dense.updates = 5
    for (index, state) in first.tables.state.enumerated() {
      for place in 0..<state.arena.count { state.arena.buffer[place] = Float(100 * index + place) }
    }
    try OptimizerFile(first.dense, first.tables, layout: layout).write(to: file)
    try OptimizerFile(second.dense, second.tables, layout: layout).read(file)
    #expect(second.dense.updates == 5 && second.tables.updates == 5)
    for (a, b) in zip(first.tables.state, second.tables.state) {
      #expect(a.name == b.name && a.arena.values == b.arena.values)
    }
    #expect(first.tables.state.count == (try SafeTensors.contents(of: file)).count - 2)
  }

  @Test func weightsAreNoOptimizersState() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("weights.safetensors")
    try SafeTensors.write(layout.namedViews(of: Tensor(Shape(layout.count))), metadata: [:], to: file)
    let error = #expect(throws: SafeTensors.Failure.self) {
      try OptimizerFile(optimizer(.adam), layout: layout).read(file)
    }
    #expect(error?.description.contains("not an optimiser's state") == true)
  }
}

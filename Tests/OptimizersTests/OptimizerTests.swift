import Buffers
import Configuration
import Optimizers
import Testing

@Suite struct OptimizerTests {
  static let configurations: [OptimizerConfiguration] = [
    .test(.sgd),
    .test(.sgd, weightDecay: 0.01),
    .test(.sgd, momentum: 0.9),
    .test(.sgd, momentum: 0.9, weightDecay: 0.01, clipNorm: 0.5),
    .test(.sgd, momentum: 0.9, nesterov: true, weightDecay: 0.01),
    .test(.adam),
    .test(.adam, weightDecay: 0.01, clipNorm: 0.5),
    .test(.adam, clipNorm: 1e9),
    .test(.adamw, weightDecay: 0.1),
    .test(.adamw, weightDecay: 0.1, clipNorm: 0.5),
  ]

  /// Twenty updates in floats stay within a few roundings a step of the same in doubles.
  @Test(arguments: configurations) func agreesWithTheReference(_ configuration: OptimizerConfiguration) {
    let fixture = Fixture()
    let optimizer = makeOptimizer(configuration, layout: fixture.layout)
    var expected = fixture.trained(fixture.parameters)
    var reference = ReferenceOptimizer(configuration, count: expected.count)
    for step in 0..<20 {
      let gradients = fixture.gradients(step: step)
      let rate = 0.01 * Double(1 + step % 3)
      optimizer.step(fixture, gradients, rate)
      reference.update(&expected, fixture.trained(gradients), learningRate: rate)
    }
    #expect(optimizer.updates == 20)
    for (ours, theirs) in zip(fixture.trained(fixture.parameters), expected) {
      #expect(abs(ours - theirs) < 2e-6, "\(ours) is not \(theirs)")
    }
  }

  @Test(arguments: configurations + LARSTests.configurations + LAMBTests.configurations)
  func leavesStatisticsAndPaddingAlone(_ configuration: OptimizerConfiguration) {
    let fixture = Fixture()
    let before = fixture.untouchedIndices.map { fixture.parameters.buffer[$0] }
    let optimizer = makeOptimizer(configuration, layout: fixture.layout)
    for step in 0..<3 {
      optimizer.step(fixture, fixture.gradients(step: step), 0.1)
    }
    #expect(fixture.untouchedIndices.map { fixture.parameters.buffer[$0] } == before)
    for state in optimizer.state {
      #expect(fixture.untouchedIndices.allSatisfy { state.arena.buffer[$0] == 0 })
      #expect(fixture.trainedIndices.allSatisfy { state.arena.buffer[$0] != 0 })
    }
  }

  /// Cut within arrays, within padding, and at their ends.
  @Test(arguments: configurations + LARSTests.configurations + LAMBTests.configurations)
  func partsMoveWeightsAsTheWhole(_ configuration: OptimizerConfiguration) throws {
    let whole = Fixture()
    let parts = Fixture()
    let first = makeOptimizer(configuration, layout: whole.layout)
    let second = makeOptimizer(configuration, layout: parts.layout)
    // A norm needs all gradients.
    #expect(first.movesByPart == (configuration.clipNorm == nil && ![.lars, .lamb].contains(configuration.kind)))
    guard first.movesByPart else { return }
    let ranges = [0..<16, 16..<61, 61..<300, 300..<whole.layout.denseCount]
    for step in 0..<3 {
      let gradients = whole.gradients(step: step)
      first.step(whole, gradients, 0.1)
      try second.step(parts, gradients, parts: ranges, 0.1)
    }
    #expect(whole.parameters.values == parts.parameters.values)
    #expect(first.updates == second.updates)
  }

  @Test func namesItsState() {
    func names(_ configuration: OptimizerConfiguration) -> [String] {
      makeOptimizer(configuration, layout: Fixture().layout).state.map(\.name)
    }
    #expect(names(.test(.sgd)) == [])
    #expect(names(.test(.sgd, momentum: 0.9)) == ["velocity"])
    #expect(names(.test(.adamw)) == ["firstMoment", "secondMoment"])
  }

  /// What a checkpoint needs: weights, state and count carried over to a new optimiser continue bit for bit.
  @Test(arguments: [
    OptimizerConfiguration.test(.sgd, momentum: 0.9), .test(.lars, momentum: 0.9), .test(.adam), .test(.lamb),
  ])
  func continuesFromItsState(_ configuration: OptimizerConfiguration) {
    let whole = Fixture()
    let parts = Fixture()
    let first = makeOptimizer(configuration, layout: whole.layout)
    var second = makeOptimizer(configuration, layout: parts.layout)
    for step in 0..<6 {
      if step == 3 {
        let resumed = makeOptimizer(configuration, layout: parts.layout)
        for (new, old) in zip(resumed.state, second.state) { new.arena.copy(from: old.arena) }
        resumed.updates = second.updates
        second = resumed
      }
      let gradients = whole.gradients(step: step)
      first.step(whole, gradients, 0.1)
      second.step(parts, gradients, 0.1)
    }
    #expect(whole.parameters.values == parts.parameters.values)
  }

  @Test func reportsTheNormBeforeClipping() throws {
    let fixture = Fixture()
    let gradients = fixture.gradients(step: 0)
    let expected = fixture.trained(gradients).reduce(0) { $0 + $1 * $1 }.squareRoot()
    let optimizer = makeOptimizer(.test(.sgd, clipNorm: 0.5), layout: fixture.layout)
    let before = fixture.trained(fixture.parameters)
    let norm = try #require(
      optimizer.step(fixture, gradients, 1))
    #expect(abs(norm - expected) < 1e-12 * expected)
    let step = zip(before, fixture.trained(fixture.parameters)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    #expect(abs(step.squareRoot() - 0.5) < 1e-5)
  }

  /// A weight whose gradient has always been zero (behind a dead unit) stays, however small epsilon is.
  @Test func dividesNoZeroByZero() {
    let fixture = Fixture()
    let before = fixture.parameters.values
    var configuration = OptimizerConfiguration.test(.adam)
    configuration.epsilon = 1e-60
    makeOptimizer(configuration, layout: fixture.layout).step(fixture, Tensor(Shape(fixture.layout.count)), 1)
    #expect(fixture.parameters.values == before)
  }

  @Test func knowsNoNormWithoutClipping() {
    let fixture = Fixture()
    let optimizer = makeOptimizer(.test(.adam), layout: fixture.layout)
    #expect(optimizer.step(fixture, fixture.gradients(step: 0), 1) == nil)
  }

  @Test(arguments: [OptimizerConfiguration.Kind.sgd, .lars, .adam, .lamb], [Float.nan, .infinity])
  func keepsItsWeightsWhenTheNormIsNotFinite(_ kind: OptimizerConfiguration.Kind, _ bad: Float) throws {
    let fixture = Fixture()
    let before = fixture.parameters.values
    let gradients = fixture.gradients(step: 0)
    gradients.buffer[fixture.trainedIndices[40]] = bad
    let optimizer = makeOptimizer(.test(kind, momentum: 0.9, clipNorm: 1), layout: fixture.layout)
    let norm = try #require(
      optimizer.step(fixture, gradients, 1))
    #expect(!norm.isFinite)
    #expect(optimizer.updates == 0)
    #expect(fixture.parameters.values == before)
  }
}

import Buffers
import Configuration
import Datasets
import Landscape
import MessagePassing
import Training

/// The loss of the whole training set is a function of the weights alone: of no number of ranks, and of no dropout.
let landscapeChecks =
  BatchNormStatistics.allCases.flatMap { statistics in
    [
      RankCheck("whole-set loss and gradient, \(statistics) statistics: ranks equal one rank") {
        try wholeSetEqualsOneRank($0, statistics)
      },
      RankCheck("whole-set gradient, \(statistics) statistics: that of differences of the loss") {
        try gradientIsThatOfDifferences($0, statistics)
      },
      RankCheck("sharpness, \(statistics) statistics: ranks equal one rank") {
        try sharpnessEqualsOneRank($0, statistics)
      },
      RankCheck("interpolation, \(statistics) statistics: ranks equal one rank, ends are the runs") {
        try interpolationEqualsOneRank($0, statistics)
      },
    ]
  } + [
    RankCheck("whole-set loss and gradient with tables and weighted samples", wholeSetWithTables),
    RankCheck("a whole-set objective changes nothing of its run", objectiveChangesNothing),
    RankCheck("an error of a search is that of all ranks", searchFailsEverywhere),
  ]

private func configuration(_ summation: ExecutionConfiguration.Summation) -> RunConfiguration {
  run(.mlp(widths: [20, 15], batchNorm: true, dropout: 0.3)) {
    $0.data.limit = 400
    $0.execution.summation = summation
  }
}

/// The same bits on every rank.
private func trainedWeights(_ world: Communicator, steps: Int = 10) throws -> [Float] {
  var configuration = configuration(.reproducible)
  configuration.steps = steps
  let session = try TrainingSession(configuration, threads: ThreadPlan(requested: nil, world), alone(world))
  let trainer = try Trainer(configuration, session)
  _ = try trainer.run(command: "rank check")
  return trainer.parameters.values
}

private func objective(
  _ summation: ExecutionConfiguration.Summation, _ statistics: BatchNormStatistics, _ ranks: Communicator,
  _ threads: ThreadPlan
) throws -> WholeSetObjective {
  let configuration = configuration(summation)
  let trainer = try Trainer(configuration, TrainingSession(configuration, threads: threads, ranks))
  return WholeSetObjective(trainer.crew, statistics: statistics)
}

extension WholeSetObjective {
  fileprivate func look(at weights: [Float]) throws -> (loss: Double, gradient: [Float]) {
    let gradient = Tensor(Shape(layout.count))
    let loss = try self.gradient(at: tensor(weights), into: gradient)
    return (loss, gradient.values)
  }
}

private func wholeSetEqualsOneRank(_ world: Communicator, _ statistics: BatchNormStatistics) throws {
  let (threads, weights) = (try ThreadPlan(requested: nil, world), try trainedWeights(world))
  for summation in ExecutionConfiguration.Summation.allCases {
    let many = try objective(summation, statistics, world, threads).look(at: weights)
    let one = try objective(summation, statistics, alone(world), threads).look(at: weights)
    try expect(one.loss.isFinite && abs(many.loss - one.loss) < 1e-9 * one.loss, "\(many.loss), not \(one.loss)")
    let distance = relativeDistance(tensor(many.gradient), tensor(one.gradient))
    try expect(distance < 1e-5, "the gradients differ by \(distance)")
    if summation == .reproducible { try expectEqual(many.gradient, one.gradient, "the gradient") }
  }
}

private func tensor(_ values: [Float]) -> Tensor { Tensor(values, shape: Shape(values.count)) }

private func gradientIsThatOfDifferences(_ world: Communicator, _ statistics: BatchNormStatistics) throws {
  let weights = try trainedWeights(world)
  let objective = try objective(.fast, statistics, world, ThreadPlan(requested: nil, world))
  let here = try objective.look(at: weights)
  try expectEqual(try objective.look(at: weights).gradient, here.gradient, "the gradient, once more")
  let length = here.gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  let step = 1e-2
  func loss(_ sign: Double) throws -> Double {
    try objective.look(at: zip(weights, here.gradient).map { $0 + Float(sign * step / length) * $1 }).loss
  }
  let slope = (try loss(1) - loss(-1)) / (2 * step)
  try expect(abs(slope - length) < 1e-2 * length, "the loss rises by \(slope), the gradient says \(length)")
  let quality = try objective.quality(of: objective.data.training, at: tensor(weights))
  try expect(
    abs(quality.loss - here.loss) < 1e-6 * here.loss, "evaluated, the loss is \(quality.loss), not \(here.loss)")
}

private func sharpnessEqualsOneRank(_ world: Communicator, _ statistics: BatchNormStatistics) throws {
  let (threads, weights) = (try ThreadPlan(requested: nil, world), try trainedWeights(world))
  let question = SharpnessQuestion(epsilons: [1e-3], subspace: 5, iterations: 3, hessianIterations: 3)
  func figures(_ ranks: Communicator) throws -> SharpnessFigures? {
    let function = WholeSetFunction(try objective(.reproducible, statistics, ranks, threads), at: tensor(weights))
    return try function.lead { try SharpnessFigures.measure($0, at: $0.point, question) }
  }
  let (many, one) = (try figures(world), try figures(alone(world)))
  try expectEqual(many != nil, world.rank == 0, "whether rank \(world.rank) has figures")
  guard let many, let one else { return }
  func all(_ figures: SharpnessFigures) -> [Double?] {
    figures.keskar.flatMap { [$0.phi, $0.phiBySigns] } + [
      figures.adaptive?.growth, figures.topEigenvalue?.value, figures.loss,
    ]
  }
  try expectEqual(all(one).count, 7, "figures")
  for (a, b) in zip(all(many), all(one)) {
    guard let a, let b else { throw FailedExpectation(description: "no figure: \(many)") }
    try expect(b > 0 && abs(a - b) < 1e-4 * b, "\(a), not \(b)")
  }
  try expectEqual(many.keskar.map(\.iterations), [3, 3], "iterations")
}

private func interpolationEqualsOneRank(_ world: Communicator, _ statistics: BatchNormStatistics) throws {
  let threads = try ThreadPlan(requested: nil, world)
  let (first, second) = (tensor(try trainedWeights(world)), tensor(try trainedWeights(world, steps: 5)))
  func figures(_ objective: WholeSetObjective) throws -> [InterpolationFigures.Place] {
    try InterpolationFigures.measure(
      Interpolation(.straight, places: 7), objective, first, second, heldOut: objective.data.validation
    ).places
  }
  let shared = try objective(.fast, statistics, world, threads)
  let (many, one) = (try figures(shared), try figures(objective(.fast, statistics, alone(world), threads)))
  try expectEqual(many.map(\.alpha), [-1, -0.5, 0, 0.5, 1, 1.5, 2], "places")
  for (a, b) in zip(many, one) where b.training.loss.isFinite {
    for (a, b) in [(a.training, b.training), (a.heldOut, b.heldOut)] {
      try expect(abs(a.loss - b.loss) < 1e-9 * b.loss, "\(a.loss), not \(b.loss)")
      try expectEqual(a.accuracy, b.accuracy, "accuracy")
    }
  }
  try expect(one[2...4].allSatisfy { $0.training.loss.isFinite && $0.heldOut.loss.isFinite }, "losses \(one)")
  for (place, end) in [(4, first), (2, second)] {
    let quality = try shared.quality(of: shared.data.validation, at: end)
    try expectEqual(many[place].heldOut.loss, quality.loss, "loss at the end")
  }
}

private func wholeSetWithTables(_ world: Communicator) throws {
  let threads = try ThreadPlan(requested: nil, world)
  var configuration = tableConfiguration { _ in }
  configuration.model = .click(.init(kind: .deepfm, embedding: 4, widths: [8], batchNorm: true))
  let clicks = MadeUpClicks(count: 700, rows: 300, hasWeights: true)
  let data = DatasetPair(
    training: clicks, validation: MadeUpClicks(count: 100, rows: 300, hasWeights: true), path: "")
  func objective(_ ranks: Communicator) throws -> WholeSetObjective {
    let session = try TrainingSession(configuration, data: data, threads: threads, ranks)
    return WholeSetObjective(try Trainer(configuration, session).crew, statistics: .batch)
  }
  let (many, one) = (try objective(world), try objective(alone(world)))
  let start = Tensor(Shape(many.layout.count))
  many.layout.initialize(start, seed: 3)
  let weights = start.values
  let (there, here) = (try many.look(at: weights), try one.look(at: weights))
  try expect(abs(there.loss - here.loss) < 1e-9 * here.loss, "\(there.loss), not \(here.loss)")
  let distance = relativeDistance(tensor(there.gradient), tensor(here.gradient))
  try expect(distance < 1e-5, "the gradients differ by \(distance)")
  // Of the tables alone: their rows are scattered from a list.
  var direction = here.gradient
  for index in 0..<many.layout.denseCount { direction[index] = 0 }
  let length = direction.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  func loss(_ sign: Double) throws -> Double {
    try many.look(at: zip(weights, direction).map { $0 + Float(sign * 1e-3 / length) * $1 }).loss
  }
  let slope = (try loss(1) - loss(-1)) / 2e-3
  try expect(
    length > 0 && abs(slope - length) < 1e-2 * length, "the loss rises by \(slope), the gradient says \(length)")
  let quality = try many.quality(of: clicks, at: tensor(weights))
  try expect(abs(quality.loss - there.loss) < 1e-6 * there.loss, "evaluated, the loss is \(quality.loss)")
}

private func objectiveChangesNothing(_ world: Communicator) throws {
  let configuration = configuration(.reproducible)
  let expected = try Trainer(configuration, TrainingSession(configuration, world)).run(command: "rank check")
  let trainer = try Trainer(configuration, TrainingSession(configuration, world))
  for (number, statistics) in BatchNormStatistics.allCases.enumerated() {
    try trainer.train(until: 3 * (number + 1))
    let objective = WholeSetObjective(trainer.crew, statistics: statistics)
    _ = try objective.look(at: trainer.parameters.values)
    _ = try objective.look(at: trainer.parameters.values.map { 1.5 * $0 })
    _ = try objective.quality(of: objective.data.validation, at: tensor(trainer.parameters.values.map { 1.5 * $0 }))
  }
  let record = try trainer.run(command: "rank check")
  try expectEqual(record.weightsSHA256, expected.weightsSHA256, "the hash of the weights")
  try expectEqual(record.ledger.exchangedBytes, expected.ledger.exchangedBytes, "bytes")
}

private struct Refusal: Error, CustomStringConvertible { let description = "nothing to be found" }

private func searchFailsEverywhere(_ world: Communicator) throws {
  let objective = try objective(.fast, .running, world, ThreadPlan(requested: nil, world))
  let weights = tensor(try trainedWeights(world, steps: 1))
  let function = WholeSetFunction(objective, at: weights)
  let error = try expectError(CollectiveError.self) {
    try function.lead { (function: WholeSetFunction) throws -> Int in
      var gradient = function.point
      _ = try function.value(at: function.point, gradient: &gradient)
      throw Refusal()
    }
  }
  try expectEqual(error.message, "nothing to be found", "the error")
  try expectEqual(error.rank, 0, "the rank that failed")
  // All ranks are where they can look again.
  _ = try objective.look(at: weights.values)
}

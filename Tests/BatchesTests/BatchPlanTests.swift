import Batches
import Buffers
import Testing

struct Case: Sendable, CustomTestStringConvertible {
  var samples: Int
  var globalBatch: Int
  var microBatch: Int
  var testDescription: String { "\(samples) samples, B = \(globalBatch), b = \(microBatch)" }
}

@Suite struct BatchPlanTests {
  static let cases = [
    Case(samples: 60_000, globalBatch: 1000, microBatch: 334), Case(samples: 1000, globalBatch: 64, microBatch: 16),
    Case(samples: 1001, globalBatch: 1000, microBatch: 7), Case(samples: 10, globalBatch: 10, microBatch: 100),
    Case(samples: 7, globalBatch: 1, microBatch: 1), Case(samples: 1, globalBatch: 1, microBatch: 1),
    Case(samples: 997, globalBatch: 100, microBatch: 33),
  ]

  @Test(arguments: cases)
  func stepsAndMicrobatchesCoverTheEpochInOrder(plan: Case) throws {
    let plan = try BatchPlan(samples: plan.samples, globalBatch: plan.globalBatch, microBatch: plan.microBatch)
    var position = 0
    for number in 0..<plan.stepsInEpoch(0) {
      let step = plan.step(number)
      #expect(step.positions.lowerBound == position)
      #expect(step.isLastOfEpoch || step.globalBatch == plan.globalBatch(inEpoch: 0))
      for index in 0..<step.microbatchCount {
        let positions = step.positions(ofMicrobatch: index)
        #expect(positions.lowerBound == position)
        #expect(positions.count <= plan.microBatch && !positions.isEmpty)
        position = positions.upperBound
      }
    }
    #expect(position == plan.samples)
  }

  @Test(arguments: cases, [1, 2, 3, 4, 7, 64])
  func ranksShareAStepEvenly(plan: Case, ranks: Int) throws {
    let plan = try BatchPlan(samples: plan.samples, globalBatch: plan.globalBatch, microBatch: plan.microBatch)
    for step in [plan.step(0), plan.step(plan.stepsInEpoch(0) - 1)] {
      let shares = (0..<ranks).map { step.microbatches(of: $0, ranks: ranks) }
      #expect(shares.flatMap(Array.init) == Array(0..<step.microbatchCount))
      let counts = shares.map(\.count)
      #expect(counts.max()! - counts.min()! <= 1)
    }
  }

  @Test(arguments: cases, [1, 2, 3, 4, 5, 7, 64])
  func theBusiestRankHasWhatNoRankHasMoreOf(plan: Case, ranks: Int) {
    for samples in Set([1, plan.globalBatch - 1, plan.globalBatch, plan.globalBatch + 1, plan.samples])
    where samples > 0 {
      let step = StepPlan(
        epoch: 0, step: 0, stepsInEpoch: 1, positions: 0..<samples, microBatch: plan.microBatch)
      let most = (0..<ranks).map { rank in
        step.microbatches(of: rank, ranks: ranks).reduce(0) { $0 + step.positions(ofMicrobatch: $1).count }
      }.max()
      #expect(StepPlan.mostSamples(of: samples, microBatch: plan.microBatch, ranks: ranks) == most)
    }
    #expect(StepPlan.mostSamples(of: .max, microBatch: .max, ranks: ranks) == .max)
    #expect(StepPlan.mostSamples(of: 256, microBatch: 64, ranks: 3) == 128)
  }

  @Test(arguments: cases, [1, 2, 3, 4, 64])
  func everySampleIsReadOnceAnEpochWhateverTheRanks(plan: Case, ranks: Int) throws {
    let plan = try BatchPlan(samples: plan.samples, globalBatch: plan.globalBatch, microBatch: plan.microBatch)
    let batch = Batch(inputShape: Shape(1), capacity: plan.microBatch)
    // The ranks together read, step by step, what rank 0 of 1 reads.
    var steps: [[Int]: [Int]] = [:]
    for rank in 0..<ranks {
      var order = TrainingOrder(plan: plan, seed: 5, rank: rank, ranks: ranks, steps: 0..<2 * plan.stepsInEpoch(0))
      while order.next(into: batch) {
        steps[[batch.place.epoch, batch.place.step], default: []] += Array(batch.filledSamples)
      }
    }
    #expect(steps.count == 2 * plan.stepsInEpoch(0))
    for epoch in 0..<2 {
      let permutation = Permutation(count: plan.samples, seed: 5, epoch: epoch)
      let samples = (0..<plan.stepsInEpoch(0)).flatMap { steps[[epoch, $0]]! }
      #expect(samples == (0..<plan.samples).map { permutation[$0] })
      #expect(samples.sorted() == Array(0..<plan.samples))
    }
  }

  @Test func placesTellFirstAndLastAndRows() throws {
    let plan = try BatchPlan(samples: 25, globalBatch: 10, microBatch: 3)
    let batch = Batch(inputShape: Shape(1), capacity: 3)
    var order = TrainingOrder(plan: plan, seed: 1, rank: 1, ranks: 2, steps: 0..<3)
    var places: [Batch.Place] = []
    while order.next(into: batch) { places.append(batch.place) }
    #expect(places.map(\.step) == [0, 0, 1, 1, 2])
    #expect(places.map(\.firstRowInGlobalBatch) == [6, 9, 6, 9, 3])
    #expect(places.map(\.globalBatch) == [10, 10, 10, 10, 5])
    #expect(places.map(\.isFirstOfRank) == [true, false, true, false, true])
    #expect(places.map(\.isLastOfRank) == [false, true, false, true, true])
  }

  @Test func microbatchesCanComeInViewsAndRounds() throws {
    let plan = try BatchPlan(samples: 25, globalBatch: 10, microBatch: 3)
    let batch = Batch(inputShape: Shape(1), capacity: 3)
    func places(_ visits: TrainingOrder.Visits, rank: Int, ranks: Int) -> [(samples: [Int], place: Batch.Place)] {
      var order = TrainingOrder(plan: plan, seed: 1, rank: rank, ranks: ranks, steps: 0..<3, visits: visits)
      var found: [(samples: [Int], place: Batch.Place)] = []
      while order.next(into: batch) { found.append((Array(batch.filledSamples), batch.place)) }
      return found
    }
    for rank in 0..<5 {
      let once = places(.init(), rank: rank, ranks: 5)
      let often = places(.init(views: 2, rounds: 3), rank: rank, ranks: 5)
      let steps = (0..<3).map { step in once.filter { $0.place.step == step } }
      // Each microbatch in both views, all of them three times, step by step.
      let expected = steps.flatMap { step in (0..<3).flatMap { _ in step.flatMap { [$0.samples, $0.samples] } } }
      #expect(often.map(\.samples) == expected)
      #expect(often.map(\.place.view) == expected.indices.map { $0 % 2 })
    }
    let round = places(.init(views: 2, rounds: 2), rank: 1, ranks: 2).prefix(8).map(\.place)
    #expect(round.map(\.isFirstOfRank) == [true, false, false, false, true, false, false, false])
    #expect(round.map(\.isLastOfRank) == [false, false, false, true, false, false, false, true])
    #expect(round.map(\.firstRowInGlobalBatch) == [6, 6, 9, 9, 6, 6, 9, 9])
  }

  @Test func anyStepCanBeAskedForDirectly() throws {
    let plan = try BatchPlan(samples: 25, globalBatch: 10, microBatch: 3)
    let batch = Batch(inputShape: Shape(1), capacity: 3)
    let samples = { (order: TrainingOrder) in
      var order = order
      var samples: [[Int]] = []
      while order.next(into: batch) { samples.append(Array(batch.filledSamples)) }
      return samples
    }
    let all = samples(TrainingOrder(plan: plan, seed: 1, rank: 0, ranks: 1, steps: 0..<9))
    let late = samples(TrainingOrder(plan: plan, seed: 1, rank: 0, ranks: 1, steps: 5..<9))
    #expect(late == Array(all.suffix(late.count)))
    #expect(late.count == 2 + 10)
  }

  /// Batches that grow: every epoch is whole, whatever its stage, and any step can be asked for directly.
  @Test func globalBatchesMayDifferFromStageToStage() throws {
    let plan = try BatchPlan(
      samples: 25,
      stages: [
        .init(firstEpoch: 0, globalBatch: 5), .init(firstEpoch: 2, globalBatch: 10),
        .init(firstEpoch: 3, globalBatch: 25),
      ],
      microBatch: 30)
    #expect((0...5).map { plan.steps(beforeEpoch: $0) } == [0, 5, 10, 13, 14, 15])
    #expect((0..<5).map { plan.stepsInEpoch($0) } == [5, 5, 3, 1, 1])
    #expect(plan.microBatch == 25)
    let steps = (0..<15).map { plan.step($0) }
    #expect(steps.map(\.epoch) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4])
    #expect(steps.map(\.globalBatch) == [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 10, 10, 5, 25, 25])
    #expect(steps.map(\.isLastOfEpoch).count(where: { $0 }) == 5)
    #expect(steps[11].placeInEpoch == 1.0 / 3)
    for epoch in 0..<5 {
      #expect(steps.filter { $0.epoch == epoch }.flatMap { Array($0.positions) } == Array(0..<25))
    }
  }

  /// A step of its own, such as of the whole training set.
  @Test(arguments: [1, 3])
  func oneStepCanBeReadByItself(ranks: Int) throws {
    let plan = try BatchPlan(samples: 25, globalBatch: 10, microBatch: 3)
    let batch = Batch(inputShape: Shape(1), capacity: 3)
    var samples: [Int] = []
    for rank in 0..<ranks {
      var order = TrainingOrder(only: plan.everySample(), samples: 25, seed: 1, rank: rank, ranks: ranks)
      while order.next(into: batch) {
        #expect(batch.place.globalBatch == 25 && batch.place.firstRowInGlobalBatch == samples.count)
        samples += Array(batch.filledSamples)
      }
    }
    let permutation = Permutation(count: 25, seed: 1, epoch: 0)
    #expect(samples == (0..<25).map { permutation[$0] })
  }

  @Test(arguments: [1, 2, 3, 20])
  func evaluationReadsEverySampleOnce(ranks: Int) {
    let batch = Batch(inputShape: Shape(1), capacity: 4)
    var samples: [Int] = []
    for rank in 0..<ranks {
      var order = EvaluationOrder(samples: 13, batchSize: 4, rank: rank, ranks: ranks)
      while order.next(into: batch) {
        #expect(batch.place.firstRowInGlobalBatch == samples.count)
        samples += Array(batch.filledSamples)
      }
    }
    #expect(samples == Array(0..<13))
  }

  @Test func globalBatchLargerThanTheDataIsRefused() {
    let error = #expect(throws: BatchError.self) {
      try BatchPlan(samples: 6000, globalBatch: 6001, microBatch: 64)
    }
    #expect(
      error?.description
        == "globalBatch is 6001, but the training set holds only 6000 samples: set globalBatch to at most that, or use "
        + "more data")
    #expect(throws: BatchError.self) { try BatchPlan(samples: 0, globalBatch: 1, microBatch: 1) }
  }
}

import Batches
import Buffers
import Testing

@Suite struct WorkerGroupTests {
  /// Every rank is in one group, every worker is computed by one group, and groups are alike.
  @Test(arguments: 1...12, 1...12) func everyWorkerHasOneGroup(_ workers: Int, _ ranks: Int) {
    let groups = (0..<ranks).map { WorkerGroup(workers: workers, rank: $0, ranks: ranks) }
    var computed: [Int: Set<Int>] = [:]
    for group in groups {
      #expect(group.groups == groups[0].groups && group.ranks * group.groups == ranks)
      for slot in 0..<group.slots {
        computed[group.worker(slot: slot, ofGroup: group.number), default: []].insert(group.number)
      }
    }
    #expect(computed.keys.sorted() == Array(0..<workers) && computed.values.allSatisfy { $0.count == 1 })
    for number in 0..<groups[0].groups {
      #expect(groups.filter { $0.number == number }.map(\.rank) == Array(0..<groups[0].ranks))
    }
    // Where ranks divide the workers, nobody is needed for one's own.
    if workers % ranks == 0 { #expect(groups.allSatisfy { $0.ranks == 1 && $0.slots == workers / ranks }) }
  }

  /// The parts of a step are its microbatches, each once, in order; the last steps leave some workers without.
  @Test(arguments: [1, 2, 3, 5, 8]) func partsAreTheStep(_ workers: Int) throws {
    let plan = try BatchPlan(samples: 85, globalBatch: 40, microBatch: 6)
    for number in 0..<3 {
      let step = plan.step(number)
      let parts = (0..<workers).compactMap { step.part(of: $0, workers: workers) }
      #expect(parts.count == min(workers, step.microbatchCount))
      let microbatches = parts.flatMap { part in (0..<part.microbatchCount).map { part.positions(ofMicrobatch: $0) } }
      #expect(microbatches == (0..<step.microbatchCount).map { step.positions(ofMicrobatch: $0) })
      #expect(parts.allSatisfy { $0.epoch == step.epoch && $0.step == step.step })
    }
  }

  /// The ranks together read each sample of each step `passes` times, before and after workers divide it.
  @Test(arguments: [1, 2, 3, 4, 6], [1, 2]) func ranksReadEverySampleInEveryPass(_ ranks: Int, _ passes: Int) throws {
    let plan = try BatchPlan(samples: 85, globalBatch: 40, microBatch: 6)
    let batch = Batch(inputShape: Shape(1), capacity: 6)
    var read: [[Int]: [Int]] = [:]
    for rank in 0..<ranks {
      var division = StepDivision(rank: rank, ranks: ranks)
      division.passes = passes
      division.workers = WorkerGroup(workers: 4, rank: rank, ranks: ranks)
      division.firstDivided = 2
      var order = TrainingOrder(plan: plan, seed: 3, steps: 0..<6, division)
      while order.next(into: batch) {
        read[[batch.place.epoch, batch.place.step], default: []] += Array(batch.filledSamples)
      }
    }
    for number in 0..<6 {
      let step = plan.step(number)
      let order = Permutation(count: 85, seed: 3, epoch: step.epoch)
      let expected = step.positions.flatMap { position in Array(repeating: order[position], count: passes) }
      #expect(read[[step.epoch, step.step]]?.sorted() == expected.sorted())
    }
  }

  /// A rank whose workers have no samples in any of the steps reads nothing.
  @Test func nothingIsReadForNothing() throws {
    let plan = try BatchPlan(samples: 85, globalBatch: 40, microBatch: 6)
    var division = StepDivision(rank: 0, ranks: 2)
    division.workers = WorkerGroup(workers: 2, rank: 0, ranks: 2)
    var order = TrainingOrder(plan: plan, seed: 3, steps: 2..<3, division)
    // One microbatch of 5 samples: the last worker's.
    #expect(plan.step(2).microbatchCount == 1 && plan.step(2).part(of: 0, workers: 2) == nil)
    let isThere = order.next(into: Batch(inputShape: Shape(1), capacity: 6))
    #expect(!isThere)
  }

  @Test func passesFollowEachOtherShareByShare() throws {
    let plan = try BatchPlan(samples: 80, globalBatch: 40, microBatch: 10)
    var division = StepDivision(rank: 0, ranks: 1)
    division.passes = 2
    division.workers = WorkerGroup(workers: 2, rank: 0, ranks: 1)
    division.firstDivided = 1
    var sequence = StepSequence(plan, steps: 0..<2, division)
    var positions: [Range<Int>] = []
    while let share = sequence.next() { positions.append(share.step.positions) }
    #expect(positions == [0..<40, 0..<40, 40..<60, 40..<60, 60..<80, 60..<80])
  }
}

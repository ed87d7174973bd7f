/// Which samples come next, microbatch by microbatch: what a `BatchReader` follows.
public protocol BatchOrder: Sendable {
  /// Writes the next microbatch's sample numbers into `batch.samples`, their number into `batch.rows`, and its place.
  /// False at the end. Allocates nothing.
  mutating func next(into batch: Batch) -> Bool
}

/// One rank's microbatches of a training run, epoch after epoch without a pause.
public struct TrainingOrder: BatchOrder {
  private let plan: GlobalBatchPlan
  private let seed: UInt64
  private let rank: Int
  private let ranks: Int
  private let epochs: Int
  private var epoch: Int
  private var step: Int
  private var mine: Range<Int>
  private var index: Int
  private var order: Permutation

  /// - Parameters:
  ///   - epochs: the run's; the order ends after them.
  ///   - firstEpoch: where to start, from 0.
  ///   - firstStep: where in that epoch, from 0.
  public init(
    plan: GlobalBatchPlan, seed: UInt64, rank: Int, ranks: Int, epochs: Int, firstEpoch: Int = 0, firstStep: Int = 0
  ) {
    self.plan = plan
    self.seed = seed
    self.rank = rank
    self.ranks = ranks
    self.epochs = epochs
    epoch = firstEpoch
    step = firstStep
    mine = plan.microbatches(of: rank, ranks: ranks, step: firstStep)
    index = mine.lowerBound
    order = Permutation(count: plan.samples, seed: seed, epoch: firstEpoch)
  }

  public mutating func next(into batch: Batch) -> Bool {
    while epoch < epochs {
      if index < mine.upperBound {
        fill(batch)
        index += 1
        return true
      }
      startNextStep()
    }
    return false
  }

  private func fill(_ batch: Batch) {
    let positions = plan.positions(ofMicrobatch: index, inStep: step)
    precondition(
      positions.count <= batch.capacity, "a microbatch of \(positions.count) in a batch of \(batch.capacity)")
    for (row, position) in positions.enumerated() { batch.samples[row] = order[position] }
    batch.rows = positions.count
    let all = plan.positions(inStep: step)
    batch.place.epoch = epoch
    batch.place.step = step
    batch.place.globalBatch = all.count
    batch.place.firstRowInGlobalBatch = positions.lowerBound - all.lowerBound
    batch.place.isFirstOfRank = index == mine.lowerBound
    batch.place.isLastOfRank = index == mine.upperBound - 1
  }

  private mutating func startNextStep() {
    step += 1
    if step == plan.stepsPerEpoch {
      step = 0
      epoch += 1
      order = Permutation(count: plan.samples, seed: seed, epoch: epoch)
    }
    mine = plan.microbatches(of: rank, ranks: ranks, step: step)
    index = mine.lowerBound
  }
}

/// One rank's part of a whole data set, once, in its own order: for evaluation.
public struct EvaluationOrder: BatchOrder {
  private let samples: Int
  private let batchSize: Int
  private let mine: Range<Int>
  private var position: Int
  /// Of the rank that has most.
  public let mostBatches: Int

  public init(samples: Int, batchSize: Int, rank: Int, ranks: Int) {
    self.samples = samples
    self.batchSize = batchSize
    mostBatches = ((samples + ranks - 1) / ranks + batchSize - 1) / batchSize
    mine = GlobalBatchPlan.share(of: samples, rank: rank, ranks: ranks)
    position = mine.lowerBound
  }

  public mutating func next(into batch: Batch) -> Bool {
    guard position < mine.upperBound else { return false }
    let end = min(position + min(batchSize, batch.capacity), mine.upperBound)
    for (row, sample) in (position..<end).enumerated() { batch.samples[row] = sample }
    batch.rows = end - position
    batch.place = Batch.Place()
    batch.place.globalBatch = samples
    batch.place.firstRowInGlobalBatch = position
    batch.place.isFirstOfRank = position == mine.lowerBound
    batch.place.isLastOfRank = end == mine.upperBound
    position = end
    return true
  }
}

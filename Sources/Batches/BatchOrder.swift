/// The samples that come next, microbatch by microbatch: a `BatchReader` follows it.
public protocol BatchOrder: Sendable {
  /// Writes the next microbatch's sample numbers into `batch.samples`, their number into `batch.rows`, and its place.
  /// False at the end. Allocates nothing.
  mutating func next(into batch: Batch) -> Bool
}

/// One rank's microbatches of steps of a run, one after the other without a pause.
public struct TrainingOrder: BatchOrder {
  private let seed: UInt64
  private let visits: Visits
  /// Where further shares are from; nil where there is one alone.
  private var coming: StepSequence?
  private var step: StepPlan
  private var mine: Range<Int>
  /// Batches of this step so far.
  private var turn = 0
  private var order: Permutation

  /// How often the microbatches of a step come.
  public struct Visits: Sendable {
    /// Each microbatch comes so often in a row, each time as another view.
    public var views: Int
    /// All of a rank's, in all their views, come so often.
    public var rounds: Int

    /// Once, unless said otherwise.
    public init(views: Int = 1, rounds: Int = 1) {
      self.views = views
      self.rounds = rounds
    }
  }

  /// - Parameter steps: their numbers in the run; at least one.
  public init(
    plan: BatchPlan, seed: UInt64, rank: Int, ranks: Int, steps: Range<Int>, visits: Visits = Visits()
  ) {
    self.init(plan: plan, seed: seed, steps: steps, StepDivision(rank: rank, ranks: ranks), visits: visits)
  }

  /// As `division` says.
  /// - Parameter steps: their numbers in the run; at least one.
  public init(
    plan: BatchPlan, seed: UInt64, steps: Range<Int>, _ division: StepDivision, visits: Visits = Visits()
  ) {
    var coming = StepSequence(plan, steps: steps, division)
    let first = coming.next()
    self.init(
      first?.step ?? plan.step(steps.lowerBound), first?.microbatches ?? 0..<0, samples: plan.samples, seed: seed,
      visits, coming)
  }

  /// One step alone, of whatever positions.
  /// - Parameter samples: of an epoch.
  public init(only step: StepPlan, samples: Int, seed: UInt64, rank: Int, ranks: Int) {
    self.init(only: StepShare(step, rank: rank, ranks: ranks), samples: samples, seed: seed)
  }

  /// One share alone.
  /// - Parameter samples: of an epoch.
  public init(only share: StepShare, samples: Int, seed: UInt64, visits: Visits = Visits()) {
    self.init(share.step, share.microbatches, samples: samples, seed: seed, visits, nil)
  }

  private init(
    _ step: StepPlan, _ mine: Range<Int>, samples: Int, seed: UInt64, _ visits: Visits, _ coming: StepSequence?
  ) {
    self.seed = seed
    self.visits = visits
    self.coming = coming
    self.step = step
    self.mine = mine
    order = Permutation(count: samples, seed: seed, epoch: step.epoch)
  }

  /// The rank's next microbatch: fills `samples`, `rows` and `place`. False after the last one.
  public mutating func next(into batch: Batch) -> Bool {
    while turn == mine.count * visits.views * visits.rounds { if !startNextStep() { return false } }
    let place = turn % (mine.count * visits.views)
    fill(batch, microbatch: mine.lowerBound + place / visits.views, view: place % visits.views)
    turn += 1
    return true
  }

  private func fill(_ batch: Batch, microbatch index: Int, view: Int) {
    let positions = step.positions(ofMicrobatch: index)
    precondition(
      positions.count <= batch.capacity, "a microbatch of \(positions.count) in a batch of \(batch.capacity)")
    for (row, position) in positions.enumerated() { batch.samples[row] = order[position] }
    batch.rows = positions.count
    batch.place.epoch = step.epoch
    batch.place.step = step.step
    batch.place.globalBatch = step.globalBatch
    batch.place.firstRowInGlobalBatch = positions.lowerBound - step.positions.lowerBound
    batch.place.view = view
    batch.place.isFirstOfRank = index == mine.lowerBound && view == 0
    batch.place.isLastOfRank = index == mine.upperBound - 1 && view == visits.views - 1
  }

  private mutating func startNextStep() -> Bool {
    guard let share = coming?.next() else { return false }
    if share.step.epoch != step.epoch { order = Permutation(count: order.count, seed: seed, epoch: share.step.epoch) }
    step = share.step
    mine = share.microbatches
    turn = 0
    return true
  }
}

/// One rank's part of a whole data set, once, in its own order: for evaluation.
public struct EvaluationOrder: BatchOrder {
  private let samples: Int
  private let batchSize: Int
  private let mine: Range<Int>
  private var position: Int
  /// Batches of the rank that has most.
  public let mostBatches: Int

  /// Samples in their own order, an equal share for each rank (lengths differ by 1 at most), in batches of `batchSize`
  /// at most.
  public init(samples: Int, batchSize: Int, rank: Int, ranks: Int) {
    self.samples = samples
    self.batchSize = batchSize
    mostBatches = ((samples + ranks - 1) / ranks + batchSize - 1) / batchSize
    mine = StepPlan.share(of: samples, rank: rank, ranks: ranks)
    position = mine.lowerBound
  }

  /// The rank's next batch: fills `samples`, `rows` and `place`. False after the last one.
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

import Batches
import Buffers
import Datasets
import Layers
import MessagePassing
import Watch

/// Loss, accuracy and, of binary scores, their metrics, of a network's present weights on whole data sets, shared among
/// ranks.
struct Evaluation {
  let network: Network
  let objective: Objective
  /// Rows of one compute call.
  let rows: Int
  let communicator: Communicator
  /// The network's scores are logits of class 1 of two classes.
  let hasBinaryScores: Bool
  /// For what the model did not learn from.
  let correction: NegativeCorrection

  /// Reads at least so many rows at a time: small microbatches would make it slow.
  static let leastRows = 256
  private static let depth = 2
  /// Batches that are read ahead, and the one that is worked on.
  static var batches: Int { depth + 1 }

  /// Each sample exactly once, summed in double precision. Collective.
  ///
  /// - Parameter signs: of all ranks' samples afterwards; nil where nobody asks for them.
  /// - Throws: `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  func callAsFunction(_ dataset: any Dataset, _ signs: LearningSigns? = nil) throws -> Quality {
    let (rank, ranks) = (communicator.rank, communicator.size)
    let order = EvaluationOrder(samples: dataset.count, batchSize: rows, rank: rank, ranks: ranks)
    return try quality(
      of: dataset, BatchReader(dataset: dataset, order: order, capacity: rows, depth: Self.depth),
      batches: order.mostBatches, share: StepPlan.share(of: dataset.count, rank: rank, ranks: ranks).count, .evaluation,
      signs)
  }

  /// As `callAsFunction`, but batch norm takes the statistics of each batch: of equal parts of the set of at most `rows`
  /// samples, in an order that is a function of the seed, so that no number of ranks changes what stands in a batch.
  func withBatchStatistics(_ dataset: any Dataset, atMost rows: Int, seed: UInt64) throws -> Quality {
    guard dataset.count > 0 else { return try self(dataset) }
    let step = StepPlan(all: dataset.count, inPartsOf: rows)
    let (rank, ranks) = (communicator.rank, communicator.size)
    let order = TrainingOrder(only: step, samples: dataset.count, seed: seed, rank: rank, ranks: ranks)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: step.microBatch, depth: Self.depth)
    let most = (0..<ranks).map { step.microbatches(of: $0, ranks: ranks).count }.max()!
    let share = step.microbatches(of: rank, ranks: ranks).reduce(0) { $0 + step.positions(ofMicrobatch: $1).count }
    return try quality(of: dataset, reader, batches: most, share: share, .batchStatistics)
  }

  /// - Parameters:
  ///   - batches: of the rank that has most.
  ///   - share: this rank's samples, at most.
  private func quality(
    of dataset: any Dataset, _ reader: BatchReader, batches: Int, share: Int, _ mode: Pass.Mode,
    _ signs: LearningSigns? = nil
  ) throws -> Quality {
    var sums = LossSums()
    var scores = hasBinaryScores ? BinaryScores(capacity: share) : nil
    // A training set with a part of its negatives is what the model learnt: there its scores need none.
    let correction = dataset.keptNegatives == nil ? correction : NegativeCorrection(kept: nil)
    var stop = StopAgreement(communicator)
    for _ in 0..<batches {
      Fault.reach(.evaluation)
      if try stop.isAsked() { throw Interruption.Asked() }
      guard let batch = try reader.next() else { continue }
      let pass = Pass(evaluating: batch, as: mode)
      let outputs =
        try signs.map { try network.forward(batch.filledInputs, pass, noting: $0.activity) }
        ?? network.forward(batch.filledInputs, pass)
      correction.apply(to: outputs.buffer)
      sums += try objective.sums(of: outputs, labels: batch.filledLabels, pass)
      signs?.note(outputs, labels: batch.filledLabels)
      scores?.add(UnsafeBufferPointer(outputs.buffer), labels: batch.filledLabels, weights: batch.filledWeights)
      reader.recycle(batch)
    }
    try stop.finish()
    try signs?.share(communicator)
    let mean = Quality(try communicator.total(of: sums))
    let metrics = try scores?.metrics(loss: mean.loss, communicator)
    return Quality(loss: mean.loss, accuracy: mean.accuracy, metrics)
  }
}

extension Communicator {
  /// Over all ranks. Collective.
  func total(of sums: LossSums) throws -> LossSums {
    // Counts are exact as doubles up to 2⁵³, and one message waits once.
    var totals = [sums.loss, sums.correct, Double(sums.samples), sums.weight]
    try allReduce(inPlace: totals.mutableSpan, .sum)
    var total = LossSums()
    (total.loss, total.correct, total.samples, total.weight) = (totals[0], totals[1], Int(totals[2]), totals[3])
    return total
  }
}

extension Quality {
  /// Means, each sample counting by its weight.
  init(_ sums: LossSums) {
    self.init(loss: sums.meanLoss, accuracy: sums.weight > 0 ? sums.correct / sums.weight : 0)
  }
}

extension Pass {
  init(evaluating batch: Batch, as mode: Mode = .evaluation) {
    self.init(
      mode: mode, epoch: 0, samples: batch.filledSamples, ids: batch.filledIDs, weights: batch.filledWeights,
      overwritesGradients: true, globalBatch: batch.place.globalBatch,
      firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch, view: batch.place.view)
  }
}

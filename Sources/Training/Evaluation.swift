import Buffers
import Datasets
import Layers
import MessagePassing

/// Loss, accuracy and, of binary scores, their metrics, of a network's present weights on whole data sets, shared among
/// ranks.
struct Evaluation {
  let network: Network
  let objective: Objective
  /// Of one compute call.
  let rows: Int
  let communicator: Communicator
  /// The network's scores are logits of class 1 of two classes.
  let hasBinaryScores: Bool

  /// Reads at least so many rows at a time: small microbatches would make it slow.
  static let leastRows = 256
  private static let depth = 2
  /// What is read ahead, and the one that is worked on.
  static var batches: Int { depth + 1 }

  /// Each sample exactly once, summed in double precision. Collective.
  ///
  /// - Throws: `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  func callAsFunction(_ dataset: any Dataset) throws -> Quality {
    let order = EvaluationOrder(
      samples: dataset.count, batchSize: rows, rank: communicator.rank, ranks: communicator.size)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: rows, depth: Self.depth)
    var sums = LossSums()
    let share = GlobalBatchPlan.share(of: dataset.count, rank: communicator.rank, ranks: communicator.size).count
    var scores = hasBinaryScores ? BinaryScores(capacity: share) : nil
    var stop = StopAgreement(communicator)
    for _ in 0..<order.mostBatches {
      if try stop.isAsked() { throw Interruption.Asked() }
      guard let batch = try reader.next() else { continue }
      let pass = Pass(evaluating: batch)
      let outputs = try network.forward(batch.filledInputs, pass)
      sums += try objective.sums(of: outputs, labels: batch.filledLabels, pass)
      scores?.add(UnsafeBufferPointer(outputs.buffer), labels: batch.filledLabels)
      reader.recycle(batch)
    }
    try stop.finish()
    let mean = try communicator.mean(of: sums)
    let metrics = try scores?.metrics(loss: mean.loss, communicator)
    return Quality(loss: mean.loss, accuracy: mean.accuracy, metrics)
  }
}

extension Communicator {
  /// Means over all ranks' samples. Collective.
  func mean(of sums: LossSums) throws -> Quality {
    // Counts are exact as doubles up to 2⁵³, and one message waits once.
    var totals = [sums.loss, Double(sums.correct), Double(sums.samples)]
    try allReduce(inPlace: totals.mutableSpan, .sum)
    let count = max(totals[2], 1)
    return Quality(loss: totals[0] / count, accuracy: totals[1] / count)
  }
}

extension Pass {
  init(evaluating batch: Batch) {
    self.init(
      mode: .evaluation, epoch: 0, samples: batch.filledSamples, ids: batch.filledIDs, overwritesGradients: true,
      globalBatch: batch.place.globalBatch, firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch)
  }
}

import Batches
import Buffers
import Datasets
import Layers
import MessagePassing

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

  /// Reads at least so many rows at a time: small microbatches would make it slow.
  static let leastRows = 256
  private static let depth = 2
  /// Batches that are read ahead, and the one that is worked on.
  static var batches: Int { depth + 1 }

  /// Each sample exactly once, summed in double precision. Collective.
  ///
  /// - Throws: `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  func callAsFunction(_ dataset: any Dataset) throws -> Quality {
    let order = EvaluationOrder(
      samples: dataset.count, batchSize: rows, rank: communicator.rank, ranks: communicator.size)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: rows, depth: Self.depth)
    var sums = LossSums()
    let share = StepPlan.share(of: dataset.count, rank: communicator.rank, ranks: communicator.size).count
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
    let mean = Quality(try communicator.total(of: sums))
    let metrics = try scores?.metrics(loss: mean.loss, communicator)
    return Quality(loss: mean.loss, accuracy: mean.accuracy, metrics)
  }
}

extension Communicator {
  /// Over all ranks. Collective.
  func total(of sums: LossSums) throws -> LossSums {
    // Counts are exact as doubles up to 2⁵³, and one message waits once.
    var totals = [sums.loss, Double(sums.correct), Double(sums.samples)]
    try allReduce(inPlace: totals.mutableSpan, .sum)
    var total = LossSums()
    (total.loss, total.correct, total.samples) = (totals[0], Int(totals[1]), Int(totals[2]))
    return total
  }
}

extension Quality {
  /// Means.
  init(_ sums: LossSums) {
    let count = Double(max(sums.samples, 1))
    self.init(loss: sums.loss / count, accuracy: Double(sums.correct) / count)
  }
}

extension Pass {
  init(evaluating batch: Batch) {
    self.init(
      mode: .evaluation, epoch: 0, samples: batch.filledSamples, ids: batch.filledIDs, overwritesGradients: true,
      globalBatch: batch.place.globalBatch, firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch)
  }
}

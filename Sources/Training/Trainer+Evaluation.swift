import Buffers
import Datasets
import Layers
import MessagePassing

extension Trainer {
  /// True where the model gives samples of two classes one score, the logit of class 1: then area under the curve,
  /// normalised entropy and calibration say more than accuracy.
  public var hasBinaryScores: Bool { model.output.count == 1 && data.training.classes == 2 }

  /// Loss, accuracy and, of binary scores, their metrics, of the present weights on a whole data set: each sample exactly
  /// once, sharded over the ranks, summed in double precision. Collective.
  ///
  /// - Throws: `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  public func evaluate(_ dataset: any Dataset) throws -> Quality {
    let order = EvaluationOrder(samples: dataset.count, batchSize: evaluationRows, rank: rank, ranks: ranks)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: evaluationRows, depth: 2)
    var sums = LossSums()
    let share = GlobalBatchPlan.share(of: dataset.count, rank: rank, ranks: ranks).count
    var scores = hasBinaryScores ? BinaryScores(capacity: share) : nil
    var stop = StopAgreement(communicator)
    for _ in 0..<order.mostBatches {
      if try stop.isAsked() { throw Interruption.Asked() }
      guard let batch = try reader.next() else { continue }
      sums += try network.forward(batch.filledInputs, labels: batch.filledLabels, Pass(evaluating: batch))
      scores?.add(UnsafeBufferPointer(network.outputs(rows: batch.rows).buffer), labels: batch.filledLabels)
      reader.recycle(batch)
    }
    try stop.finish()
    let mean = try mean(of: sums)
    let metrics = try scores?.metrics(loss: mean.loss, communicator)
    return Quality(loss: mean.loss, accuracy: mean.accuracy, metrics)
  }

  /// Means over all ranks' samples. Collective.
  func mean(of sums: LossSums) throws -> Quality {
    // Counts are exact as doubles up to 2⁵³, and one message waits once.
    var totals = [sums.loss, Double(sums.correct), Double(sums.samples)]
    try communicator.allReduce(inPlace: totals.mutableSpan, .sum)
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

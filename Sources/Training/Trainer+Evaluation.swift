import Buffers
import Datasets
import Layers
import MessagePassing

extension Trainer {
  /// Loss and accuracy of the present weights on a whole data set: each sample exactly once, sharded over the ranks,
  /// summed in double precision. Collective.
  public func evaluate(_ dataset: any Dataset) throws -> Quality {
    let order = EvaluationOrder(samples: dataset.count, batchSize: evaluationRows, rank: rank, ranks: ranks)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: evaluationRows, depth: 2)
    var sums = LossSums()
    while let batch = try reader.next() {
      sums += try network.forward(batch.filledInputs, labels: batch.filledLabels, Pass(evaluating: batch))
      reader.recycle(batch)
    }
    return try mean(of: sums)
  }

  /// Means over all ranks' samples. Collective.
  func mean(of sums: LossSums) throws -> Quality {
    let loss = try communicator.allReduce(sums.loss, .sum)
    let correct = try communicator.allReduce(sums.correct, .sum)
    let samples = try communicator.allReduce(sums.samples, .sum)
    let count = Double(max(samples, 1))
    return Quality(loss: loss / count, accuracy: Double(correct) / count)
  }
}

extension Pass {
  init(evaluating batch: Batch) {
    self.init(
      mode: .evaluation, epoch: 0, samples: batch.filledSamples, ids: batch.filledIDs, overwritesGradients: true,
      globalBatch: batch.place.globalBatch, firstRowInGlobalBatch: batch.place.firstRowInGlobalBatch)
  }
}

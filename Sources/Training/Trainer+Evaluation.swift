import Buffers
import Datasets
import Layers
import MessagePassing

extension Trainer {
  /// Loss and accuracy of the present weights on a whole data set: each sample exactly once, sharded over the ranks,
  /// summed in double precision. Collective.
  public func evaluate(_ dataset: any Dataset) throws -> Quality {
    var sums = LossSums()
    let end = dataset.count * (rank + 1) / ranks
    var start = dataset.count * rank / ranks
    while start < end {
      let rows = min(evaluationBatch.capacity, end - start)
      sums += try evaluate(dataset, start..<start + rows)
      start += rows
    }
    return try mean(of: sums)
  }

  private func evaluate(_ dataset: any Dataset, _ samples: Range<Int>) throws -> LossSums {
    let batch = evaluationBatch
    for (row, sample) in samples.enumerated() { batch.samples[row] = sample }
    batch.rows = samples.count
    dataset.read(batch.filledSamples, into: batch)
    let pass = Pass(
      mode: .evaluation, epoch: 0, samples: batch.filledSamples, overwritesGradients: true, globalBatch: samples.count,
      firstRowInGlobalBatch: 0)
    return try network.forward(batch.filledInputs, labels: batch.filledLabels, pass)
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

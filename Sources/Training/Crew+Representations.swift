import Batches
import Buffers
import Configuration
import Datasets
import Layers
import MessagePassing

/// How good representations are that were learnt without labels. All of it sees each sample once, in whole batches whose rows
/// no number of ranks changes.
extension Crew {
  /// Orders the samples of evaluations, the same in all runs.
  private static let referenceSeed: UInt64 = 1
  private static let depth = 2

  /// Of the present weights on a data set: NT-Xent of two views of its samples, in global batches as in training but without
  /// dropout; and the share of samples, as they are, whose class their nearest neighbours in the training set tell. Nil where
  /// the run learns labels. Collective. Throws `Interruption.Asked`, on every rank, where one was asked to stop meanwhile.
  func contrastQuality(_ dataset: any Dataset) throws -> Quality? {
    guard let loss = objective.ofWholeBatch, let contrastive = experiment.configuration.contrastive else { return nil }
    let sums = try communicator.total(of: contrast(dataset, loss))
    let references = try references(contrastive)
    let neighbours = NearestNeighbours(references, classes: dataset.classes, voters: contrastive.neighbours)
    let own = try ownRepresentations(dataset)
    let classes = try neighbours.classes(of: own, rowsAtOnce: evaluation.rows)
    let right = zip(classes, own.labels).count { $0 == $1 }
    return Quality(loss: sums.meanLoss, accuracy: try share(right, of: dataset))
  }

  /// A linear probe of the present weights; nil where the run learns labels. Collective; throws as `contrastQuality`.
  func probeRecord() throws -> ProbeRecord? {
    guard let contrastive = experiment.configuration.contrastive else { return nil }
    let references = try references(contrastive)
    // Every rank fits the same to the same: there is nothing to send, and nothing to differ.
    let probe = try LinearProbe(references, classes: data.training.classes)
    func accuracy(_ dataset: any Dataset) throws -> Double {
      try share(probe.countRight(ownRepresentations(dataset), rowsAtOnce: evaluation.rows), of: dataset)
    }
    return ProbeRecord(
      accuracy: try accuracy(data.validation), testAccuracy: try data.test.map(accuracy), penalty: probe.penalty,
      references: references.count)
  }

  private func share(_ right: Int, of dataset: any Dataset) throws -> Double {
    Double(try communicator.allReduce(right, .sum)) / Double(dataset.count)
  }

  /// Sums over this rank's samples.
  private func contrast(_ dataset: any Dataset, _ loss: BoundNTXent) throws -> LossSums {
    let configuration = experiment.configuration
    let plan = try BatchPlan(
      samples: dataset.count, globalBatch: min(configuration.globalBatch, dataset.count),
      microBatch: configuration.microBatch)
    let samples = try dataset.augmented(configuration.data.augmentation, seed: experiment.seed)
    let steps = 0..<plan.stepsInEpoch(0)
    let order = TrainingOrder(
      plan: plan, seed: Self.referenceSeed, rank: rank, ranks: ranks, steps: steps, visits: visits(rounds: 1))
    let reader = try BatchReader(dataset: samples, order: order, capacity: plan.microBatch, depth: Self.depth)
    var sums = LossSums()
    var stop = StopAgreement(communicator)
    for number in steps {
      let step = plan.step(number)
      if try stop.isAsked() { throw Interruption.Asked() }
      try look(at: step, from: reader, loss, pass: { Pass(evaluating: $0) }, book: { _, _ in })
      for microbatch in step.microbatches(of: rank, ranks: ranks) {
        sums += loss.sums(of: step.rows(ofMicrobatch: microbatch))
      }
    }
    try stop.finish()
    return sums
  }

  /// Labelled training samples as they are, the same on every rank.
  private func references(_ contrastive: ContrastiveConfiguration) throws -> Representations {
    let step = evaluationStep(samples: min(contrastive.references, data.training.count))
    let width = experiment.model.representation!.count
    let rows = Tensor(Shape(step.globalBatch, width))
    var labels = [Int32](repeating: 0, count: step.globalBatch)
    try represent(data.training, step, first: 0, rows, &labels)
    let blocks = try communicator.blocks((0..<ranks).map { step.samples(of: $0, ranks: ranks).count * width })
    _ = try communicator.startAllGather(Lease(rows), blocks).wait()
    let mine = step.samples(of: rank, ranks: ranks)
    return Representations(rows: rows, labels: try communicator.allGather(Array(labels[mine])).flatMap { $0 })
  }

  /// This rank's part of a whole data set.
  private func ownRepresentations(_ dataset: any Dataset) throws -> Representations {
    let step = evaluationStep(samples: dataset.count)
    let mine = step.samples(of: rank, ranks: ranks)
    let rows = Tensor(Shape(mine.count, experiment.model.representation!.count))
    var labels = [Int32](repeating: 0, count: mine.count)
    try represent(dataset, step, first: mine.lowerBound, rows, &labels)
    return Representations(rows: rows, labels: labels)
  }

  private func evaluationStep(samples: Int) -> StepPlan {
    StepPlan(epoch: 0, step: 0, stepsInEpoch: 1, positions: 0..<samples, microBatch: evaluation.rows)
  }

  /// Writes this rank's samples of a step, that at `first` into row 0.
  private func represent(
    _ dataset: any Dataset, _ step: StepPlan, first: Int, _ rows: Tensor, _ labels: inout [Int32]
  ) throws {
    let order = TrainingOrder(
      only: step, samples: dataset.count, seed: Self.referenceSeed, rank: rank, ranks: ranks)
    let reader = try BatchReader(dataset: dataset, order: order, capacity: step.microBatch, depth: Self.depth)
    let width = experiment.model.representation!.count
    var stop = StopAgreement(communicator)
    for _ in 0..<(step.microbatchCount + ranks - 1) / ranks {
      if try stop.isAsked() { throw Interruption.Asked() }
      guard let batch = try reader.next() else { continue }
      _ = try network.forward(batch.filledInputs, Pass(evaluating: batch))
      let place = batch.place.firstRowInGlobalBatch - first
      rows.slice(place * width..<(place + batch.rows) * width).copy(
        from: network.representation(batch.filledInputs, rows: batch.rows))
      for (row, label) in batch.filledLabels.enumerated() { labels[place + row] = label }
      reader.recycle(batch)
    }
    try stop.finish()
  }
}

extension LinearProbe {
  /// In pieces of the same rows on any number of ranks, so that a score has the same bits.
  fileprivate func countRight(_ samples: Representations, rowsAtOnce: Int) throws -> Int {
    try stride(from: 0, to: samples.count, by: rowsAtOnce).reduce(0) { sum, first in
      try sum + countRight(samples[first..<min(first + rowsAtOnce, samples.count)])
    }
  }
}

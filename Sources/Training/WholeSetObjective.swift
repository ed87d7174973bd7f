import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import MessagePassing

/// The mean loss of the whole training set, as a function of the weights: fixed, without dropout and augmentation, and
/// without what an optimiser adds (weight decay). Ranks share the samples; their number changes rounding alone, and with
/// `execution.summation: reproducible` not even that in the gradient. Nothing that a run keeps is changed.
public final class WholeSetObjective {
  private let crew: Crew
  /// Of batch norm: means nothing for models without.
  public let statistics: BatchNormStatistics

  /// - Parameter crew: its experiment's microbatches are what is computed at a time and, with their ghost batches, what
  ///   statistics are taken of.
  public init(_ crew: Crew, statistics: BatchNormStatistics) {
    self.crew = crew
    self.statistics = statistics
  }

  /// The ranks that share the samples.
  public var communicator: Communicator { crew.communicator }
  /// Of the training set.
  public var samples: Int { crew.experiment.batches.samples }
  /// The places of the weights.
  public var layout: ParameterLayout { crew.experiment.model.layout }
  /// Samples that are computed together, at most.
  public var rows: Int { crew.experiment.batches.microBatch }
  /// The data that a run learns from and is judged by.
  public var data: DatasetPair { crew.data }

  /// A function that has no gradient to give.
  public struct Failure: Error, CustomStringConvertible {
    /// One sentence with the remedy.
    public let description: String
  }

  /// The mean loss, each sample counting by its weight, and its gradient. Collective; the loss is the same on every rank,
  /// and not finite where a sample's is not: the gradient then means nothing.
  ///
  /// - Parameters:
  ///   - weights: in the layout, `layout.count` floats.
  ///   - gradient: as many floats, which are overwritten; 0 for running statistics and for rows of tables that no sample has.
  /// - Throws: `Failure` where reproducible sums would not be exact, `Interruption.Asked`, and what reading throws.
  public func gradient(at weights: Tensor, into gradient: Tensor) throws -> Double {
    let found = try crew.probe(crew.experiment.batches.everySample(), at: weights, as: statistics.mode)
    switch found.obstacle {
    case .interrupted?: throw Interruption.Asked()
    case .inexact?:
      throw Failure(
        description: "the gradient of the whole training set is too large for exact sums: set execution.summation fast")
    default: break
    }
    let sums = try communicator.total(of: found.sums)
    found.mean.copy(into: gradient, layout)
    // A gradient's samples are divided by their number, a loss's by their weight.
    if sums.weight > 0, sums.weight != Double(sums.samples) {
      let factor = Float(Double(sums.samples) / sums.weight)
      for index in 0..<gradient.count { gradient.pointer[index] *= factor }
    }
    return sums.meanLoss
  }

  /// The quality of any weights on a data set. Collective. Throws as `Evaluator.evaluate`.
  public func quality(of dataset: any Dataset, at weights: Tensor) throws -> Quality {
    try crew.quality(of: dataset, at: weights, statistics)
  }
}

extension Crew {
  fileprivate func quality(
    of dataset: any Dataset, at weights: Tensor, _ statistics: BatchNormStatistics
  ) throws -> Quality {
    try at(weights) {
      switch statistics {
      case .running: try evaluation(dataset)
      case .batch:
        try evaluation.withBatchStatistics(dataset, atMost: experiment.batches.microBatch, seed: experiment.seed)
      }
    }
  }
}

extension ReducedGradients {
  /// Writes the gradient of every weight, in the layout of the parameters.
  fileprivate borrowing func copy(into gradient: Tensor, _ layout: ParameterLayout) {
    gradient.fill(0)
    for range in layout.trainedRanges { gradient.slice(range).copy(from: arena.slice(range)) }
    guard let tables else { return }
    for (entry, table) in zip(layout.tables, tables.tables) {
      let values = table.values
      for (number, row) in tables.rows.ids.enumerated() {
        let start = entry.range.lowerBound + Int(row) * table.width
        gradient.slice(start..<start + table.width).copy(
          from: values.slice(number * table.width..<(number + 1) * table.width))
      }
    }
  }
}

import Configuration
import MessagePassing

extension Trainer {
  /// The loss of the whole training set as a function of the weights, in batches of its own and on memory of its own: the
  /// trainer's weights are where it starts, and stay. Collective.
  ///
  /// - Parameters:
  ///   - statistics: of batch norm; means nothing for a model without.
  ///   - rows: samples whose statistics are taken together, at most.
  ///   - seed: of the order of samples, which says what stands in a batch.
  /// - Returns: a trainer at the same weights, whose crew is the objective's.
  /// - Throws: as the trainer's `init`.
  public func ofWholeSet(statistics: BatchNormStatistics, rows: Int, seed: UInt64) throws -> Trainer {
    let whole = configuration.ofWholeSet(
      samples: data.training.count, statistics: hasBatchNorm ? statistics : nil, rows: rows,
      ghostBatch: configuration.normalizedTogether, seed: seed)
    let trainer = try Trainer(whole, session)
    trainer.parameters.copy(from: parameters)
    return trainer
  }

  /// Whether weights have statistics beside them.
  public var hasBatchNorm: Bool { layout.entries.contains { $0.parameter.isStatistic } }
}

extension RunConfiguration {
  /// The run with everything that counts epochs multiplied by global batch ÷ `regimeBatch`, so that it makes as many updates
  /// as one of that batch, at the same points of its schedules (Hoffer, Hubara and Soudry 2017, regime adaptation). What it has
  /// then is stated for its own batch: to stretch it again changes nothing.
  package func stretched() -> RunConfiguration {
    guard let regimeBatch, regimeBatch != globalBatch else { return self }
    let ratio = Double(globalBatch) / Double(regimeBatch)
    var run = self
    run.regimeBatch = globalBatch
    run.epochs = Self.whole(epochs, ratio)
    run.evaluation.everyEpochs = Self.whole(evaluation.everyEpochs, ratio)
    run.learningRate = learningRate.stretched(ratio)
    run.tables.learningRate = tables.learningRate?.stretched(ratio)
    run.batchSchedule?.milestones = batchSchedule?.milestones.map { Self.whole($0, ratio) } ?? []
    return run
  }

  /// To the nearest epoch, at least one.
  private static func whole(_ epochs: Int, _ ratio: Double) -> Int {
    let range = ConfigurationNode.counts
    return Int(min(max((Double(epochs) * ratio).rounded(), Double(range.lowerBound)), Double(range.upperBound)))
  }
}

extension LearningRateConfiguration {
  fileprivate func stretched(_ ratio: Double) -> LearningRateConfiguration {
    var rate = self
    rate.warmUpEpochs = Self.epochs(warmUpEpochs, ratio)
    rate.milestones = milestones.map { Self.epochs($0, ratio) }
    return rate
  }

  /// As far away as a file may say, which no run reaches.
  private static func epochs(_ epochs: Double, _ ratio: Double) -> Double {
    min(epochs * ratio, Double(ConfigurationNode.counts.upperBound))
  }
}

extension RunConfiguration {
  /// Reads a run file, strictly: an unknown, repeated or misplaced key, a wrong type and a value out of range are errors.
  ///
  /// - Parameters:
  ///   - file: as the user named it, which is how errors name it.
  ///   - overrides: `key=value` texts with dotted keys, applied in order; relative paths in them start at the current
  ///     folder, those in the file at the file's.
  /// - Throws: `ConfigurationError`.
  public static func load(file: String, overrides: [String] = []) throws -> RunConfiguration {
    var root = try ConfigurationNode.load(file: file)
    for override in overrides { try root.apply(override: override) }
    let run = try RunConfiguration(root)
    // In a study an axis may have the precision.
    if run.exchangeErrorFeedback == true, run.exchangePrecision == nil {
      throw root.error(
        "exchangeErrorFeedback is for gradients that are rounded as they travel: set exchangePrecision to bfloat16 or float16"
      )
    }
    if run.measure?.noiseScale != nil,
      let other = run.workers != nil
        ? "workers"
        : run.optimizer.sharpnessAware != nil ? "optimizer.sharpnessAware" : run.contrastive.map({ _ in "contrastive" })
    {
      throw root.error(
        "measure.noiseScale is of one gradient of one global batch, each sample by itself, which '\(other)' has not: remove one of "
          + "the two")
    }
    if run.measure?.noiseScale != nil, run.microBatch >= run.globalBatch {
      throw root.error(
        "measure.noiseScale compares the microbatches of a global batch, and here is only one: set microBatch below globalBatch, "
          + "\(run.globalBatch)")
    }
    return run
  }

  /// Reads a run file, or a run that Lockstep stored.
  ///
  /// - Throws: `ConfigurationError`.
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<RunKey>(try node.withPlainGlobalBatch())
    if section[.globalBatch] == nil, let parts = try Section<RunKey>(node)[.globalBatch] {
      throw parts.error("missing key '\(parts.path).base'")
    }
    let globalBatch = try section.required(.globalBatch).whole()
    try self.init(section, globalBatch: globalBatch)
    if let node = section.optional(.microBatch) { microBatch = try node.whole() }
    if let node = section.optional(.ghostBatch), let ghostBatch, microBatch % ghostBatch != 0 {
      throw node.error(
        "\(node.path) is \(ghostBatch), which does not divide microBatch, \(microBatch): "
          + "set microBatch to a multiple of it")
    }
    microBatch = min(microBatch, largestMicroBatch)
    if !node.isStored { self = stretched() }
    try requireContrast(section)
  }

  /// All but the microbatch, which a study works out for itself.
  ///
  /// - Parameter comparesBatches: true in a study that scales the rate.
  init(_ section: Section<RunKey>, globalBatch: Int, comparesBatches: Bool = false) throws {
    self.init(
      model: try ModelConfiguration(try section.required(.model)),
      data: try DataConfiguration(try section.required(.data)),
      globalBatch: globalBatch, epochs: try section.required(.epochs).whole())
    batchSchedule = try section.optional(.batchSchedule).map { try BatchScheduleConfiguration(try Section($0)) }
    regimeBatch = try section.optional(.regimeBatch)?.whole()
    steps = try section.optional(.steps)?.whole()
    seed = try section[.seed]?.seed() ?? seed
    ghostBatch = try section.optional(.ghostBatch)?.whole()
    optimizer = try OptimizerConfiguration(try section.section(.optimizer))
    let rate: Section<LearningRateKey> = try section.section(.learningRate)
    try requireBatchOfHalfLife(section, rate)
    learningRate = try LearningRateConfiguration(
      rate, globalBatch: globalBatch, needsBaseBatch: comparesBatches,
      usual: section.node.isStored ? Self.storedRate : optimizer.kind.usualRate)
    tables = try TablesConfiguration(
      try section.section(.tables), globalBatch: globalBatch, needsBaseBatch: comparesBatches,
      usual: rate[.base] == nil ? nil : learningRate.base)
    giveTablesTheirUsualRate(section, namedBase: rate[.base] != nil)
    try refuseScheduleOfFTRL(section)
    evaluation = try EvaluationConfiguration(try section.section(.evaluation))
    contrastive = try section.optional(.contrastive).map(ContrastiveConfiguration.init)
    from = try section.optional(.from)?.filePath()
    measure = try MeasureConfiguration(try section.section(.measure))
    execution = try ExecutionConfiguration(try section.section(.execution))
    checkpoint = try section.optional(.checkpoint).map { try CheckpointConfiguration(try Section($0)) }
    computePrecision = try section[.precision]?.choice() ?? .float32
    exchangePrecision = try narrowPrecision(section)
    if try section[.exchangeErrorFeedback]?.flag() == true { exchangeErrorFeedback = true }
    workers = try section.optional(.workers).map {
      try WorkersConfiguration(
        try Section($0), globalBatch: globalBatch, milestones: learningRate.milestones)
    }
    divergence = try section.optional(.divergence).flatMap { try DivergenceConfiguration(try Section($0)) }
    try requireSkipping(section)
    try requireEvenShares(section)
  }

  /// What records meant that do not say their rate.
  private static let storedRate = 0.1

  private func narrowPrecision(_ section: Section<RunKey>) throws -> ExchangePrecision? {
    guard let node = section[.exchangePrecision] else { return nil }
    let precision = try node.choice(ExchangePrecision.self)
    if precision == .float32 { return nil }
    if execution.summation == .reproducible {
      throw node.error(
        "\(node.path) \(precision.rawValue) rounds sums as they travel, and execution.summation reproducible is for sums that are the "
          + "same on any ranks: set one of the two otherwise")
    }
    return precision
  }

  /// More is never filled, and would only take memory: a global batch, or a worker's part of it, in whole ghost batches.
  var largestMicroBatch: Int {
    let (ghost, workers) = (ghostBatch ?? 1, workers?.count ?? 1)
    return ((globalBatch + workers - 1) / workers + ghost - 1) / ghost * ghost
  }

  /// A half-life in samples would otherwise be relative to the batch of the moment, and so be one in updates.
  private func requireBatchOfHalfLife(_ section: Section<RunKey>, _ rate: Section<LearningRateKey>) throws {
    guard optimizer.halfLife == .samples, rate[.baseBatch] == nil, section.optional(.globalBatch) == nil else { return }
    throw (section[.optimizer] ?? section.node).error(
      "missing key 'learningRate.baseBatch': a half-life in samples needs the global batch at which momentum and betas are "
        + "right")
  }

  /// FTRL computes its weights anew from all gradients and the rate of the moment: a rate that falls shrinks them all.
  private func refuseScheduleOfFTRL(_ section: Section<RunKey>) throws {
    let rate = tableRate
    guard tables.optimizer == .ftrl, rate.schedule != .constant || rate.warmUpEpochs > 0 || batchSchedule != nil else {
      return
    }
    throw (section[.tables] ?? section.node).error(
      "tables.optimizer ftrl needs a constant learning rate without warm-up and batchSchedule, as a falling rate shrinks all its weights: "
        + "give it one with 'tables.learningRate'")
  }
}

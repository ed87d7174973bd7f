/// How a run's epochs divide into steps, whose global batches may differ from one stage of epochs to the next. A pure
/// function of the step's number: a run can start at any.
public struct BatchPlan: Equatable, Sendable {
  /// A run of epochs with one global batch, up to the next stage.
  public struct Stage: Equatable, Sendable {
    /// From 0.
    public let firstEpoch: Int
    /// Samples of each update in these epochs; the last of an epoch may have fewer.
    public let globalBatch: Int

    /// A stage ends where the next one begins.
    public init(firstEpoch: Int, globalBatch: Int) {
      self.firstEpoch = firstEpoch
      self.globalBatch = globalBatch
    }
  }

  /// Samples of an epoch.
  public let samples: Int
  /// At least one, the first from epoch 0; the last goes on for ever.
  public let stages: [Stage]
  /// Samples of a unit of work, at most the largest global batch: room is made for no more.
  public let microBatch: Int
  /// Each stage's, of all epochs before it.
  private let stepsBefore: [Int]

  /// One global batch throughout.
  /// - Throws: `BatchError` where there are fewer samples than a global batch needs.
  public init(samples: Int, globalBatch: Int, microBatch: Int) throws {
    try self.init(
      samples: samples, stages: [Stage(firstEpoch: 0, globalBatch: globalBatch)], microBatch: microBatch)
  }

  /// - Throws: `BatchError` where there are fewer samples than a global batch needs.
  public init(samples: Int, stages: [Stage], microBatch: Int) throws {
    precondition(stages.first?.firstEpoch == 0 && microBatch > 0, "\(stages) in microbatches of \(microBatch)")
    precondition(
      zip(stages, stages.dropFirst()).allSatisfy { $0.firstEpoch < $1.firstEpoch }
        && stages.allSatisfy { $0.globalBatch > 0 }, "\(stages) do not follow one another")
    guard samples > 0 else { throw BatchError("the training set holds no samples") }
    for stage in stages where stage.globalBatch > samples {
      let (what, key) =
        stage.firstEpoch == 0
        ? ("globalBatch is \(stage.globalBatch)", "globalBatch")
        : (
          "batchSchedule makes the global batch \(stage.globalBatch) from epoch \(stage.firstEpoch + 1) on",
          "batchSchedule.atMost"
        )
      throw BatchError(
        "\(what), but the training set holds only \(samples) samples: set \(key) to at most that, or use more data")
    }
    self.samples = samples
    self.stages = stages
    self.microBatch = min(microBatch, stages.map(\.globalBatch).max()!)
    var steps = [0]
    for (stage, next) in zip(stages, stages.dropFirst()) {
      steps.append(steps.last! + (next.firstEpoch - stage.firstEpoch) * StepPlan.ceiling(samples, stage.globalBatch))
    }
    stepsBefore = steps
  }

  /// The step that comes after `number` others.
  public func step(_ number: Int) -> StepPlan {
    precondition(number >= 0, "step \(number)")
    let index = stepsBefore.lastIndex { $0 <= number }!
    let steps = StepPlan.ceiling(samples, stages[index].globalBatch)
    let inStage = number - stepsBefore[index]
    return step(inStage % steps, ofEpoch: stages[index].firstEpoch + inStage / steps, stages[index].globalBatch)
  }

  private func step(_ step: Int, ofEpoch epoch: Int, _ globalBatch: Int) -> StepPlan {
    StepPlan(
      epoch: epoch, step: step, stepsInEpoch: StepPlan.ceiling(samples, globalBatch),
      positions: step * globalBatch..<min((step + 1) * globalBatch, samples), microBatch: microBatch)
  }

  /// Steps of all epochs before one.
  public func steps(beforeEpoch epoch: Int) -> Int {
    let index = stages.lastIndex { $0.firstEpoch <= epoch }!
    return stepsBefore[index] + (epoch - stages[index].firstEpoch) * stepsInEpoch(epoch)
  }

  /// The last step of an epoch has what is left.
  public func stepsInEpoch(_ epoch: Int) -> Int { StepPlan.ceiling(samples, globalBatch(inEpoch: epoch)) }

  /// Samples of every step but an epoch's last, which may have fewer.
  public func globalBatch(inEpoch epoch: Int) -> Int { stages.last { $0.firstEpoch <= epoch }!.globalBatch }

  /// A step that sees every sample of the training set once, in the order of an epoch.
  public func everySample(epoch: Int = 0) -> StepPlan {
    StepPlan(epoch: epoch, step: 0, stepsInEpoch: 1, positions: 0..<samples, microBatch: microBatch)
  }
}

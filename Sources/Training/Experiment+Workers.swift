import Batches
import Configuration
import Layers
import Models

/// Workers are a property of the experiment: which samples each has, and when they come together, follows from the step alone.
extension Experiment {
  /// How a rank works through the steps.
  func division(rank: Int, ranks: Int) -> StepDivision {
    var division = StepDivision(rank: rank, ranks: ranks)
    division.passes = configuration.optimizer.sharpnessAware?.by == .global ? 2 : 1
    division.workers = configuration.workers.map { WorkerGroup(workers: $0.count, rank: rank, ranks: ranks) }
    division.firstDivided = firstLocalStep ?? 0
    return division
  }

  /// Updates after which workers go by themselves; nil where they never do.
  var firstLocalStep: Int? {
    guard let workers = configuration.workers, workers.combine == .average else { return nil }
    let epochs = workers.from ?? configuration.learningRate.milestones.first ?? 0
    let whole = Int(epochs)
    return batches.steps(beforeEpoch: whole)
      + Int(((epochs - Double(whole)) * Double(batches.stepsInEpoch(whole))).rounded())
  }

  /// Whether the step after so many updates is one of workers by themselves.
  func isLocal(afterUpdates updates: Int) -> Bool { firstLocalStep.map { updates >= $0 } ?? false }

  /// Whether workers come together at the end of a step of theirs: after each `localSteps` of them, and where somebody is to see the
  /// weights, at the end of an epoch or of the run.
  ///
  /// - Parameter updates: before this step.
  func isAveraged(after step: StepPlan, updates: Int) -> Bool {
    guard let first = firstLocalStep, let every = configuration.workers?.localSteps else { return false }
    return (updates - first + 1) % every == 0 || step.isLastOfEpoch || updates + 1 == totalUpdates
  }

  /// - Throws: `BatchError`, `LayerError` where the model or the batches do not fit what is asked for.
  static func requireWorkersAndAscent(_ configuration: RunConfiguration, _ model: Model, _ batches: BatchPlan) throws {
    if !model.layout.tables.isEmpty, let key = configuration.keyWithoutTables {
      throw BatchError(
        "\(key) is for models whose weights are all dense, and \(model.name) has embedding tables: leave '\(key)' out")
    }
    guard let workers = configuration.workers else { return }
    let least = batches.stages.map { stage in (stage.globalBatch - 1) / batches.microBatch + 1 }.min() ?? 0
    guard least >= workers.count else {
      throw BatchError(
        "workers.count is \(workers.count), but a global batch has \(least) microbatches of \(batches.microBatch) samples: set "
          + "microBatch so small that each worker has one, or fewer workers")
    }
  }
}

extension RunConfiguration {
  /// What is computed with dense weights only, and is asked for.
  fileprivate var keyWithoutTables: String? {
    if optimizer.sharpnessAware != nil { return "optimizer.sharpnessAware" }
    return workers == nil ? nil : "workers"
  }
}

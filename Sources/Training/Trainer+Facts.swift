import Batches
import Glibc
import Measurement

extension Trainer {
  var datasetFacts: DatasetFacts {
    DatasetFacts(
      name: data.training.name, path: data.path, trainingSamples: data.training.count,
      validationSamples: data.validation.count, testSamples: data.test?.count, evaluatedOn: data.evaluatedOn,
      inputShape: data.training.inputShape, classes: data.training.classes, checksum: data.checksum)
  }

  var modelFacts: ModelFacts {
    var facts = ModelFacts(
      name: model.name, layers: model.summary, parameters: layout.trainedCount,
      gradientBytes: crew.exchange.bytesPerStep)
    if let table = layout.tables.first {
      facts.tableRows = table.parameter.shape[0]
      facts.tableBytes = layout.tableBytes
      facts.tableStateBytes = layout.tableStateBytes(configuration.tables.optimizer)
    }
    return facts
  }

  /// Advice where the ranks' shares of a global batch are far apart; nil where they are not. Of global batches that follow
  /// one another the first that is so.
  var balanceWarning: String? {
    experiment.batches.stages.compactMap { stage in
      imbalance(of: experiment.step(experiment.batches.steps(beforeEpoch: stage.firstEpoch)))
    }.first
  }

  /// Why gradients go by messages though they were to be added up in memory that ranks share; nil where nothing is to be said.
  var arenaNotice: String? {
    guard configuration.execution.arenas == .shared, crew.ranks > 1, !crew.arena.isShared else { return nil }
    let reason =
      if communicator.maySurvive {
        "ranks that may outlive others (LOCKSTEP_SURVIVE) learn of their end by messages"
      } else if configuration.travellingPrecision != .float32 {
        "exchangePrecision \(configuration.travellingPrecision.rawValue) is of gradients on their way"
      } else {
        "that takes hosts with two ranks or more, as many on each, that may open each other's memory (/proc/PROCESS/fd)"
      }
    return "execution.arenas is shared, but gradients go by messages: \(reason)"
  }

  /// Why each rank keeps a copy of the weights though ranks were to share memory; nil where nothing is to be said.
  var copiesNotice: String? {
    guard crew.arena.isShared, !sharesWeights else { return nil }
    let reason = configuration.needsOwnWeights ?? "the system has no memory to share for one"
    return "execution.arenas is shared: gradients are, and each rank has its own copy of the weights, as \(reason)"
  }

  private func imbalance(of step: StepPlan) -> String? {
    let (count, ranks) = (step.microbatchCount, crew.ranks)
    let largest = (count + ranks - 1) / ranks
    // The slowest rank makes everybody wait: below a tenth it is not worth a line.
    guard Double(largest * ranks) > 1.1 * Double(count) else { return nil }
    let better = max(1, (step.globalBatch + ranks - 1) / ranks)
    let idle = max(0, ranks - count)
    let from = step.epoch == 0 ? "" : "from epoch \(step.epoch + 1) on "
    return "\(from)\(ranks) ranks share \(count) microbatches of \(min(step.microBatch, step.globalBatch)): "
      + (idle > 0 ? "\(idle) of them idle." : "the busiest has \(largest).")
      + (step.globalBatch < ranks ? "" : " microBatch \(better) would give each rank the same.")
  }

  /// Advice where Open MPI's mpirun, told to end, kills the ranks before a model of this size is saved; nil where it is
  /// small, or somebody has thought of it.
  public var savingWarning: String? {
    let bytes = modelSize.weights + modelSize.optimizerState
    guard bytes > 100_000_000, getenv("OMPI_COMM_WORLD_SIZE") != nil,
      getenv("OMPI_MCA_odls_base_sigkill_timeout") == nil
    else { return nil }
    return
      "to stop this run and keep its \(bytes / 1_000_000) MB, send SIGUSR1 to mpirun; after Ctrl-C or SIGTERM mpirun leaves one "
      + "second to save, unless it was started with --mca odls_base_sigkill_timeout SECONDS (docs/cluster.md)"
  }
}

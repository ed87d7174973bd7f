import Batches
import Buffers
import Configuration
import Datasets
import Gradients
import Layers
import MessagePassing
import Models
import Optimizers

/// The memory of a run, said before any of it is allocated: a system that runs out of memory ends a process without a
/// word.
extension Trainer {
  /// The parts of every rank, before anything is made.
  /// - Parameter ranksOfHost: that keep one copy of what is learned between them, where the configuration lets them.
  /// - Throws: `LayerError`, `DatasetError` where the configuration does not fit the data.
  public static func memoryParts(
    for configuration: RunConfiguration, _ data: DatasetPair, ranks: Int, ranksOfHost: Int = 1
  ) throws -> [MemoryPart] {
    memoryParts(
      try Experiment(configuration, data), data, ranks: ranks,
      ranksOfCopy: configuration.sharesWeights ? max(ranksOfHost, 1) : 1)
  }

  /// - Parameter ranksOfCopy: that keep one copy of what is learned between them.
  static func memoryParts(
    _ experiment: Experiment, _ data: DatasetPair, ranks: Int, ranksOfCopy: Int = 1
  ) -> [MemoryPart] {
    let (configuration, model) = (experiment.configuration, experiment.model)
    let rows = experiment.evaluationRows(data)
    return learnedParts(configuration, model.layout, ranks: ranks, ranksOfCopy: ranksOfCopy)
      + [
        MemoryPart(
          "activations", model.workingBytes(rows: rows, goesBackward: true), remedy: "set a smaller microBatch"),
        MemoryPart(
          "batches read ahead",
          Double(configuration.execution.prefetch + 1) * data.training.bytes(ofRows: experiment.batches.microBatch)
            + Double(Evaluation.batches) * data.training.bytes(ofRows: rows),
          remedy: "set a smaller execution.prefetch or microBatch"),
        rowGradients(experiment.batches, model.layout, data, ranks: ranks),
        contrast(experiment, data),
        MemoryPart("what MPI and oneDNN keep", librariesBytes),
      ]
  }

  /// Every rank holds the projections of a whole global batch, and representations to find neighbours among.
  private static func contrast(_ experiment: Experiment, _ data: DatasetPair) -> MemoryPart {
    let floats = Double(MemoryLayout<Float>.stride)
    guard let contrastive = experiment.configuration.contrastive, let width = experiment.model.representation?.count
    else {
      return MemoryPart("contrastive", 0)
    }
    let batch = min(experiment.batches.stages.map(\.globalBatch).max()!, data.training.count)
    let rows = min(contrastive.references, data.training.count)
    return MemoryPart(
      "contrastive",
      NTXent.bytes(ofGlobalBatch: batch, width: experiment.model.output.count)
        + floats * Double(LinearProbe.copies * rows + NearestNeighbours.tileColumns) * Double(width + 1),
      remedy: "set a smaller globalBatch or contrastive.references")
  }

  /// About, as measured with `launch/benchmark estimate`.
  private static let librariesBytes = 16e6

  private static let smallerModel = "make the model smaller (its widths, filters or hidden)"
  private static let smallerTables =
    "set a smaller model.embedding, fewer hash buckets or a larger minimum count in the schema"

  private static func learnedParts(
    _ configuration: RunConfiguration, _ layout: ParameterLayout, ranks: Int, ranksOfCopy: Int
  ) -> [MemoryPart] {
    let copies = 1 / Double(ranksOfCopy)
    let mayShare = ranks > 1 && configuration.needsOwnWeights == nil && configuration.execution.arenas != .shared
    let share = mayShare ? ", or execution.arenas shared: one copy for a host's ranks" : ""
    let dense = Double(layout.denseCount) * Double(MemoryLayout<Float>.stride)
    let (optimizer, tables) = (configuration.optimizer, configuration.tables.optimizer)
    let isReproducible = configuration.execution.summation == .reproducible
    return [
      MemoryPart("weights and their starting values", (1 + copies) * dense, remedy: smallerModel + share),
      MemoryPart("gradients", dense, remedy: smallerModel),
      MemoryPart(
        "execution.summation reproducible", isReproducible ? 2 * dense : 0, remedy: "set execution.summation fast"),
      MemoryPart(
        "exchangePrecision \(configuration.travellingPrecision.rawValue)",
        configuration.exchangePrecision == nil ? 0 : dense / 2, remedy: "set exchangePrecision float32"),
      MemoryPart(
        "exchangeErrorFeedback", configuration.exchangeErrorFeedback == true ? dense : 0,
        remedy: "set exchangeErrorFeedback false"),
      MemoryPart(
        "optimizer \(optimizer.kind.rawValue)", Double(optimizer.stateArrays) * dense * copies,
        remedy: smallerModel + share),
      MemoryPart(
        "optimizer.sharpnessAware", Double(optimizer.ascentArrays) * dense, remedy: "leave optimizer.sharpnessAware out"
      ),
      MemoryPart("workers", workerArrays(configuration, ranks: ranks) * dense, remedy: "leave workers out"),
      MemoryPart(
        "evaluation.keep best", configuration.evaluation.keep == .best ? keptBytes(layout, configuration) : 0,
        remedy: "set evaluation.keep last"),
      MemoryPart(
        "measure.noiseScale",
        configuration.measure?.noiseScale == nil || isReproducible ? 0 : dense, remedy: "leave measure.noiseScale out"),
      MemoryPart(
        "measure.distances", configuration.measure?.distances == nil ? 0 : dense,
        remedy: "leave measure.distances out"),
      MemoryPart(
        "checkpoint", checkpointBytes(layout, configuration) / Double(ranks) + changesBytes(layout, configuration),
        remedy: "leave checkpoint out"),
      MemoryPart("tables", Double(layout.tableBytes) * copies, remedy: smallerTables + share),
      MemoryPart(
        "tables.optimizer \(tables.rawValue)", Double(layout.tableStateBytes(tables)) * copies,
        remedy: "set a tables.optimizer with less state (rowwiseAdagrad, sgd)"),
      MemoryPart(
        "execution.tableExchange dense", exchangeBytes(layout, configuration.execution, ranks: ranks),
        remedy: "set execution.tableExchange sparse"),
    ]
  }

  /// Arrays of the dense arena's size that bring workers together.
  private static func workerArrays(_ configuration: RunConfiguration, ranks: Int) -> Double {
    guard let workers = configuration.workers else { return 0 }
    if workers.combine == .adasum { return Double(AdasumTree.arrays(workers: workers.count) + 1) }
    let slots = WorkerGroup(workers: workers.count, rank: 0, ranks: ranks).slots
    let sums = configuration.execution.summation == .reproducible ? 3 : 1
    return Double((1 + configuration.optimizer.stateArrays) * (slots - 1 + sums))
  }

  /// A copy of the weights, their starting values and the optimisers' state.
  private static func keptBytes(_ layout: ParameterLayout, _ configuration: RunConfiguration) -> Double {
    Double(2 + configuration.optimizer.stateArrays) * Double(layout.denseCount) * Double(MemoryLayout<Float>.stride)
      + Double(layout.tableBytes + layout.tableStateBytes(configuration.tables.optimizer))
  }

  /// Of a checkpoint's numbers, of which each rank copies its share while they are written; 0 where none are.
  static func checkpointBytes(_ layout: ParameterLayout, _ configuration: RunConfiguration) -> Double {
    guard configuration.checkpoint != nil else { return 0 }
    return keptBytes(layout, configuration) * (configuration.evaluation.keep == .best ? 2 : 1)
  }

  /// A bit for each row of a table, and for the weights that are kept.
  private static func changesBytes(_ layout: ParameterLayout, _ configuration: RunConfiguration) -> Double {
    guard configuration.checkpoint != nil, configuration.tables.optimizer != .adam else { return 0 }
    let rows = Double(layout.tables.first?.parameter.shape[0] ?? 0)
    return rows / 8 * (configuration.evaluation.keep == .best ? 2 : 1)
  }

  /// Gradients of the rows that a rank's share of a global batch touches; where every id is another row.
  private static func rowGradients(
    _ batches: BatchPlan, _ layout: ParameterLayout, _ data: DatasetPair, ranks: Int
  ) -> MemoryPart {
    let largest = batches.stages.map(\.globalBatch).max() ?? 0
    let share = Double(min(largest, data.training.count)) / Double(ranks)
    let ids = share * Double(data.training.idFields?.columns ?? 0)
    let rows = min(ids, Double(layout.tables.first?.parameter.shape[0] ?? 0))
    let floats = layout.tables.reduce(0) { $0 + $1.parameter.shape[1] }
    return MemoryPart(
      "gradients of tables' rows", rows * Double(floats) * Double(MemoryLayout<Float>.stride),
      remedy: "set a smaller globalBatch")
  }

  /// Bytes that a dense exchange of whole tables holds besides: only where it is asked for, since `auto` chooses it
  /// only where it is about as large as the gathered rows.
  private static func exchangeBytes(
    _ layout: ParameterLayout, _ execution: ExecutionConfiguration, ranks: Int
  ) -> Double {
    guard ranks > 1, execution.tableExchange == .dense, let rows = layout.tables.first?.parameter.shape[0] else {
      return 0
    }
    let element = execution.summation == .reproducible ? MemoryLayout<Double>.stride : MemoryLayout<Float>.stride
    return Double(layout.tableBytes / MemoryLayout<Float>.stride + rows) * Double(element)
  }
}

extension OptimizerConfiguration {
  /// Weights to go back to and, where microbatches come alone, their sum.
  fileprivate var ascentArrays: Int { sharpnessAware.map { $0.by == .microbatch ? 2 : 1 } ?? 0 }
}

extension ParameterLayout {
  var tableBytes: Int { tables.reduce(0) { $0 + $1.parameter.shape.count * MemoryLayout<Float>.stride } }

  func tableStateBytes(_ optimizer: TablesConfiguration.Optimizer) -> Int {
    tables.reduce(0) { sum, table in
      let shape = table.parameter.shape
      return sum + optimizer.stateCount(rows: shape[0], width: shape[1]) * MemoryLayout<Float>.stride
    }
  }
}

extension Dataset {
  /// Bytes of a batch with room for so many rows.
  func bytes(ofRows rows: Int) -> Double {
    Double(rows) * Batch.bytes(inputShape: inputShape, fields: idFields?.columns ?? 0, weighted: hasWeights)
  }
}

extension Batch {
  /// Bytes of one sample.
  static func bytes(inputShape: Shape, fields: Int, weighted: Bool = false) -> Double {
    let floats = inputShape.count + (weighted ? 1 : 0)
    return Double(floats * MemoryLayout<Float>.stride + MemoryLayout<Int32>.stride + MemoryLayout<Int>.stride)
      + Double(fields * MemoryLayout<Int32>.stride)
  }
}

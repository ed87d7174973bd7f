import Configuration

/// The click models themselves, as a run file asks for them, each with another way to train its tables: ten updates, the
/// last of each epoch uneven, and on 4 ranks with a rank that has no part in it.
let clickChecks =
  clickRuns.map { run in
    RankCheck("clicks, ranks equal one rank: \(run.name)") { world in try compareTables(run, world) }
  }
  + clickRuns.map { run in
    RankCheck("clicks, the same bits as one rank: \(run.name)") { world in try compareReproducible(run, world) }
  }

private let clickRuns: [TableRun] = [
  TableRun(name: "logistic, SGD", configuration: clickConfiguration(.logistic, .sgd)),
  TableRun(
    name: "factorization machine, Adagrad", configuration: clickConfiguration(click(.factorizationMachine), .adagrad)),
  TableRun(
    name: "DeepFM, LazyAdam, CowClip, gathered",
    configuration: clickConfiguration(click(.deepfm), .lazyAdam) {
      $0.tables.cowClip = .init(ratio: 0.5, floor: 1e-3)
      $0.tables.l2 = 1e-4
      $0.execution.tableExchange = .sparse
    }),
  TableRun(
    name: "wide and deep, FTRL, dropout",
    configuration: clickConfiguration(click(.wideAndDeep, dropout: 0.2), .ftrl) { $0.tables.l1 = 1e-4 }),
  TableRun(
    name: "DLRM, row-wise Adagrad, clipping",
    configuration: clickConfiguration(click(.dlrm, bottomWidths: [8]), .rowwiseAdagrad) {
      $0.optimizer.clipNorm = 0.05
    }),
  TableRun(
    name: "DCN-V2, Adam, whole tables",
    configuration: clickConfiguration(click(.dcnv2), .adam) {
      $0.optimizer = OptimizerConfiguration(kind: .adam)
      $0.learningRate.base = 1e-3
      $0.execution.tableExchange = .dense
    }),
  TableRun(
    name: "DeepFM, batch norm, Adam, L2 of all rows",
    configuration: clickConfiguration(click(.deepfm, batchNorm: true), .adam) {
      // Not Adam: a bias before batch norm has no gradient but rounding, which Adam makes steps of, on each rank others.
      $0.learningRate.base = 1e-3
      $0.tables.l2 = 1e-3
      $0.tables.idWeightsL2 = 1e-2
      $0.tables.l2Rows = .all
    }),
  TableRun(
    name: "DeepFM, two microbatches of 24 samples, then one of 4",
    configuration: clickConfiguration(click(.deepfm), .lazyAdam) {
      $0.globalBatch = 48
      $0.learningRate.base = 1e-3
    }, samples: 100),
  TableRun(
    name: "DeepFM, weighted samples", configuration: clickConfiguration(click(.deepfm), .lazyAdam), hasWeights: true),
  TableRun(
    name: "DeepFM, the mean of several ids, gathered",
    configuration: clickConfiguration(click(.deepfm), .lazyAdam) { $0.execution.tableExchange = .sparse },
    pooling: .mean),
  TableRun(
    name: "logistic, the sum of several ids", configuration: clickConfiguration(.logistic, .adagrad), pooling: .sum),
]

private func click(
  _ kind: ClickModelConfiguration.Kind, bottomWidths: [Int] = [], dropout: Double = 0, batchNorm: Bool? = nil
) -> ModelConfiguration {
  .click(
    ClickModelConfiguration(
      kind: kind, embedding: 8, embeddingDeviation: 0.1, widths: kind == .factorizationMachine ? [] : [16, 8],
      bottomWidths: bottomWidths, crossLayers: 2, dropout: dropout, batchNorm: batchNorm))
}

private func clickConfiguration(
  _ model: ModelConfiguration, _ optimizer: TablesConfiguration.Optimizer,
  _ change: (inout RunConfiguration) -> Void = { _ in }
) -> RunConfiguration {
  tableConfiguration {
    $0.model = model
    $0.tables = TablesConfiguration(optimizer: optimizer)
    change(&$0)
  }
}

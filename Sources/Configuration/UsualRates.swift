/// Learning rates where a file gives none: for each rule that with which it is published or that its best known programs
/// start with. One rate cannot serve all: Adam moves every weight by about its rate, whatever the gradient's size.
extension OptimizerConfiguration.Kind {
  /// Adam's and AdamW's are of Kingma and Ba 2015 and Loshchilov and Hutter 2019; LAMB's is Adam's, of which its step is a multiple.
  var usualRate: Double {
    switch self {
    case .sgd, .lars: 0.1
    case .adam, .adamw, .lamb: 0.001
    }
  }
}

extension TablesConfiguration.Optimizer {
  /// Adagrad's is PyTorch's, the row-wise one's FBGEMM's (DLRM); FTRL's divides by the root of all squared gradients before.
  var usualRate: Double {
    switch self {
    case .sgd, .ftrl: 0.1
    case .adagrad, .rowwiseAdagrad: 0.01
    case .adam, .lazyAdam: 0.001
    }
  }
}

extension RunConfiguration {
  /// The rate of every step for embedding tables.
  public var tableRate: LearningRateConfiguration {
    if let own = tables.learningRate { return own }
    var rate = learningRate
    rate.base = tables.baseRate ?? rate.base
    return rate
  }

  /// Samples of an update in an epoch, from 0, ÷ those at which the tables' rate is right.
  package func tableBatchRatio(inEpoch epoch: Int) -> Double {
    Double(globalBatch(inEpoch: epoch)) / Double(tableRate.baseBatch)
  }

  /// Where the file names no rate at all, tables whose rule usually has another one than the dense weights' get that. A
  /// rate that is named, or was stored, is for both.
  mutating func giveTablesTheirUsualRate(_ section: Section<RunKey>, namedBase: Bool) {
    guard !section.node.isStored, !namedBase, tables.learningRate == nil, tables.baseRate == nil, model.mayHaveTables,
      tables.optimizer.usualRate != optimizer.kind.usualRate
    else { return }
    tables.baseRate = tables.optimizer.usualRate
  }
}

extension ModelConfiguration {
  /// Whether it is known to have tables, or has them on data with ids.
  fileprivate var mayHaveTables: Bool {
    switch self {
    case .click, .logistic: true
    case .layers(let list): LayerConfiguration.all(of: list).contains(where: \.entry.readsIDs)
    case .mlp, .cnn, .resnet, .keskarC1, .custom: false
    }
  }
}

/// How the rows of embedding tables are trained; everything dense follows `optimizer` and `learningRate`.
public struct TablesConfiguration: Encodable, Equatable, Sendable {
  /// The rules for touched rows.
  public enum Optimizer: String, Encodable, CaseIterable, Sendable {
    /// w ← w − rate · g; nothing is remembered.
    case sgd
    /// One accumulator a weight.
    case adagrad
    /// One accumulator a row: the mean of its squared gradients.
    case rowwiseAdagrad
    /// Dense semantics: every row's moments decay in every step, touched or not.
    case adam
    /// Adam that looks at touched rows only, as TensorFlow's LazyAdam and `torch.optim.SparseAdam`.
    case lazyAdam
    /// FTRL-proximal (McMahan et al. 2013).
    case ftrl
  }
  /// The rule.
  public var optimizer: Optimizer
  /// Nil: the dense weights' rate, but for `baseRate`.
  public var learningRate: LearningRateConfiguration?
  /// The base of a rate that follows the dense weights' in all else; nil follows it in that too.
  public var baseRate: Double?
  /// Adam and LazyAdam only.
  public var beta1: Double
  /// Decay of the mean square, in 0 ≤ β < 1.
  public var beta2: Double
  /// All but SGD and FTRL.
  public var epsilon: Double
  /// Adagrad, row-wise Adagrad and FTRL: what the accumulators start with.
  public var initialAccumulator: Double
  /// Added to the gradient of touched rows, or of all (`l2Rows`): `l2` · w. FTRL has its own form of it.
  public var l2: Double
  /// The same of tables of width 1, the ids' own weights; nil: `l2`.
  public var idWeightsL2: Double?
  /// The rows that L2 pulls at in an update; nil: the touched ones.
  public var l2Rows: L2Rows?
  /// As the learning rate: `l2` is multiplied by (the root of) global batch ÷ base batch.
  public var l2Scaling: LearningRateConfiguration.Scaling
  /// FTRL only.
  public var l1: Double
  /// FTRL only: McMahan's β.
  public var beta: Double
  /// Clips each row's gradient after the exchange; nil does not.
  public var cowClip: CowClip?

  /// Rows that an update's L2 reaches.
  public enum L2Rows: String, Encodable, CaseIterable, Sendable {
    /// Those that the global batch looked up: a row is pulled as often as its id occurs in batches.
    case touched
    /// Every row in every update, as `weight_decay` of `torch.optim.Adam` and a penalty on the whole table have it.
    case all
  }

  /// Zheng et al. 2022, with the global batch's counts. Tables of width 1 are not clipped.
  public struct CowClip: Encodable, Equatable, Sendable {
    /// r.
    public var ratio: Double
    /// ζ.
    public var floor: Double

    /// With a run file's defaults.
    public init(ratio: Double = 1, floor: Double = 1e-5) {
      self.ratio = ratio
      self.floor = floor
    }
  }

  /// With a run file's defaults.
  public init(optimizer: Optimizer = .lazyAdam) {
    self.optimizer = optimizer
    beta1 = 0.9
    beta2 = 0.999
    epsilon = 1e-8
    initialAccumulator = 0.1
    l2 = 0
    l2Scaling = .none
    l1 = 0
    beta = 1
  }
}

enum TablesKey: String, SectionKey {
  case optimizer, learningRate, baseRate, beta1, beta2, epsilon, initialAccumulator, l2, idWeightsL2, l2Rows,
    l2Scaling, l1, beta, cowClip
}
enum CowClipKey: String, SectionKey { case ratio, floor }

extension TablesConfiguration {
  /// - Parameter usual: the base of a rate of their own that states none; nil for what is usual with their rule.
  init(_ section: Section<TablesKey>, globalBatch: Int, needsBaseBatch: Bool, usual: Double?) throws {
    self.init(optimizer: try section[.optimizer]?.choice() ?? .lazyAdam)
    try refuseKeysOfOthers(section)
    learningRate = try section.optional(.learningRate).map {
      try LearningRateConfiguration(
        try Section($0), globalBatch: globalBatch, needsBaseBatch: needsBaseBatch, usual: usual ?? optimizer.usualRate)
    }
    baseRate = try section.optional(.baseRate)?.number(.positive)
    if baseRate != nil, learningRate != nil, let node = section[.baseRate] {
      throw node.error(
        "\(node.path) is for tables that follow learningRate in all else: give it or tables.learningRate")
    }
    beta1 = try section[.beta1]?.number(.belowOne) ?? beta1
    beta2 = try section[.beta2]?.number(.belowOne) ?? beta2
    epsilon = try section[.epsilon]?.number(.positive) ?? epsilon
    initialAccumulator = try section[.initialAccumulator]?.number(.notNegative) ?? initialAccumulator
    l2 = try section[.l2]?.number(.notNegative) ?? l2
    idWeightsL2 = try section[.idWeightsL2]?.number(.notNegative)
    l2Rows = try section[.l2Rows]?.choice()
    l2Scaling = try section[.l2Scaling]?.choice() ?? l2Scaling
    l1 = try section[.l1]?.number(.notNegative) ?? l1
    beta = try section[.beta]?.number(.notNegative) ?? beta
    cowClip = try section.optional(.cowClip).map { try CowClip(try Section($0)) }
  }

  private func refuseKeysOfOthers(_ section: Section<TablesKey>) throws {
    let because = "\(section.node.pathOf("optimizer")) \(optimizer.rawValue)"
    if ![.adam, .lazyAdam].contains(optimizer) {
      try section.refuse(.beta1, .beta2, unless: "adam or lazyAdam", because: because)
    }
    if [.sgd, .ftrl].contains(optimizer) { try section.refuse(.epsilon, unless: "adagrad or adam", because: because) }
    if ![.adagrad, .rowwiseAdagrad, .ftrl].contains(optimizer) {
      try section.refuse(.initialAccumulator, unless: "adagrad or ftrl", because: because)
    }
    if optimizer != .ftrl { try section.refuse(.l1, .beta, unless: "ftrl", because: because) }
    guard let rows = section[.l2Rows], optimizer != .adam, try rows.choice(L2Rows.self) == .all else { return }
    throw rows.error(
      "\(rows.path) all needs \(section.node.pathOf("optimizer")) adam, which moves every row in every update; "
        + "\(optimizer.rawValue) looks at touched rows only")
  }
}

extension TablesConfiguration.CowClip {
  fileprivate init(_ section: Section<CowClipKey>) throws {
    self.init()
    ratio = try section[.ratio]?.number(.positive) ?? ratio
    floor = try section[.floor]?.number(.notNegative) ?? floor
  }
}

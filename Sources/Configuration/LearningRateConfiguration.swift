/// The learning rate of every step: the section `learningRate`.
public struct LearningRateConfiguration: Encodable, Equatable, Sendable {
  /// How the rate goes on after warm-up; `cosine` ends at 0, `plateau` falls where evaluations get no better.
  public enum Schedule: String, Encodable, CaseIterable, Sendable { case constant, steps, cosine, plateau }
  /// How the rate follows the global batch: as it is, times global batch ÷ base batch, or times its root.
  public enum Scaling: String, Encodable, CaseIterable, Sendable {
    /// The base rate at every batch, or in proportion to the batch (Goyal et al. 2017).
    case none, linear
    /// In proportion to the square root of the batch (Krizhevsky 2014).
    case squareRoot = "sqrt"
  }
  /// At `baseBatch`.
  public var base: Double
  /// The rule by which the rate follows the global batch.
  public var scaling: Scaling
  /// The global batch at which `base` is right, in samples.
  public var baseBatch: Int
  /// How the rate goes on after warm-up.
  public var schedule: Schedule
  /// Epochs (fractions allowed) of linear warm-up from `base` (unscaled) to the scaled rate; Goyal et al. 2017.
  public var warmUpEpochs: Double
  /// `steps` only: the epochs at which the rate is multiplied by `factor`.
  public var milestones: [Double]
  /// `steps` and `plateau` only: what the rate is multiplied by at a milestone, or where evaluations get no better.
  public var factor: Double
  /// `plateau` only: evaluations in a row without a better one after which the rate falls; nil: 1.
  public var patience: Int?

  /// With a run file's defaults.
  public init(
    base: Double = 0.1, scaling: Scaling = .none, baseBatch: Int, schedule: Schedule = .constant,
    warmUpEpochs: Double = 0, milestones: [Double] = [], factor: Double = 0.1
  ) {
    self.base = base
    self.scaling = scaling
    self.baseBatch = baseBatch
    self.schedule = schedule
    self.warmUpEpochs = warmUpEpochs
    self.milestones = milestones
    self.factor = factor
  }
}

extension LearningRateConfiguration {
  /// The rate after scaling and before its schedule: `base` · k, `base` · √k or `base`, with k = global batch ÷ base batch.
  public func scaledRate(globalBatch: Int) -> Double {
    base * scaling.factor(Double(globalBatch) / Double(baseBatch))
  }
}

extension LearningRateConfiguration.Scaling {
  /// What a rate is multiplied by where the batch is so many times as large.
  package func factor(_ ratio: Double) -> Double {
    switch self {
    case .none: 1
    case .linear: ratio
    case .squareRoot: ratio.squareRoot()
    }
  }
}

enum LearningRateKey: String, SectionKey {
  case base, scaling, baseBatch, schedule, warmUpEpochs, milestones, factor, patience
}

extension LearningRateConfiguration {
  /// - Parameters:
  ///   - globalBatch: `baseBatch` where the file gives none and nothing is scaled.
  ///   - needsBaseBatch: true where a study scales and gives no base batch in another way.
  ///   - usual: `base` where the file gives none.
  init(_ section: Section<LearningRateKey>, globalBatch: Int, needsBaseBatch: Bool, usual: Double) throws {
    self.init(base: usual, baseBatch: globalBatch)
    base = try section[.base]?.number(.positive) ?? base
    scaling = try section[.scaling]?.choice() ?? scaling
    schedule = try section[.schedule]?.choice() ?? schedule
    warmUpEpochs = try section[.warmUpEpochs]?.number(.epochs) ?? warmUpEpochs
    factor = try section[.factor]?.number(.positive) ?? factor
    // A rate that says that it does not scale needs none, whatever others do.
    try readBaseBatch(section, isNeeded: section[.scaling] == nil ? needsBaseBatch : scaling != .none)
    try readMilestones(section)
    if schedule != .plateau {
      let because = "\(section.node.pathOf("schedule")) \(schedule.rawValue)"
      try section.refuse(.patience, unless: "plateau", because: because)
    }
    patience = try section[.patience]?.whole()
  }

  /// A rate that is scaled relative to its own batch is not scaled at all: then the file must say the batch.
  private mutating func readBaseBatch(_ section: Section<LearningRateKey>, isNeeded: Bool) throws {
    if let node = section[.baseBatch] {
      baseBatch = try node.whole()
    } else if isNeeded {
      throw (section[.scaling] ?? section.node).error(
        "missing key '\(section.node.pathOf("baseBatch"))': a rate that scales needs the global batch at which 'base' "
          + "is right")
    }
  }

  private mutating func readMilestones(_ section: Section<LearningRateKey>) throws {
    if schedule != .steps {
      let because = "\(section.node.pathOf("schedule")) \(schedule.rawValue)"
      try section.refuse(.milestones, unless: "steps", because: because)
      if schedule != .plateau { try section.refuse(.factor, unless: "steps or plateau", because: because) }
      guard section[.milestones]?.items?.isEmpty == false else { return }
    }
    let node = try section.required(.milestones)
    milestones = try node.list(example: "[30, 60]") { try $0.number(.milestone) }
    guard zip(milestones, milestones.dropFirst()).allSatisfy(<) else {
      throw node.error("\(node.path) must rise from one to the next")
    }
  }
}

extension NumberRule {
  private static let mostEpochs = Double(ConfigurationNode.counts.upperBound)
  static let epochs = range(0...mostEpochs)
  fileprivate static let milestone = NumberRule(words: "more than 0 and at most \(Int(mostEpochs))") {
    $0 > 0 && $0 <= mostEpochs
  }
}

/// The rule by which dense weights follow gradients: the section `optimizer`.
public struct OptimizerConfiguration: Encodable, Equatable, Sendable {
  /// The rules.
  public enum Kind: String, Encodable, CaseIterable, Sendable { case sgd, lars, adam, adamw, lamb }
  /// The rule.
  public var kind: Kind
  /// SGD and LARS only, in 0 ≤ m < 1.
  public var momentum: Double
  /// SGD only.
  public var nesterov: Bool
  /// LARS only: how far an array of weights moves, as a share of its norm, at a rate of 1. Nil in other rules: what was
  /// stored before there was LARS stays as it was.
  public var trust: Double?
  /// LARS only: what the norm of weights is divided by; nil: `normOfSum`.
  public var denominator: Denominator?
  /// LAMB only: the least and the largest that an array's norm counts as, φ's bounds γₗ and γᵤ; nil: no bound.
  public var weightNormAtLeast: Double?
  /// The largest; see `weightNormAtLeast`.
  public var weightNormAtMost: Double?
  /// Adam, AdamW and LAMB only.
  public var beta1: Double
  /// Decay of the mean square, in 0 ≤ β < 1.
  public var beta2: Double
  /// Added to the divisor, more than 0.
  public var epsilon: Double
  /// L2 in SGD, LARS and Adam (added to the gradient), decoupled in AdamW, added to the step before its norm in LAMB.
  public var weightDecay: Double
  /// Clip the global gradient norm to this, after averaging.
  public var clipNorm: Double?
  /// What momentum and betas keep the half-life of: nil: the number of updates, whatever their batch.
  public var halfLife: HalfLife?
  /// Steps follow the gradient at weights that were moved uphill first; nil: at the weights themselves.
  public var sharpnessAware: SharpnessAware?

  /// In what an average of gradients forgets at the same pace at every batch.
  public enum HalfLife: String, Encodable, CaseIterable, Sendable {
    /// β in every update.
    case updates
    /// β^(samples of the update ÷ base batch): as many samples, which is fewer updates of a larger batch (arXiv 2507.07101).
    case samples
  }

  /// The two denominators of LARS, of a gradient g and weights w with decay β.
  public enum Denominator: String, Encodable, CaseIterable, Sendable {
    /// ‖g + β · w‖, as in SimCLR's optimiser (Chen et al. 2020).
    case normOfSum
    /// ‖g‖ + β · ‖w‖, as in the paper (You, Gitman and Ginsburg 2017).
    case sumOfNorms
  }

  /// SimCLR's.
  public static let usualTrust = 0.001

  /// With a run file's defaults.
  public init(
    kind: Kind = .sgd, momentum: Double = 0.9, nesterov: Bool = false, trust: Double? = nil, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0, clipNorm: Double? = nil
  ) {
    self.kind = kind
    self.momentum = momentum
    self.nesterov = nesterov
    self.trust = trust
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
  }
}

extension OptimizerConfiguration.Kind {
  /// It keeps a mean and a mean square of each gradient.
  fileprivate var hasMoments: Bool {
    switch self {
    case .sgd, .lars: false
    case .adam, .adamw, .lamb: true
    }
  }
}

enum OptimizerKey: String, SectionKey {
  case kind, momentum, nesterov, trust, denominator, beta1, beta2, epsilon, weightNormAtLeast, weightNormAtMost,
    weightDecay, clipNorm, halfLife, sharpnessAware
}

extension OptimizerConfiguration {
  init(_ section: Section<OptimizerKey>) throws {
    self.init()
    kind = try section[.kind]?.choice() ?? kind
    let because = "\(section.node.pathOf("kind")) \(kind.rawValue)"
    if kind != .sgd { try section.refuse(.nesterov, unless: "sgd", because: because) }
    if kind != .lars { try section.refuse(.trust, .denominator, unless: "lars", because: because) }
    if kind != .lamb {
      try section.refuse(.weightNormAtLeast, .weightNormAtMost, unless: "lamb", because: because)
    }
    if kind.hasMoments {
      try section.refuse(.momentum, unless: "sgd or lars", because: because)
    } else {
      try section.refuse(.beta1, .beta2, .epsilon, unless: "adam, adamw or lamb", because: because)
    }
    momentum = try section[.momentum]?.number(.belowOne) ?? momentum
    nesterov = try section[.nesterov]?.flag() ?? nesterov
    if kind == .lars { trust = try section[.trust]?.number(.positive) ?? Self.usualTrust }
    denominator = try section[.denominator]?.choice()
    try readNormBounds(section)
    beta1 = try section[.beta1]?.number(.belowOne) ?? beta1
    beta2 = try section[.beta2]?.number(.belowOne) ?? beta2
    epsilon = try section[.epsilon]?.number(.positive) ?? epsilon
    weightDecay = try section[.weightDecay]?.number(.notNegative) ?? weightDecay
    clipNorm = try section.optional(.clipNorm)?.number(.positive)
    if try section[.halfLife]?.choice(HalfLife.self) == .samples { halfLife = .samples }
    sharpnessAware = try section.optional(.sharpnessAware).map { try SharpnessAware(try Section($0)) }
    if nesterov, momentum == 0, let node = section[.nesterov] {
      throw node.error("\(node.path) is true, but there is no momentum to look ahead along: set momentum above 0")
    }
  }

  private mutating func readNormBounds(_ section: Section<OptimizerKey>) throws {
    weightNormAtLeast = try section.optional(.weightNormAtLeast)?.number(.notNegative)
    weightNormAtMost = try section.optional(.weightNormAtMost)?.number(.positive)
    guard let least = weightNormAtLeast, let most = weightNormAtMost, least > most,
      let node = section[.weightNormAtLeast]
    else { return }
    throw node.error("\(node.path) is \(least), more than weightNormAtMost, \(most)")
  }
}

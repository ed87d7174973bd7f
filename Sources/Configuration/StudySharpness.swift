/// What a study says of the loss around each trial's final weights: the section `sharpness`.
public struct StudySharpness: Encodable, Equatable, Sendable {
  /// Keskar's ε; the first one's φ are measures.
  public var epsilon: [Double]
  /// Directions of the random subspace; 0 for none.
  public var subspace: Int
  /// Of L-BFGS-B, and steps of the other searches.
  public var iterations: Int
  /// Radius of adaptive sharpness; 0 leaves it out.
  public var rho: Double
  /// Products with the Hessian, at most; 0 leaves its eigenvalue out.
  public var hessianIterations: Int
  /// What batch norm takes.
  public var statistics: BatchNormStatistics
  /// Samples whose statistics are taken together, at most.
  public var batch: Int
  /// Of directions and of the order of samples: the same for all trials, which are compared.
  public var seed: UInt64

  /// Samples of a batch in the code of Keskar et al.
  public static let usualBatch = 5000

  /// With a study file's defaults.
  public init(
    epsilon: [Double] = [1e-3, 5e-4], subspace: Int = 100, iterations: Int = 10, rho: Double = 0.5,
    hessianIterations: Int = 20, statistics: BatchNormStatistics = .batch, batch: Int = Self.usualBatch,
    seed: UInt64 = 0
  ) {
    self.epsilon = epsilon
    self.subspace = subspace
    self.iterations = iterations
    self.rho = rho
    self.hessianIterations = hessianIterations
    self.statistics = statistics
    self.batch = batch
    self.seed = seed
  }

  /// Ranges of the numbers, for files and flags alike.
  package static let directions = 0...100_000
  /// Iterations of a search for a maximum.
  package static let steps = 1...10_000
  /// Products with the Hessian.
  package static let products = 0...10_000
  /// Samples of one compute call.
  package static let batches = 1...1 << 20
}

enum SharpnessKey: String, SectionKey {
  case epsilon, subspace, iterations, rho, hessianIterations, statistics, batch, seed
}

extension StudySharpness {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<SharpnessKey>(node)
    self.init()
    epsilon = try section[.epsilon]?.axis(example: "[0.001, 0.0005]") { try $0.number(.share) } ?? epsilon
    subspace = try section[.subspace]?.whole(in: Self.directions) ?? subspace
    iterations = try section[.iterations]?.whole(in: Self.steps) ?? iterations
    rho = try section[.rho]?.number(.range(0...1000)) ?? rho
    hessianIterations = try section[.hessianIterations]?.whole(in: Self.products) ?? hessianIterations
    statistics = try section[.statistics]?.choice() ?? statistics
    batch = try section[.batch]?.whole(in: Self.batches) ?? batch
    seed = try section[.seed]?.seed() ?? seed
  }
}

extension NumberRule {
  fileprivate static let share = NumberRule(words: "more than 0 and at most 1000") { $0 > 0 && $0 <= 1000 }
}

import Configuration

/// What is asked of the loss around a point.
public struct SharpnessQuestion: Equatable, Sendable {
  /// Keskar's ε, each with a φ of its own in each space.
  public var epsilons: [Double]
  /// Directions of the random subspace; 0 for none.
  public var subspace: Int
  /// Whether φ is looked for in the whole space as well.
  public var wholeSpace: Bool
  /// Of L-BFGS-B, of the ascent by signs and of adaptive sharpness.
  public var iterations: Int
  /// The radius of adaptive sharpness; 0 leaves it out.
  public var rho: Double
  /// Products with the Hessian, at most; 0 leaves the eigenvalue out.
  public var hessianIterations: Int
  /// Of the subspace, of the power iteration's first direction, of the order of samples.
  public var seed: UInt64

  /// Keskar's, ASAM's radius, and enough for an eigenvalue to two or three digits.
  public init(
    epsilons: [Double] = [1e-3, 5e-4], subspace: Int = 100, wholeSpace: Bool = true, iterations: Int = 10,
    rho: Double = 0.5, hessianIterations: Int = 20, seed: UInt64 = 0
  ) {
    self.epsilons = epsilons
    self.subspace = subspace
    self.wholeSpace = wholeSpace
    self.iterations = iterations
    self.rho = rho
    self.hessianIterations = hessianIterations
    self.seed = seed
  }

  /// A study's, of so many weights: a subspace has no more directions than there are.
  public init(_ study: StudySharpness, weights: Int) {
    self.init(
      epsilons: study.epsilon, subspace: min(study.subspace, weights), iterations: study.iterations, rho: study.rho,
      hessianIterations: study.hessianIterations, seed: study.seed)
  }
}

/// How much a function can grow near a point: Metric 2.1 of Keskar, Mudigere, Nocedal, Smelyanskiy and Tang, "On
/// large-batch training for deep learning: generalization gap and sharp minima" (ICLR 2017).
///
/// φ(ε, A) = 100 · (max over y in C_ε of f(x + A y) − f(x)) ÷ (1 + f(x)), with
/// C_ε = { y : |y_i| ≤ ε (|(A⁺ x)_i| + 1) }; A is the identity or a random matrix (`RandomSubspace`).
///
/// The maximum is looked for from y = 0; a point with a gradient of exactly 0 has no way to go, and the search then begins at
/// a random point of the box. What is found is a lower bound of φ, whatever the method.
public struct KeskarSharpness: Encodable, Equatable, Sendable {
  /// Columns of A; nil where A is the identity.
  public var dimensions: Int?
  /// Half the box's width, at a weight of 0.
  public var epsilon: Double
  /// By L-BFGS-B; nil where a value in the box was not finite.
  public var phi: Double?
  /// Steps that it finished.
  public var iterations: Int
  /// Values and gradients that it computed, f(x) among them.
  public var evaluations: Int
  /// Why it ended before its last iteration.
  public var end: Ascent.End?
  /// By projected ascent with the gradient's signs, in as many steps; nil as above.
  public var phiBySigns: Double?
  /// Steps that it finished.
  public var signSteps: Int
  /// Why it ended before its last step.
  public var signEnd: Ascent.End?
  /// Whether the gradient at x is exactly 0, and both began elsewhere.
  public var beganElsewhere: Bool?

  package init(
    dimensions: Int? = nil, epsilon: Double, phi: Double?, iterations: Int, evaluations: Int, end: Ascent.End? = nil,
    phiBySigns: Double?, signSteps: Int, signEnd: Ascent.End? = nil, beganElsewhere: Bool? = nil
  ) {
    self.dimensions = dimensions
    self.epsilon = epsilon
    (self.phi, self.iterations, self.evaluations, self.end) = (phi, iterations, evaluations, end)
    (self.phiBySigns, self.signSteps, self.signEnd) = (phiBySigns, signSteps, signEnd)
    self.beganElsewhere = beganElsewhere
  }
}

extension KeskarSharpness {
  /// Where the maximum is looked for: everywhere around x, or in a subspace, beside A⁺ x.
  enum Region {
    case whole
    case subspace(RandomSubspace, seen: [Double])

    init(_ subspace: RandomSubspace, of x: [Double]) { self = .subspace(subspace, seen: subspace.pseudoInverse(x)) }
  }

  /// - Parameter iterations: of L-BFGS-B, and steps by signs: the paper has 10.
  static func measure(
    _ function: any DifferentiableFunction, at x: [Double], in region: Region, epsilon: Double, iterations: Int,
    seed: UInt64
  ) throws -> KeskarSharpness {
    switch region {
    case .whole:
      try measure(Displaced(function, around: x), Box(around: x, epsilon), epsilon, nil, iterations, seed)
    case .subspace(let subspace, let seen):
      try measure(
        InSubspace(function, around: x, subspace), Box(around: seen, epsilon), epsilon, subspace.dimensions, iterations,
        seed)
    }
  }

  private static func measure(
    _ function: some DifferentiableFunction, _ box: Box, _ epsilon: Double, _ dimensions: Int?, _ iterations: Int,
    _ seed: UInt64
  ) throws -> KeskarSharpness {
    let (start, middle) = try box.start(function, seed: seed)
    let newton = try BoundedQuasiNewton(box: box, iterations: iterations)
      .maximum(of: function, from: start, middle: middle)
    let signs = try SignAscent(box: box, steps: iterations).maximum(of: function, from: start, middle: middle)
    return KeskarSharpness(
      dimensions: dimensions, epsilon: epsilon, phi: newton.relativeGrowth, iterations: newton.iterations,
      evaluations: newton.evaluations, end: newton.end, phiBySigns: signs.relativeGrowth, signSteps: signs.iterations,
      signEnd: signs.end, beganElsewhere: start.isDrawn ? true : nil)
  }
}

extension Box {
  fileprivate init(around x: [Double], _ epsilon: Double) {
    self.init(halfWidths: x.map { epsilon * (abs($0) + 1) })
  }
}

extension Ascent {
  /// 100 · (maximum − start) ÷ (1 + start); nil where a value was not finite, for then nobody knows the maximum.
  var relativeGrowth: Double? {
    guard end != .notFinite else { return nil }
    let growth = 100 * (maximum - start) / (1 + start)
    return growth.isFinite ? growth : nil
  }
}

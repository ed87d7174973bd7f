import CVectorMath

/// One optimiser's update of 16 weights, lane by lane: no lane knows another.
protocol RowRule {
  /// Numbers remembered for each weight: 0, 1 or 2.
  static var stateCount: Int { get }

  /// Arrays that the rule does not have come and go as zeros.
  func update(
    _ weight: inout SIMD16<Float>, _ first: inout SIMD16<Float>, _ second: inout SIMD16<Float>,
    gradient: SIMD16<Float>)
}

extension RowLoops {
  /// w ← w − rate · g.
  public struct Descent: RowRule, Sendable {
    static let stateCount = 0
    let learningRate: Float

    /// α, for this update.
    public init(learningRate: Float) { self.learningRate = learningRate }

    @inline(__always)
    func update(
      _ weight: inout SIMD16<Float>, _: inout SIMD16<Float>, _: inout SIMD16<Float>, gradient: SIMD16<Float>
    ) {
      weight.addProduct(SIMD16(repeating: -learningRate), gradient)
    }
  }

  /// h ← h + g²; w ← w − rate · g / (√h + ε). Duchi, Hazan and Singer 2011, with epsilon where PyTorch has it.
  public struct Adagrad: RowRule, Sendable {
    static let stateCount = 1
    let learningRate: Float
    let epsilon: Float

    /// The rate for this update, and ε, which is added to the root.
    public init(learningRate: Float, epsilon: Float) {
      self.learningRate = learningRate
      self.epsilon = epsilon
    }

    @inline(__always)
    func update(
      _ weight: inout SIMD16<Float>, _ sum: inout SIMD16<Float>, _: inout SIMD16<Float>, gradient: SIMD16<Float>
    ) {
      sum.addProduct(gradient, gradient)
      weight -= learningRate * gradient / (squareRoot(sum) + epsilon)
    }
  }

  /// m ← m + (1 − β₁)(g − m); v ← β₂ v + (1 − β₂) g²; w ← w − step · m / (factor · √v + ε). Kingma and Ba 2015.
  public struct Adam: RowRule, Sendable {
    static let stateCount = 2
    let stepSize: Float
    let secondMomentFactor: Float
    let oneMinusBeta1: Float
    let beta2: Float
    let oneMinusBeta2: Float
    let epsilon: Float

    /// - Parameters:
    ///   - stepSize: the learning rate with the bias corrections that do not depend on the weight.
    ///   - secondMomentFactor: of √v beside epsilon.
    ///   - oneMinusBeta1: and `oneMinusBeta2`: from wider numbers than floats; 1 − Float(0.999) has lost five digits.
    public init(
      stepSize: Float, secondMomentFactor: Float, oneMinusBeta1: Float, beta2: Float, oneMinusBeta2: Float,
      epsilon: Float
    ) {
      self.stepSize = stepSize
      self.secondMomentFactor = secondMomentFactor
      self.oneMinusBeta1 = oneMinusBeta1
      self.beta2 = beta2
      self.oneMinusBeta2 = oneMinusBeta2
      self.epsilon = epsilon
    }

    @inline(__always)
    func update(
      _ weight: inout SIMD16<Float>, _ mean: inout SIMD16<Float>, _ square: inout SIMD16<Float>,
      gradient: SIMD16<Float>
    ) {
      mean.addProduct(SIMD16(repeating: oneMinusBeta1), gradient - mean)
      square = beta2 * square
      square.addProduct(oneMinusBeta2 * gradient, gradient)
      var scale = SIMD16<Float>(repeating: epsilon)
      scale.addProduct(SIMD16(repeating: secondMomentFactor), squareRoot(square))
      weight.addProduct(SIMD16(repeating: -stepSize), mean / scale)
    }
  }

  /// McMahan et al. 2013, algorithm 1: σ = (√(n + g²) − √n) / α; z ← z + g − σ w; n ← n + g²; w is 0 where |z| ≤ λ₁, and
  /// −(z − sign(z) λ₁) / ((β + √n) / α + λ₂) elsewhere.
  ///
  /// The paper's weights start at 0. Where they do not (embeddings must not), z starts as what gives the weight that is
  /// there, so that training goes on from it; for a weight of 0 that is 0.
  public struct FollowTheRegularizedLeader: RowRule, Sendable {
    static let stateCount = 2
    let inverseRate: Float
    let beta: Float
    let l1: Float
    let l2: Float
    /// n before the first gradient.
    let initialAccumulator: Float

    /// - Parameter learningRate: α.
    public init(learningRate: Float, beta: Float, l1: Float, l2: Float, initialAccumulator: Float) {
      inverseRate = 1 / learningRate
      self.beta = beta
      self.l1 = l1
      self.l2 = l2
      self.initialAccumulator = initialAccumulator
    }

    @inline(__always)
    func update(
      _ weight: inout SIMD16<Float>, _ linear: inout SIMD16<Float>, _ sum: inout SIMD16<Float>,
      gradient: SIMD16<Float>
    ) {
      let before = squareRoot(sum)
      let isNew = (linear .== SIMD16()) .& (sum .== SIMD16(repeating: initialAccumulator))
      linear.replace(with: -(weight * curvature(before) + copySign(l1, weight)), where: isNew)
      sum.addProduct(gradient, gradient)
      let after = squareRoot(sum)
      linear += gradient - inverseRate * (after - before) * weight
      let magnitude = linear.replacing(with: -linear, where: linear .< SIMD16())
      weight = -(linear - copySign(l1, linear)) / curvature(after)
      weight.replace(with: 0, where: magnitude .<= SIMD16(repeating: l1))
    }

    @inline(__always)
    private func curvature(_ root: SIMD16<Float>) -> SIMD16<Float> { (beta + root) * inverseRate + l2 }

    /// ±x with the sign of each lane; 0 where the lane is 0.
    @inline(__always)
    private func copySign(_ x: Float, _ signs: SIMD16<Float>) -> SIMD16<Float> {
      SIMD16<Float>().replacing(with: x, where: signs .> SIMD16()).replacing(with: -x, where: signs .< SIMD16())
    }
  }
}

@inline(__always)
func squareRoot(_ x: SIMD16<Float>) -> SIMD16<Float> {
  var result = SIMD16<Float>()
  for lane in 0..<16 { result[lane] = lockstep_sqrt(x[lane]) }
  return result
}
